"""Rules from their files: conditions checked, consequences typed, texts' placeholders known."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from schemas.closest import did_you_mean
from schemas.scalars import parse_moment
from service.language.model import ASKED, BLOCKED, Action, Contribution, Output, Rule
from service.language.problem import Problem
from service.language.scope import AS_OF, GUARD_CLOSED, RULE_CLOSED, Scope
from service.language.source import Path, Source
from service.language.values import WrongValueError, read_value
from service.language.when import read_condition

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class RuleContext:
    """What the pack's declarations offer to rules."""

    scope: Scope
    outputs: Mapping[str, Output]
    actions: Mapping[str, Action]
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
        is_guard = BLOCKED in entry["then"]
        closed = GUARD_CLOSED if is_guard else RULE_CLOSED
        scope = Scope(
            self.context.scope.facts,
            self.context.outputs,
            closed,
            facts_file=self.context.scope.facts_file,
        )
        when = read_condition(self.source, (*path, "when"), entry["when"], scope, self.problems)
        then = self._then(entry["then"], (*path, "then"))
        self._placeholders(entry["because"], (*path, "because"))
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

    def _report(
        self, path: Path, code: str, message: str, hint: str = "", *, key: bool = False
    ) -> None:
        self.problems.append(self.source.problem(path, code, message, hint, key=key))

    def _then(self, then: Mapping[str, Any], path: Path) -> list[Contribution]:
        if not then:
            self._report(path, "empty-then", "this rule sets nothing")
        if BLOCKED in then and len(then) > 1:
            self._report(
                path,
                "guard-mixed",
                "a guard only blocks: set the other outputs in a rule of their own",
            )
        contributions: list[Contribution] = []
        for name, raw in then.items():
            output = self.context.outputs.get(name)
            if output is None:
                hint = f"{did_you_mean(name, self.context.outputs)} outputs: {', '.join(self.context.outputs)}".strip()
                self._report(
                    (*path, name),
                    "unknown-output",
                    f"'{name}' is not an output of this pack",
                    hint,
                    key=True,
                )
            elif name == BLOCKED:
                contributions += self._blocked(raw, (*path, name))
            elif output.hit == "collect":
                contributions += self._collected(output, raw, (*path, name))
            else:
                contributions += self._single(output, raw, (*path, name))
        return contributions

    def _single(self, output: Output, raw: Any, path: Path) -> list[Contribution]:
        if output.hit == "count" and raw is not True:
            self._report(path, "wrong-type", "count counts the rules that fire: write true")
            return []
        if output.hit == "count":
            return [Contribution(output.name, 1)]
        try:
            value = read_value(raw, output.type)
        except WrongValueError as error:
            hint = did_you_mean(str(raw), output.type.values)
            self._report(path, "wrong-type", f"'{output.name}' takes {error}", hint)
            return []
        if output.hit in ("unique", "any", "first") and not output.within_bounds(value):
            message = f"{value} lies outside the min and max of '{output.name}'"
            self._report(path, "outside-bounds", message)
        return [Contribution(output.name, value)]

    def _collected(self, output: Output, raw: Any, path: Path) -> list[Contribution]:
        contributions = []
        items = raw if isinstance(raw, list) else [raw]
        for position, item in enumerate(items):
            place = (*path, position) if isinstance(raw, list) else path
            if output.name == ASKED:
                contributions += self._asked(item, place)
                continue
            try:
                contributions.append(Contribution(output.name, read_value(item, output.type)))
            except WrongValueError as error:
                hint = did_you_mean(str(item), output.type.values)
                self._report(place, "wrong-type", f"'{output.name}' takes {error}", hint)
        return contributions

    def _asked(self, code: Any, path: Path) -> list[Contribution]:
        if not self._known_action(code, path):
            return []
        if self.context.actions[code].forbidden:
            instead = ", ".join(self.context.actions[code].instead)
            hint = f"lawful instead: {instead}" if instead else ""
            self._report(
                path, "forbidden-action", f"'{code}' is forbidden and can never be asked for", hint
            )
            return []
        return [Contribution(ASKED, code)]

    def _known_action(self, code: Any, path: Path) -> bool:
        if isinstance(code, str) and code in self.context.actions:
            return True
        self._report(
            path,
            "unknown-action",
            f"'{code}' is not an action of this pack",
            did_you_mean(str(code), self.context.actions),
        )
        return False

    def _blocked(self, raw: Any, path: Path) -> list[Contribution]:
        contributions = []
        for position, item in enumerate(raw if isinstance(raw, list) else [raw]):
            place = (*path, position) if isinstance(raw, list) else path
            contributions += self._block(
                item if isinstance(item, dict) else {"action": item}, place
            )
        return contributions

    def _block(self, entry: Mapping[str, Any], path: Path) -> list[Contribution]:
        code = entry.get("action")
        for key in entry:
            if key not in ("action", "instead", "ground"):
                self._report(
                    (*path, key),
                    "unknown-key",
                    f"'{key}' is not a key that is known here",
                    "keys: action, instead, ground",
                    key=True,
                )
        if not self._known_action(code, (*path, "action")):
            return []
        instead = entry.get("instead", [])
        instead = instead if isinstance(instead, list) else [instead]
        for position, other in enumerate(instead):
            place = (*path, "instead", position)
            if self._known_action(other, place) and self.context.actions[other].forbidden:
                self._report(place, "forbidden-action", f"'{other}' is forbidden too")
        ground = entry.get("ground", {})
        ground = {"*": ground} if isinstance(ground, str) else ground
        if not isinstance(ground, dict) or not all(
            isinstance(text, str) for text in ground.values()
        ):
            self._report(
                (*path, "ground"),
                "bad-value",
                "'ground' must be a text, or a text for each language",
            )
            return []
        return [Contribution(BLOCKED, code, tuple(map(str, instead)), ground)]

    def _placeholders(self, because: Mapping[str, str], path: Path) -> None:
        known = [*self.context.scope.facts, *self.context.outputs, AS_OF]
        for language, text in because.items():
            place = (*path, language) if (*path, language) in self.source.nodes else path
            for match in PLACEHOLDER.finditer(text):
                if match.group(1) not in known:
                    hint = did_you_mean(match.group(1), known)
                    message = f"'{{{match.group(1)}}}' names neither a fact nor an output"
                    self.problems.append(
                        self.source.problem_inside(
                            place, *match.span(), "unknown-placeholder", message, hint
                        )
                    )

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
