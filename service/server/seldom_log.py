"""Logs warnings about clients, each at most once a minute, so that an attack cannot fill the log."""

from __future__ import annotations

import time
from typing import Any

SECONDS_BETWEEN = 60.0


class SeldomLog:
    def __init__(self, log: Any) -> None:
        self._log = log
        self._due: dict[str, float] = {}
        self._skipped: dict[str, int] = {}

    def warn(self, message: str) -> None:
        now = time.monotonic()
        if now < self._due.get(message, 0.0):
            self._skipped[message] = self._skipped.get(message, 0) + 1
            return
        self._due[message] = now + SECONDS_BETWEEN
        more = self._skipped.pop(message, 0)
        self._log.warning(
            "%s%s", message, f" ({more} more since the last such line)" if more else ""
        )
