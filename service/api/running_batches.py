"""The batches that run in this process: at most so many at once, and when the first of them should end. Threads share it."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

MOST_SECONDS = 60


@dataclass(eq=False)
class Progress:
    """`lines` is 0 until the lines are counted. `since` is when the first of them was begun."""

    lines: int = 0
    done: int = 0
    since: float = 0.0

    def seconds_left(self, now: float) -> float | None:
        """None if no line is done yet: nothing is known then."""
        return (now - self.since) / self.done * (self.lines - self.done) if self.done else None


class TooManyBatches(Exception):
    """As many batches run as may."""


@dataclass(eq=False)
class RunningBatches:
    most: int
    clock: Callable[[], float] = time.monotonic
    _running: list[Progress] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def one_more(self) -> Iterator[Progress]:
        """Raises TooManyBatches."""
        progress = Progress()
        with self._lock:
            if len(self._running) >= self.most:
                raise TooManyBatches
            self._running.append(progress)
        try:
            yield progress
        finally:
            with self._lock:
                self._running.remove(progress)

    def begin_lines(self, progress: Progress, lines: int) -> None:
        progress.lines, progress.since = lines, self.clock()

    def seconds_until_one_ends(self) -> int:
        """From 1 to MOST_SECONDS."""
        now = self.clock()
        with self._lock:
            left = [one.seconds_left(now) for one in self._running]
        first = min((seconds for seconds in left if seconds is not None), default=0.0)
        return max(1, min(MOST_SECONDS, math.ceil(first)))
