"""What threads leave to the event loop: functions that it runs when it next turns."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from queue import Empty
from typing import Any

from gunicorn.workers.gthread import PollableMethodQueue

MOST_WAKES = 4096


class Deferred(PollableMethodQueue):
    """gunicorn's queue, except that a thread need not wake the event loop for each function.

    The loop runs all of them whenever it turns. `defer` wakes it, `leave` does not: each change of threads takes time.
    """

    def leave(self, function: Callable[..., None], *arguments: Any) -> None:
        self._queue.put(partial(function, *arguments))

    def wake(self) -> None:
        self.defer(_nothing)

    def run_callbacks(self, _fileobj: Any, max_callbacks: int = MOST_WAKES) -> None:
        """Empties the pipe. `run_all` runs the functions."""
        with suppress(OSError):
            os.read(self.fileno(), max_callbacks)

    def has_work(self) -> bool:
        return not self._queue.empty()

    def run_all(self) -> None:
        while True:
            try:
                function = self._queue.get_nowait()
            except Empty:
                return
            function()


def _nothing() -> None:
    """What wakes the event loop need do nothing."""
