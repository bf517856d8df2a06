"""Waiting for what a running server must come to, without asking it to be fast."""

from __future__ import annotations

import time
from collections.abc import Callable

SECONDS = 30.0


def eventually(holds: Callable[[], bool], seconds: float = SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.05)
