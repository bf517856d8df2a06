"""Rules from their files: conditions checked, consequences typed, texts' placeholders known."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from schemas.scalars import parse_moment
from service.language.check import check_condition
from service.language.model import ASKED, BLOCKED, Action, Contribution, Output, Rule
from service.language.problem import Problem, did_you_mean
from service.language.scope import AS_OF, GUARD_CLOSED, RULE_CLOSED, Finding, Scope
from service.language.source import Path, Source
from service.language.syntax import ALWAYS, And, Node, Not, Or
from service.language.values import WrongValueError, read_value

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
MAX_TREE_DEPTH = 12


@dataclass(slots=True)
class RuleReader:
    """Reads the rules of one file; `problems` grows as it goes."""

    source: Source
    scope: Scope
    outputs: Mapping[str, Output]
    actions: Mapping[str, Action]
    timezone: ZoneInfo
    problems: list[Problem] = field(default_factory=list)

    def read(self, entries: list[Mapping[str, Any]]) -> list[Rule]:
        rules = (self._rule(entry, ("rules", n)) for n, entry in enumerate(entries))
        return [rule for rule in rules if rule is not None]

    def _rule(self, entry: Mapping[str, Any], path: Path) -> Rule | None:
        before = len(self.problems)
        is_guard = BLOCKED in entry["then"]
        closed = GUARD_CLOSED if is_guard else RULE_CLOSED
        scope = Scope(self.scope.facts, self.outputs, closed, facts_file=self.scope.facts_file)
        when = read_condition(self.source, (*path, "when"), entry["when"], scope, self.problems)
        then = self._then(entry["then"], (*path, "then"))
        self._placeholders(entry["because"], (*path, "because"))
        start, end = self._effective(entry.get("effective", {}), (*path, "effective"))
        if when is None or len(self.problems) > before and _any_error(self.problems[before:]):
            return None
        place = self.source.problem((*path, "id"), "", "")
        return Rule(
            id=entry["id"],
            when=when,
            then=tuple(then),
            because=entry["because"],
            source=entry.get("source", {}),
            file=place.file,
            line=place.line,
            effective_from=start,
            effective_until=end,
        )

    def _report(self, path: Path, code: str, message: str, hint: str = "", *, key: bool = False) -> None:
        self.problems.append(self.source.problem(path, code, message, hint, key=key))

    def _then(self, then: Mapping[str, Any], path: Path) -> list[Contribution]:
        if not then:
            self._report(path, "empty-then", "this rule sets nothing")
        if BLOCKED in then and len(then) > 1:
            self._report(path, "guard-mixed", "a guard only blocks: set the other outputs in a rule of their own")
        contributions: list[Contribution] = []
        for name, raw in then.items():
            output = self.outputs.get(name)
            if output is None:
                hint = f"{did_you_mean(name, self.outputs)} outputs: {', '.join(self.outputs)}".strip()
                self._report((*path, name), "unknown-output", f"'{name}' is not an output of this pack", hint, key=True)
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
            return [Contribution(output.name, read_value(raw, output.type))]
        except WrongValueError as error:
            hint = did_you_mean(str(raw), output.type.values)
            self._report(path, "wrong-type", f"'{output.name}' takes {error}", hint)
            return []

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
        if self.actions[code].forbidden:
            instead = ", ".join(self.actions[code].instead)
            hint = f"lawful instead: {instead}" if instead else ""
            self._report(path, "forbidden-action", f"'{code}' is forbidden and can never be asked for", hint)
            return []
        return [Contribution(ASKED, code)]

    def _known_action(self, code: Any, path: Path) -> bool:
        if isinstance(code, str) and code in self.actions:
            return True
        self._report(path, "unknown-action", f"'{code}' is not an action of this pack", did_you_mean(str(code), self.actions))
        return False

    def _blocked(self, raw: Any, path: Path) -> list[Contribution]:
        contributions = []
        for position, item in enumerate(raw if isinstance(raw, list) else [raw]):
            place = (*path, position) if isinstance(raw, list) else path
            contributions += self._block(item if isinstance(item, dict) else {"action": item}, place)
        return contributions

    def _block(self, entry: Mapping[str, Any], path: Path) -> list[Contribution]:
        code = entry.get("action")
        for key in entry:
            if key not in ("action", "instead", "ground"):
                self._report((*path, key), "unknown-key", f"'{key}' is not a key that is known here", "keys: action, instead, ground", key=True)
        if not self._known_action(code, (*path, "action")):
            return []
        instead = entry.get("instead", [])
        instead = instead if isinstance(instead, list) else [instead]
        for position, other in enumerate(instead):
            place = (*path, "instead", position)
            if self._known_action(other, place) and self.actions[other].forbidden:
                self._report(place, "forbidden-action", f"'{other}' is forbidden too")
        ground = entry.get("ground", {})
        ground = {"*": ground} if isinstance(ground, str) else ground
        if not isinstance(ground, dict) or not all(isinstance(text, str) for text in ground.values()):
            self._report((*path, "ground"), "bad-value", "'ground' must be a text, or a text for each language")
            return []
        return [Contribution(BLOCKED, code, tuple(map(str, instead)), ground)]

    def _placeholders(self, because: Mapping[str, str], path: Path) -> None:
        known = [*self.scope.facts, *self.outputs, AS_OF]
        for language, text in because.items():
            place = (*path, language) if (*path, language) in self.source.nodes else path
            for match in PLACEHOLDER.finditer(text):
                if match.group(1) not in known:
                    hint = did_you_mean(match.group(1), known)
                    message = f"'{{{match.group(1)}}}' names neither a fact nor an output"
                    self.problems.append(self.source.problem_inside(place, *match.span(), "unknown-placeholder", message, hint))

    def _effective(self, entry: Mapping[str, str], path: Path) -> tuple[datetime | None, datetime | None]:
        moments: list[datetime | None] = []
        for key, name in (("from_", "from"), ("until", "until")):
            try:
                moments.append(parse_moment(entry[key], self.timezone) if key in entry else None)
            except ValueError:
                self._report((*path, name), "bad-date", f"'{entry[key]}' is not a date such as 2026-01-01, nor a date-time with offset")
                moments.append(None)
        start, end = moments
        if start and end and start >= end:
            self._report(path, "bad-date", "'until' must be later than 'from': the rule would never hold")
        return start, end


def _any_error(problems: list[Problem]) -> bool:
    return any(problem.severity == "error" for problem in problems)


def read_condition(source: Source, path: Path, raw: Any, scope: Scope, problems: list[Problem]) -> Node | None:
    """A condition as authors write it: text, or a tree of all / any / not. None when it has errors."""
    if raw == "always":
        return ALWAYS
    return _condition(source, path, raw, scope, problems, 0)


def _condition(source: Source, path: Path, raw: Any, scope: Scope, problems: list[Problem], level: int) -> Node | None:
    if isinstance(raw, str):
        return read_text(source, path, raw, scope, problems)
    if level > MAX_TREE_DEPTH:
        problems.append(source.problem(path, "condition-too-deep", f"all / any / not nest {MAX_TREE_DEPTH} levels deep at most"))
        return None
    if isinstance(raw, dict) and len(raw) == 1 and next(iter(raw)) in ("all", "any", "not"):
        key = next(iter(raw))
        if key == "not":
            inner = _condition(source, (*path, key), raw[key], scope, problems, level + 1)
            return Not(inner) if inner is not None else None
        return _tree(source, (*path, key), raw[key], scope, problems, level, And if key == "all" else Or)
    problems += _wrong_form(source, path, raw, problems)
    return None


def _tree(source: Source, path: Path, raw: Any, scope: Scope, problems: list[Problem], level: int, kind: type[And] | type[Or]) -> Node | None:
    if not isinstance(raw, list) or not raw:
        problems.append(source.problem(path, "condition-form", f"'{path[-1]}' needs a list of conditions"))
        return None
    parts = [_condition(source, (*path, n), part, scope, problems, level + 1) for n, part in enumerate(raw)]
    good = tuple(part for part in parts if part is not None)
    if len(good) < len(parts):
        return None
    return good[0] if len(good) == 1 else kind(good)


def _wrong_form(source: Source, path: Path, raw: Any, problems: list[Problem]) -> list[Problem]:
    here = source.problem(path, "condition-form", "a condition is a text, or all / any / not with conditions")
    if any(p.line == here.line and p.code.startswith("yaml-") for p in problems):
        return []  # a tag or alias was read as nothing, and is reported
    if isinstance(raw, bool | int | float):
        message = "this reads no fact, so it is the same for every incident"
        return [source.problem(path, "constant-condition", message, "a rule that always fires says so: when: always")]
    hint = ""
    if isinstance(raw, dict) and any("?" in key for key in raw):
        hint = "YAML read the ':' of a ? b : c as a key: put the whole condition in quotes"
    elif isinstance(raw, dict) and len(raw) > 1:
        hint = "one of all, any, not at a time: put the others inside as list entries"
    elif isinstance(raw, list):
        hint = "say how the conditions are joined: all: or any:"
    return [source.problem(path, "condition-form", here.message, hint)]


def read_text(source: Source, path: Path, text: str, scope: Scope, problems: list[Problem]) -> Node | None:
    """One condition text, with the traps YAML lays for it reported."""
    trap = yaml_trap(source, path)
    if trap:
        problems.append(trap)
        return None
    node, findings = check_condition(text, scope)
    problems += [place_finding(source, path, finding) for finding in findings]
    return node


def place_finding(source: Source, path: Path, found: Finding) -> Problem:
    return source.problem_inside(path, found.start, found.end, found.code, found.message, found.hint, found.severity)


def yaml_trap(source: Source, path: Path, *, flow_too: bool = True) -> Problem | None:
    """A plain (unquoted) expression where YAML may have cut or split what its author typed.

    What YAML splits off the value of a derived fact is an unknown key, so there `flow_too` is off.
    """
    node = source.nodes[path]
    if node.style in ("'", '"', "|", ">"):
        return None
    if flow_too and path in source.in_flow:
        return source.problem(path, "quote-condition", "inside [ ] or { } a condition must be quoted", "YAML splits it at , [ ] { } and ':'")
    end = source.text.find("\n", node.end_mark.index)
    rest = source.text[node.end_mark.index : end if end >= 0 else None]
    if "#" in rest:
        return source.problem(
            path, "quote-condition", "YAML reads '#' and what follows as a comment, not as part of the condition",
            "quote the condition, or give the comment a line of its own",
        )
    return None


