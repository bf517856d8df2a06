"""Waits until something becomes true in a running server, without requiring it to be fast."""

from __future__ import annotations

import time
from collections.abc import Callable

SECONDS = 30.0


def eventually(holds: Callable[[], bool], seconds: float = SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not become true in time"
        time.sleep(0.05)
