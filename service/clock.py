"""The clock, the ids and chance. The edge makes them and passes them in; code below the edge must not make its own."""

from __future__ import annotations

import os
import random
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Gives the present moment, with its time zone."""
NewId = Callable[[], str]
"""Gives a text that it has never given before."""
IDS_AT_ONCE = 256
"""So many ids are made of the random bytes of one system call: each call lets another thread take the interpreter."""
BYTES_OF_AN_ID = 16
_random_bytes: list[bytes] = []
os.register_at_fork(
    after_in_child=_random_bytes.clear
)  # else two processes would give the same ids


def utc_now() -> datetime:
    """The present moment, to the second: fractions would only make deadlines harder to read."""
    return datetime.now(UTC).replace(microsecond=0)


def new_uuid() -> str:
    try:
        random_bytes = _random_bytes.pop()
    except IndexError:
        random_bytes, *more = _blocks(os.urandom(BYTES_OF_AN_ID * IDS_AT_ONCE))
        _random_bytes.extend(more)
    return str(uuid.UUID(bytes=random_bytes, version=4))


def _blocks(data: bytes) -> list[bytes]:
    return [data[at : at + BYTES_OF_AN_ID] for at in range(0, len(data), BYTES_OF_AN_ID)]


def random_number() -> float:
    """From 0 up to, but not including, 1. After a fork each process has its own numbers: Python seeds them again."""
    return random.random()  # noqa: S311 - nothing secret depends on it
