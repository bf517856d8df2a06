"""When an action is due and in which order actions stand. Reads moments from facts, never a clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from service.engine.layout import AS_OF_SLOT, Layout
from service.engine.possible import Options
from service.engine.reference import Environment
from service.language.model import Action, Due

FAR = datetime.max.replace(tzinfo=UTC)


def due_at(
    action: Action, layout: Layout, environment: Environment, possible: Mapping[str, Any]
) -> datetime | None:
    """The deadline, in UTC. Where its output is still open, the earliest of those it can have."""
    due = action.due
    if due is None:
        return None
    known = (environment[layout.facts[name]] for name in due.start)
    start = next((moment for moment in known if moment is not None), environment[AS_OF_SLOT])
    try:
        return start + within(due, possible)  # type: ignore[no-any-return]
    except OverflowError:
        return FAR


def within(due: Due, possible: Mapping[str, Any]) -> timedelta:
    if due.by is None:
        return due.within or timedelta()
    value = possible[due.by]
    values = value.values if isinstance(value, Options) else (value,)
    return min(due.within_by[value] for value in values)


def in_order(
    codes: Sequence[str], actions: Mapping[str, Action], due: Mapping[str, datetime | None]
) -> list[str]:
    """Earliest deadline first, then the catalogue's order, but never before an action it comes `after`."""
    rank = {code: number for number, code in enumerate(actions)}
    waiting = sorted(codes, key=lambda code: (due[code] or FAR, rank[code]))
    ordered: list[str] = []
    while waiting:
        ready = next(
            code for code in waiting if not any(before in waiting for before in actions[code].after)
        )
        waiting.remove(ready)
        ordered.append(ready)
    return ordered
