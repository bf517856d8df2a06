"""Lets a pack be loaded beside requests: they share one interpreter, and none should wait long for it.

It changes only how the interpreter shares its time and collects garbage; it must not load anything.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

SECONDS_AT_A_TIME = 0.0005
"""So long a thread has the interpreter while others want it. A request wants it several times; by default each takes 5 ms."""
NEVER = 2**31 - 1
LOADS_BETWEEN_COLLECTIONS = 20
"""A replaced pack leaves a few thousand objects that only a full collection finds. With these it leaves some megabytes."""


class BesideRequests:
    """A full collection looks at every object, for 0.1 to 0.3 seconds, and stops all threads. While a pack is loaded there is none.

    What was loaded is then left out of collections for good: it is needed until the pack is replaced, and most of it goes
    without them. Only each LOADS_BETWEEN_COLLECTIONS-th load ends with a full collection.
    """

    def __init__(self) -> None:
        self._loads = 0

    @contextmanager
    def loading(self) -> Iterator[None]:
        """While a pack is loaded. One thread of a process loads at a time."""
        seconds, thresholds = sys.getswitchinterval(), gc.get_threshold()
        sys.setswitchinterval(SECONDS_AT_A_TIME)
        gc.set_threshold(*thresholds[:2], NEVER)
        try:
            yield
        finally:
            self._keep()
            gc.set_threshold(*thresholds)
            sys.setswitchinterval(seconds)

    def _keep(self) -> None:
        self._loads += 1
        if self._loads % LOADS_BETWEEN_COLLECTIONS == 0:
            gc.unfreeze()
            gc.collect()
        gc.freeze()
