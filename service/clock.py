"""The clock and the ids, made at the edge and passed in: nothing below reads either."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Gives aware moments."""
NewId = Callable[[], str]
"""Gives a text never given before."""


def utc_now() -> datetime:
    """To the second: finer, a deadline is only harder to read."""
    return datetime.now(UTC).replace(microsecond=0)


def new_uuid() -> str:
    return str(uuid.uuid4())
