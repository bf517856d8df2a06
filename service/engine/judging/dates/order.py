"""The order in which actions are taken: by deadline, and never before what they come after."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from service.engine.judging.dates.spans import FAR
from service.language.model import Action


def in_order(
    codes: Sequence[str],
    actions: Mapping[str, Action],
    due: Mapping[str, datetime | None],
    conditional: Collection[str] = (),
) -> list[str]:
    """The codes by deadline, then in the catalogue's order; those that are only conditional come last.

    An action never stands before one that is in its `after`. `codes` must be in the catalogue's order.
    """
    waiting = sorted(codes, key=lambda code: (code in conditional, due[code] or FAR))
    left = set(waiting)
    before = {code: left.intersection(actions[code].after) for code in waiting}
    ordered: list[str] = []
    while waiting:
        ready = next(code for code in waiting if not before[code] or left.isdisjoint(before[code]))
        waiting.remove(ready)
        left.discard(ready)
        ordered.append(ready)
    return ordered
