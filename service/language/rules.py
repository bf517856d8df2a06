"""Rules from their files: conditions checked, consequences typed, texts' placeholders known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from schemas.scalars import parse_moment
from schemas.vocabulary import Fact, Text
from service.language.consequences import ConsequenceReader
from service.language.model import BARRING, Action, Output, Rule
from service.language.placeholders import placeholder_problems
from service.language.problem import Problem
from service.language.scope import AS_OF, GUARD_CLOSED, RULE_CLOSED, Scope
from service.language.source import Path, Source
from service.language.when import read_condition


@dataclass(frozen=True, slots=True)
class RuleContext:
    """What the pack's declarations offer to rules."""

    scope: Scope
    posted: Mapping[str, Fact]
    outputs: Mapping[str, Output]
    actions: Mapping[str, Action]
    kinds: Mapping[str, Text]
    timezone: ZoneInfo


@dataclass(slots=True)
class RuleReader:
    """Reads the rules of one file; `problems` grows as it goes."""

    source: Source
    context: RuleContext
    problems: list[Problem] = field(default_factory=list)

    def read(self, entries: list[Mapping[str, Any]]) -> list[Rule]:
        rules = (self._rule(entry, ("rules", n)) for n, entry in enumerate(entries))
        return [rule for rule in rules if rule is not None]

    def _rule(self, entry: Mapping[str, Any], path: Path) -> Rule | None:
        before = len(self.problems)
        closed = RULE_CLOSED if entry["then"].keys().isdisjoint(BARRING) else GUARD_CLOSED
        scope = Scope(
            self.context.scope.facts,
            self.context.outputs,
            closed,
            facts_file=self.context.scope.facts_file,
        )
        when = read_condition(self.source, (*path, "when"), entry["when"], scope, self.problems)
        then = self._consequences().read(entry["then"], (*path, "then"))
        known = [*self.context.scope.facts, *self.context.outputs, AS_OF]
        self.problems += placeholder_problems(
            self.source, entry["because"], (*path, "because"), known
        )
        start, end = self._effective(entry.get("effective", {}), (*path, "effective"))
        if when is None or (len(self.problems) > before and _any_error(self.problems[before:])):
            return None
        place = self.source.problem((*path, "id"), "", "")
        return Rule(
            id=entry["id"],
            when=when,
            then=tuple(then),
            because=entry["because"],
            source=entry.get("source", {}),
            written=entry["when"],
            file=place.file,
            line=place.line,
            column=place.column,
            effective_from=start,
            effective_until=end,
        )

    def _consequences(self) -> ConsequenceReader:
        context = self.context
        return ConsequenceReader(
            self.source,
            context.scope.facts,
            context.posted,
            context.outputs,
            context.actions,
            context.kinds,
            self.problems,
        )

    def _report(
        self, path: Path, code: str, message: str, hint: str = "", *, key: bool = False
    ) -> None:
        self.problems.append(self.source.problem(path, code, message, hint, key=key))

    def _effective(
        self, entry: Mapping[str, str], path: Path
    ) -> tuple[datetime | None, datetime | None]:
        moments: list[datetime | None] = []
        for key, name in (("from_", "from"), ("until", "until")):
            try:
                moments.append(
                    parse_moment(entry[key], self.context.timezone) if key in entry else None
                )
            except ValueError:
                self._report(
                    (*path, name),
                    "bad-date",
                    f"'{entry[key]}' is not a date such as 2026-01-01, nor a date-time with offset",
                )
                moments.append(None)
        start, end = moments
        if start and end and start >= end:
            self._report(
                path, "bad-date", "'until' must be later than 'from': the rule would never hold"
            )
        return start, end


def _any_error(problems: list[Problem]) -> bool:
    return any(problem.severity == "error" for problem in problems)


def duplicate_rules(
    source: Source, entries: list[Mapping[str, Any]], seen: dict[str, str]
) -> list[Problem]:
    """A problem for each rule id that stands in `seen`, to which the others are added with their place."""
    problems = []
    for number, entry in enumerate(entries):
        name = entry["id"]
        place = source.problem(("rules", number, "id"), "duplicate-rule", "")
        if name in seen:
            message = f"the rule '{name}' stands at {seen[name]} already"
            problems.append(replace(place, message=message, hint="every rule has an id of its own"))
        seen.setdefault(name, f"{place.file}:{place.line}")
    return problems
