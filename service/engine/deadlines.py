"""When an action is due and in which order actions stand. Reads moments from facts, never a clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from service.engine.layout import AS_OF_SLOT, Layout
from service.engine.possible import Options
from service.engine.reference import Environment
from service.language.model import Action, Due

FAR = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Deadline:
    """An action's `due` with the slots of the facts it counts from."""

    due: Due
    start: tuple[int, ...]

    def at(self, environment: Environment, possible: Mapping[str, Any]) -> datetime:
        """The moment, in UTC. Where its output is still open, the earliest of those it can have."""
        start = environment[AS_OF_SLOT]
        for slot in self.start:
            if environment[slot] is not None:
                start = environment[slot]
                break
        try:
            return start + within(self.due, possible)  # type: ignore[no-any-return]
        except OverflowError:
            return FAR


def compile_deadlines(actions: Mapping[str, Action], layout: Layout) -> dict[str, Deadline]:
    """Of the actions that have one."""
    return {
        code: Deadline(action.due, tuple(layout.facts[name] for name in action.due.start))
        for code, action in actions.items()
        if action.due is not None
    }


def within(due: Due, possible: Mapping[str, Any]) -> timedelta:
    if due.by is None:
        return due.within or timedelta()
    value = possible[due.by]
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
    ordered: list[str] = []
    while waiting:
        ready = next(code for code in waiting if left.isdisjoint(actions[code].after))
        waiting.remove(ready)
        left.discard(ready)
        ordered.append(ready)
    return ordered
