"""What follows from a rule: its `then`, each value typed by its output, each action known to the catalogue."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from schemas.closest import did_you_mean
from schemas.pack_files import ANY_LANGUAGE
from schemas.vocabulary import Fact, Text
from service.language.conditions.scope import Scope
from service.language.declared.due import due_problems, read_due
from service.language.files.source import Path, Source
from service.language.files.values import WrongValueError, read_value
from service.language.model import (
    ASKED,
    BLOCKED,
    BLOCKING_OR_HOLDING,
    HELD,
    Action,
    ActionKind,
    Contribution,
    Output,
)
from service.language.problem import Problem

KEYS = {
    ASKED: ("action", "due"),
    BLOCKED: ("action", "kind", "instead", "ground"),
    HELD: ("action", "kind", "until", "ground"),
}
"""What an entry may say of an action, beside its bare code."""


@dataclass(frozen=True, slots=True)
class RuleContext:
    """What the pack's declarations offer to rules."""

    scope: Scope
    posted: Mapping[str, Fact]
    outputs: Mapping[str, Output]
    actions: Mapping[str, Action]
    kinds: Mapping[str, ActionKind]
    timezone: ZoneInfo


@dataclass(frozen=True, slots=True)
class ConsequenceReader:
    """Reads `then` in one file; what is wrong is added to `problems`."""

    source: Source
    context: RuleContext
    problems: list[Problem]

    def read(self, then: Mapping[str, Any], path: Path) -> list[Contribution]:
        if not then:
            self._report(path, "empty-then", "this rule sets nothing")
        for name, does in ((BLOCKED, "guard only blocks"), (HELD, "rule that holds only holds")):
            if name in then and len(then) > 1:
                message = f"a {does}: set the other outputs in a rule of their own"
                self._report(path, "guard-mixed", message)
                break
        return [
            contribution
            for name, raw in then.items()
            for contribution in self._output(name, raw, (*path, name))
        ]

    def _output(self, name: str, raw: Any, path: Path) -> list[Contribution]:
        output = self.context.outputs.get(name)
        if output is None:
            close = did_you_mean(name, self.context.outputs)
            hint = f"{close} outputs: {', '.join(self.context.outputs)}".strip()
            self._report(
                path, "unknown-output", f"'{name}' is not an output of this pack", hint, key=True
            )
            return []
        if name == ASKED:
            return self._each(raw, path, self._asked)
        if name in BLOCKING_OR_HOLDING:
            return self._each(raw, path, lambda item, place: self._barred(name, item, place))
        if output.policy.is_collected:
            return self._each(raw, path, lambda item, place: self._value(output, item, place))
        return self._single(output, raw, path)

    def _report(
        self, path: Path, code: str, message: str, hint: str = "", *, key: bool = False
    ) -> None:
        self.problems.append(self.source.problem(path, code, message, hint, key=key))

    def _each(
        self, raw: Any, path: Path, read: Callable[[Any, Path], list[Contribution]]
    ) -> list[Contribution]:
        if not isinstance(raw, list):
            return read(raw, path)
        return [given for n, item in enumerate(raw) for given in read(item, (*path, n))]

    def _single(self, output: Output, raw: Any, path: Path) -> list[Contribution]:
        if output.policy.counts_rules and raw is not True:
            self._report(path, "wrong-type", f"{output.hit} counts the rules that fire: write true")
            return []
        if output.policy.counts_rules:
            return [Contribution(output.name, 1)]
        given = self._value(output, raw, path)
        for one in given:
            if not output.policy.is_clamped and not output.within_bounds(one.value):
                message = f"{one.value} lies outside the min and max of '{output.name}'"
                self._report(path, "outside-bounds", message)
        return given

    def _value(self, output: Output, raw: Any, path: Path) -> list[Contribution]:
        try:
            return [Contribution(output.name, read_value(raw, output.type))]
        except WrongValueError as error:
            hint = did_you_mean(str(raw), output.type.values)
            self._report(path, "wrong-type", f"'{output.name}' takes {error}", hint)
            return []

    def _asked(self, raw: Any, path: Path) -> list[Contribution]:
        entry, place = self._entry(ASKED, raw, path)
        code = self._known_action(entry.get("action"), place)
        if code is None:
            return []
        if self.context.actions[code].forbidden:
            instead = ", ".join(self.context.actions[code].instead)
            hint = f"lawful instead: {instead}" if instead else ""
            message = f"'{code}' is forbidden and can never be asked for"
            self._report(place, "forbidden-action", message, hint)
            return []
        due = read_due(entry.get("due"), self.source, (*path, "due"), self.problems)
        self.problems.extend(
            due_problems(
                due, self.context.scope.facts, self.context.outputs, self.source, (*path, "due")
            )
        )
        return [Contribution(ASKED, code, due=due)]

    def _barred(self, output: str, raw: Any, path: Path) -> list[Contribution]:
        entry, place = self._entry(output, raw, path)
        kinds = _listed(entry.get("kind", []))
        codes = self._of_kinds(kinds, (*path, "kind")) if "kind" in entry else None
        if codes is None:
            code = self._known_action(entry.get("action"), place)
            codes = [] if code is None else [code]
        elif "action" in entry:
            self._report(path, "bad-value", "name either an action or a kind of actions")
        ground = self._ground(entry.get("ground", {}), (*path, "ground"))
        instead = self._instead(_listed(entry.get("instead", [])), (*path, "instead"))
        until = self._until(_listed(entry.get("until", [])), (*path, "until"))
        return [
            Contribution(
                output, code, instead=instead, until=until, ground=ground, kinds=tuple(kinds)
            )
            for code in codes
        ]

    def _entry(self, output: str, raw: Any, path: Path) -> tuple[Mapping[str, Any], Path]:
        """What is said of an action, and where its code stands."""
        if not isinstance(raw, dict):
            return {"action": raw}, path
        for key in raw:
            if key not in KEYS[output]:
                message = f"'{key}' is not a key that is known here"
                hint = f"keys: {', '.join(KEYS[output])}"
                self._report((*path, key), "unknown-key", message, hint, key=True)
        return raw, (*path, "action")

    def _known_action(self, code: Any, path: Path) -> str | None:
        if isinstance(code, str) and code in self.context.actions:
            return code
        message = f"'{code}' is not an action of this pack"
        self._report(path, "unknown-action", message, did_you_mean(str(code), self.context.actions))
        return None

    def _of_kinds(self, kinds: list[Any], path: Path) -> list[str]:
        """The actions of these kinds that can be asked for, in the catalogue's order."""
        for kind in kinds:
            if not isinstance(kind, str) or kind not in self.context.kinds:
                message = f"'{kind}' is not a kind of action of this pack"
                self._report(
                    path, "unknown-kind", message, did_you_mean(str(kind), self.context.kinds)
                )
        return [
            code
            for code, action in self.context.actions.items()
            if action.kind in kinds and not action.forbidden
        ]

    def _instead(self, raw: list[Any], path: Path) -> tuple[str, ...]:
        for position, other in enumerate(raw):
            place = (*path, position)
            code = self._known_action(other, place)
            if code is not None and self.context.actions[code].forbidden:
                self._report(place, "forbidden-action", f"'{other}' is forbidden too")
        return tuple(map(str, raw))

    def _until(self, raw: list[Any], path: Path) -> tuple[str, ...]:
        for position, name in enumerate(raw):
            if not isinstance(name, str) or name not in self.context.posted:
                message = f"'{name}' is not a fact that a caller can post"
                hint = did_you_mean(str(name), self.context.posted)
                self._report((*path, position), "unknown-fact", message, hint)
        return tuple(map(str, raw))

    def _ground(self, raw: Any, path: Path) -> Text:
        ground = {ANY_LANGUAGE: raw} if isinstance(raw, str) else raw
        if isinstance(ground, dict) and all(isinstance(text, str) for text in ground.values()):
            return ground
        message = "'ground' must be a text, or a text for each language"
        self._report(path, "bad-value", message)
        return {}


def _listed(raw: Any) -> list[Any]:
    return raw if isinstance(raw, list) else [raw]
