"""The clock, the ids and chance. The edge makes them and passes them in; code below the edge must not make its own."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Gives the present moment, with its time zone."""
NewId = Callable[[], str]
"""Gives a text that it has never given before."""


def utc_now() -> datetime:
    """The present moment, to the second: fractions would only make deadlines harder to read."""
    return datetime.now(UTC).replace(microsecond=0)


def new_uuid() -> str:
    return str(uuid.uuid4())


def random_number() -> float:
    """From 0 up to, but not including, 1. After a fork each process has its own numbers: Python seeds them again."""
    return random.random()  # noqa: S311 - nothing secret depends on it
