"""Computes when an action is due, and the order of actions. It takes moments from facts and the caller and must not read a clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from service.engine.expressions.layout import Environment, Layout
from service.language.declared.open_values import Options
from service.language.model import ASKED_AT, Action, Due, Pack

FAR = datetime.max.replace(tzinfo=UTC)


class Starts(NamedTuple):
    """The moments from which a deadline can be counted, besides those of facts.

    `asked` is when the action was first asked for, `otherwise` the start if no other is known. `again` comes before all
    others: something asked for the action again after it was done.
    """

    asked: datetime
    otherwise: datetime
    again: datetime | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Deadline:
    """A `due`, and the slots of the facts from which it is counted: the first known one is the start.

    `from_asked` says that it is counted from the moment of the first request for the action if none of them is known.
    """

    due: Due
    start: tuple[int, ...]
    from_asked: bool = False

    def at(self, environment: Environment, can_be: Mapping[str, Any], starts: Starts) -> datetime:
        """The deadline in UTC. If it depends on an open output, the earliest deadline that the output's values give."""
        return later(self._start(environment, starts), within(self.due, can_be))

    def _start(self, environment: Environment, starts: Starts) -> datetime:
        if starts.again is not None:
            return starts.again
        for slot in self.start:
            if environment[slot] is not None:
                start: datetime = environment[slot]
                return start
        return starts.asked if self.from_asked else starts.otherwise


@dataclass(frozen=True, slots=True)
class Deadlines:
    """`catalogue` has the usual deadline of an action by its code.

    `asked` has a rule's own deadline for an action, by the rule's position and the code; `sooner` are the actions in it.
    """

    catalogue: Mapping[str, Deadline]
    asked: Mapping[tuple[int, str], Deadline]
    sooner: frozenset[str]

    def of(
        self,
        code: str,
        rules: Sequence[int],
        environment: Environment,
        can_be: Mapping[str, Any],
        starts: Starts,
    ) -> datetime | None:
        """The earliest of these rules' deadlines for the action. A rule without its own uses the catalogue's; None if there is none."""
        usual = self.catalogue.get(code)
        if code not in self.sooner:
            return None if usual is None else usual.at(environment, can_be, starts)
        wanted = {self.asked.get((rule, code), usual) for rule in rules}
        moments = [one.at(environment, can_be, starts) for one in wanted if one is not None]
        return min(moments, default=None)


def compile_deadlines(pack: Pack, layout: Layout) -> Deadlines:
    asked = {
        (position, given.value): _deadline(given.due, layout)
        for position, rule in enumerate(pack.rules)
        for given in rule.then
        if given.due is not None
    }
    return Deadlines(
        {
            code: _deadline(action.due, layout)
            for code, action in pack.actions.items()
            if action.due is not None
        },
        asked,
        frozenset(code for _, code in asked),
    )


def _deadline(due: Due, layout: Layout) -> Deadline:
    start = tuple(layout.facts[name] for name in due.start if name != ASKED_AT)
    return Deadline(due, start, from_asked=ASKED_AT in due.start)


def later(moment: datetime, span: timedelta) -> datetime:
    """The moment after this span, or the last moment of the calendar if that is earlier."""
    try:
        return moment + span
    except OverflowError:
        return FAR


def within(due: Due, can_be: Mapping[str, Any]) -> timedelta:
    """The span of time. If it depends on an open output, the shortest span that the output's values give."""
    if due.by is None:
        return due.within or timedelta()
    value = can_be[due.by]
    if isinstance(value, Options):
        return min(_of_value(due, option) for option in value.values)
    return _of_value(due, value)


def _of_value(due: Due, value: Any) -> timedelta:
    """The span for this value of the output. A value below the scale for which none is written has the longest."""
    span = due.within_by.get(value)
    return max(due.within_by.values()) if span is None else span


def in_order(
    codes: Sequence[str], actions: Mapping[str, Action], due: Mapping[str, datetime | None]
) -> list[str]:
    """The codes by deadline, then in the catalogue's order. An action never stands before one that is in its `after`.

    `codes` must be in the catalogue's order.
    """
    waiting = sorted(codes, key=lambda code: due[code] or FAR)
    left = set(waiting)
    before = {code: left.intersection(actions[code].after) for code in waiting}
    ordered: list[str] = []
    while waiting:
        ready = next(code for code in waiting if not before[code] or left.isdisjoint(before[code]))
        waiting.remove(ready)
        left.discard(ready)
        ordered.append(ready)
    return ordered
