"""What texts call late. The JSON calls every passed deadline `overdue`; people read only of those that could have been kept."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

GRACE = timedelta(hours=1)
"""What is due at once is late so long after the moment from which it is due."""


def is_late(due: datetime | None, as_of: datetime, starts: Collection[datetime]) -> bool:
    """`starts` are the known moments of the pack's clock: what is due at such a moment itself is due at once."""
    if due is None:
        return False
    return due + (GRACE if due in starts else timedelta()) < as_of
