"""Reads a rule's `then`. Checks each value against its output's type, and each action against the catalogue."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from schemas.closest import did_you_mean
from schemas.vocabulary import Fact
from service.language.collector import BoundValue
from service.language.conditions.scope import Scope
from service.language.declared.alternatives.grounds import read_ground, read_grounds_by_case
from service.language.declared.due import check_due, read_due
from service.language.files.values import WrongValueError, read_value
from service.language.model import (
    ASKED,
    BLOCKED,
    BLOCKING_OR_HOLDING,
    HELD,
    Action,
    ActionKind,
    Calendar,
    Contribution,
    Output,
)
from service.language.rules.opposites import are_opposites

KEYS = {
    ASKED: ("action", "due", "over"),
    BLOCKED: ("action", "kind", "instead", "ground", "by_case"),
    HELD: ("action", "kind", "until", "ground", "by_case"),
}
"""The keys of an entry. An entry can also be just the code of an action."""


@dataclass(frozen=True, slots=True)
class RuleContext:
    """The declarations of a pack that its rules can use."""

    scope: Scope
    posted: Mapping[str, Fact]
    outputs: Mapping[str, Output]
    actions: Mapping[str, Action]
    kinds: Mapping[str, ActionKind]
    timezone: ZoneInfo
    calendars: Mapping[str, Calendar]


@dataclass(frozen=True, slots=True)
class ConsequenceReader:
    """Reads `then` with the pack's declarations."""

    context: RuleContext

    def read(self, then: Mapping[str, Any], here: BoundValue) -> list[Contribution]:
        for name, rule in ((BLOCKED, "guard"), (HELD, "rule that holds")):
            if name in then and len(then) > 1:
                message = f"a {rule} can set only '{name}': set the other outputs in another rule"
                here.error("guard-mixed", message)
                break
        given = [
            contribution
            for name, raw in then.items()
            for contribution in self._output(name, raw, here.at(name))
        ]
        if not then or not (given or here.collector.has_errors()):
            here.error("empty-then", "this rule sets nothing")
        return given

    def _output(self, name: str, raw: Any, here: BoundValue) -> list[Contribution]:
        output = self.context.outputs.get(name)
        if output is None:
            close = did_you_mean(name, self.context.outputs)
            hint = f"{close} outputs: {', '.join(self.context.outputs)}".strip()
            here.key.error("unknown-output", f"'{name}' is not an output of this pack", hint)
            return []
        if raw == []:
            hint = f"write what the rule gives, or leave '{name}' out"
            here.error("empty-then", "an empty list sets nothing", hint)
        if name == ASKED:
            return _each(raw, here, self._asked)
        if name in BLOCKING_OR_HOLDING:
            return _each(raw, here, lambda item, at: self._blocked_or_held(name, item, at))
        if output.policy.is_collected:
            return _each(raw, here, lambda item, at: _value(output, item, at))
        return _single(output, raw, here)

    def _asked(self, raw: Any, here: BoundValue) -> list[Contribution]:
        entry, at = _entry(ASKED, raw, here)
        code = self._known_action(entry.get("action"), at)
        if code is None:
            return []
        if self.context.actions[code].forbidden:
            instead = ", ".join(self.context.actions[code].instead)
            hint = f"lawful alternatives: {instead}" if instead else ""
            message = f"'{code}' is forbidden: no rule can ask for it"
            at.error("forbidden-action", message, hint)
            return []
        due = read_due(entry.get("due"), here.at("due"))
        context = self.context
        check_due(due, context.scope.facts, context.outputs, context.calendars, here.at("due"))
        over = self._over(code, _listed(entry.get("over", [])), here.at("over"))
        return [Contribution(ASKED, code, due=due, over=over)]

    def _over(self, code: str, raw: list[Any], here: BoundValue) -> tuple[str, ...]:
        """The opposites over which a rule asks for an action. A legal duty is never left out for another action."""
        actions = self.context.actions
        for position, other in enumerate(raw):
            at = here.at(position)
            if self._known_action(other, at) is None:
                continue
            if not are_opposites(code, other, actions):
                message = f"'{code}' and '{other}' do not contradict each other"
                hint = f"actions.yaml: {code}: {{contradicts: [{other}]}}" if other != code else ""
                at.error("not-opposites", message, hint)
            elif actions[other].statutory and not actions[code].statutory:
                message = f"'{other}' is a legal duty: it cannot be left out for '{code}'"
                at.error("not-opposites", message, f"say that {other} wins")
        return tuple(map(str, raw))

    def _blocked_or_held(self, output: str, raw: Any, here: BoundValue) -> list[Contribution]:
        entry, at = _entry(output, raw, here)
        kinds = _listed(entry.get("kind", []))
        codes = self._of_kinds(kinds, here.at("kind")) if "kind" in entry else None
        if codes is None:
            code = self._known_action(entry.get("action"), at)
            codes = [] if code is None else [code]
        elif "action" in entry:
            here.error("bad-value", "name either an action or a kind of actions")
        ground = read_ground(entry.get("ground", {}), here.at("ground"))
        by_case = read_grounds_by_case(entry, self.context.scope, here)
        instead = self._instead(_listed(entry.get("instead", [])), here.at("instead"))
        until = self._until(_listed(entry.get("until", [])), here.at("until"))
        return [
            Contribution(
                output,
                code,
                instead=instead,
                until=until,
                ground=ground,
                kinds=tuple(kinds),
                by_case=by_case,
            )
            for code in codes
        ]

    def _known_action(self, code: Any, here: BoundValue) -> str | None:
        if isinstance(code, str) and code in self.context.actions:
            return code
        message = f"'{code}' is not an action of this pack"
        here.error("unknown-action", message, did_you_mean(str(code), self.context.actions))
        return None

    def _of_kinds(self, kinds: list[Any], here: BoundValue) -> list[str]:
        """The actions of these kinds that can be asked for, in the catalogue's order. There must be one."""
        for kind in kinds:
            if not isinstance(kind, str) or kind not in self.context.kinds:
                message = f"'{kind}' is not a kind of action of this pack"
                here.error("unknown-kind", message, did_you_mean(str(kind), self.context.kinds))
        found = [
            code
            for code, action in self.context.actions.items()
            if action.kind in kinds and not action.forbidden
        ]
        if not found and not here.collector.has_errors():  # such as an action's misspelt kind
            message = "this names no action that a rule can ask for"
            here.error("empty-then", message, "name a kind that such an action has, or an action")
        return found

    def _instead(self, raw: list[Any], here: BoundValue) -> tuple[str, ...]:
        for position, other in enumerate(raw):
            code = self._known_action(other, here.at(position))
            if code is not None and self.context.actions[code].forbidden:
                here.at(position).error("forbidden-action", f"'{other}' is a forbidden action")
        return tuple(map(str, raw))

    def _until(self, raw: list[Any], here: BoundValue) -> tuple[str, ...]:
        for position, name in enumerate(raw):
            if not isinstance(name, str) or name not in self.context.posted:
                message = f"'{name}' is not a fact that a caller can post"
                hint = did_you_mean(str(name), self.context.posted)
                here.at(position).error("unknown-fact", message, hint)
        return tuple(map(str, raw))


