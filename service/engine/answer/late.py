"""What texts call late. The JSON calls every passed deadline `overdue`; people read only of those that could have been kept."""

from __future__ import annotations

from datetime import datetime, timedelta

from schemas.strict_json import Json
from service.engine.answer.planning.next_hour import AT_ONCE, is_certain
from service.engine.judging.dates.spans import written

GRACE = timedelta(hours=1)
"""What is due at once is late so long after the moment from which it is due."""
_NO_TIME = frozenset({AT_ONCE, written(timedelta())})


def is_at_once(action: Json) -> bool:
    """Whether its deadline leaves no time: it is written as such, or as a span of zero."""
    return action["within"] in _NO_TIME


def is_late(action: Json, due: datetime | None, as_of: datetime) -> bool:
    """Whether an action of the plan should be done by now. What is done, or not yet certain, never is."""
    if due is None or action["done"] or not is_certain(action):
        return False
    return as_of - due > (GRACE if is_at_once(action) else timedelta())
