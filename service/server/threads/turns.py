"""Threads that judge requests in the order in which they came. One begins after the other, because they share one interpreter.

A request that takes long holds up no other: after SECONDS_OF_A_TURN the next one begins beside it, in another thread.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress

SECONDS_OF_A_TURN = 0.01
"""Most requests take less. Threads that begin at once would wait for the interpreter in turn, and that takes time of its own."""
SECONDS_OF_A_LOOK = 0.002
"""While work waits for a thread, the event loop looks no more often than this."""

Work = Callable[[], None]


class _Judge:
    """A thread, its work, and since when it does it. It rests while it has none, until another thread releases `rest`."""

    def __init__(self) -> None:
        self.work: Work | None = None
        self.began = 0.0
        self.rest = threading.Lock()
        self.rest.acquire()


class Turns:
    """At most `most` threads. Only the event loop's thread calls `submit` and `look`. Work that raises ends; its thread goes on.

    `rests` is called in a thread that has finished its work and gets no other. A turn lasts `seconds`.
    """

    def __init__(
        self, most: int, rests: Callable[[], None], seconds: float = SECONDS_OF_A_TURN
    ) -> None:
        self._most, self._rests, self._seconds = most, rests, seconds
        # Reentrant: a signal may call `shutdown` in the event loop's thread while that holds the lock.
        self._lock = threading.RLock()
        self._waiting: deque[Work] = deque()
        self._working: set[_Judge] = set()
        self._resting: list[_Judge] = []
        self._threads = 0
        self._ended = False

    def submit(self, work: Work) -> None:
        """Raises RuntimeError if there is no thread and none can be started."""
        self._waiting.append(work)
        self.look(time.monotonic())
        if not self._threads:
            self._waiting.remove(work)
            raise RuntimeError("no thread can be started")

    def look(self, now: float) -> float | None:
        """Begins the next work if its turn has come. Returns after how many seconds to look again; None if nothing waits."""
        with self._lock:
            left = self._seconds_left(now)
            if not self._waiting or left > 0 or len(self._working) == self._most:
                return max(left, SECONDS_OF_A_LOOK) if self._waiting else None
            rested = bool(self._resting)
            judge = self._resting.pop() if rested else _Judge()
            self._give(judge, now)
        if rested:
            judge.rest.release()
        else:
            self._start(judge)
        return self._seconds if self._waiting else None

    def shutdown(self, wait: bool = True) -> None:
        """Each thread ends with its present work. What waits is not begun. gunicorn calls this too, and never waits."""
        with self._lock:
            self._ended = True
            resting, self._resting = self._resting, []
        for judge in resting:
            judge.rest.release()

    def _seconds_left(self, now: float) -> float:
        """For how long the work that began last keeps its turn."""
        newest = max((one.began for one in self._working), default=now - self._seconds)
        return newest + self._seconds - now

    def _give(self, judge: _Judge, now: float) -> None:
        judge.work, judge.began = self._waiting.popleft(), now
        self._working.add(judge)

    def _start(self, judge: _Judge) -> None:
        """If no thread can start now, the work waits for another one."""
        thread = threading.Thread(target=self._run, args=[judge], name="tocsin-judge")
        try:
            thread.start()
            self._threads += 1
        except (RuntimeError, MemoryError):
            with self._lock:
                self._working.discard(judge)
                if judge.work is not None:
                    self._waiting.appendleft(judge.work)

    def _run(self, judge: _Judge) -> None:
        while judge.work is not None:
            with suppress(BaseException):
                judge.work()
            if not self._goes_on(judge):
                self._rests()
                judge.rest.acquire()

    def _goes_on(self, judge: _Judge) -> bool:
        """Whether the thread does not rest: it has got other work, or it ends."""
        now = time.monotonic()
        with self._lock:
            self._working.discard(judge)
            judge.work = None
            if self._ended:
                return True
            if self._waiting and self._seconds_left(now) <= 0:
                self._give(judge, now)
                return True
            self._resting.append(judge)
            return False
