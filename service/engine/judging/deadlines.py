"""When an action is due and in which order actions stand. Reads moments from facts, never a clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from service.engine.expressions.layout import Environment, Layout
from service.language.declared.open_values import Options
from service.language.model import Action, Due, Pack

FAR = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, eq=False)
class Deadline:
    """A `due` with the slots of the facts it counts from."""

    due: Due
    start: tuple[int, ...]

    def at(
        self, environment: Environment, can_be: Mapping[str, Any], asked_at: datetime
    ) -> datetime:
        """The moment, in UTC. Where its output is still open, the earliest of those it can have."""
        start = asked_at
        for slot in self.start:
            if environment[slot] is not None:
                start = environment[slot]
                break
        return later(start, within(self.due, can_be))


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Of the catalogue by code, and where a rule (position) that asks has one of its own, by both.

    `sooner` are the actions that some rule asks for by a time of its own.
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
        asked_at: datetime,
    ) -> datetime | None:
        """The earliest of those by which the rules want it that asked for it then."""
        usual = self.catalogue.get(code)
        if code not in self.sooner:
            return None if usual is None else usual.at(environment, can_be, asked_at)
        wanted = {self.asked.get((rule, code), usual) for rule in rules}
        moments = [one.at(environment, can_be, asked_at) for one in wanted if one is not None]
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
    return Deadline(due, tuple(layout.facts[name] for name in due.start))


def later(moment: datetime, span: timedelta) -> datetime:
    """Where that leads out of the calendar, its end."""
    try:
        return moment + span
    except OverflowError:
        return FAR


def within(due: Due, can_be: Mapping[str, Any]) -> timedelta:
    """The span; where its output is still open, the shortest of those it can be."""
    if due.by is None:
        return due.within or timedelta()
    value = can_be[due.by]
    if isinstance(value, Options):
        return min(due.within_by[option] for option in value.values)
    return due.within_by[value]


def in_order(
    codes: Sequence[str], actions: Mapping[str, Action], due: Mapping[str, datetime | None]
) -> list[str]:
    """Earliest deadline first, then the catalogue's order, but never before an action it comes `after`.

    `codes` are in the catalogue's order.
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