def _each(
    raw: Any, here: BoundValue, read: Callable[[Any, BoundValue], list[Contribution]]
) -> list[Contribution]:
    if not isinstance(raw, list):
        return read(raw, here)
    return [given for n, item in enumerate(raw) for given in read(item, here.at(n))]


def _single(output: Output, raw: Any, here: BoundValue) -> list[Contribution]:
    if output.policy.counts_rules and raw is not True:
        here.error("wrong-type", f"{output.hit} counts the rules that fire: write true")
        return []
    if output.policy.counts_rules:
        return [Contribution(output.name, 1)]
    given = _value(output, raw, here)
    for one in given:
        if not output.policy.is_clamped and not output.within_bounds(one.value):
            message = f"{one.value} lies outside the min and max of '{output.name}'"
            here.error("outside-bounds", message)
    return given


def _value(output: Output, raw: Any, here: BoundValue) -> list[Contribution]:
    try:
        return [Contribution(output.name, read_value(raw, output.type))]
    except WrongValueError as error:
        hint = did_you_mean(str(raw), output.type.values)
        here.error("wrong-type", f"'{output.name}' takes {error}", hint)
        return []


def _entry(output: str, raw: Any, here: BoundValue) -> tuple[Mapping[str, Any], BoundValue]:
    """The keys of an entry, and what is bound to the action's code."""
    if not isinstance(raw, dict):
        return {"action": raw}, here
    for key in raw:
        if key not in KEYS[output]:
            message = f"'{key}' is not a known key here"
            here.at(key).key.error("unknown-key", message, f"keys: {', '.join(KEYS[output])}")
    return raw, here.at("action")


def _listed(raw: Any) -> list[Any]:
    return raw if isinstance(raw, list) else [raw]
