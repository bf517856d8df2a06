"""Tells the workers of a server how many connections each has, so that a worker with more leaves a new one to the others.

Without it the worker that wakes first takes all new connections, and clients that keep them open use one worker only.
"""

from __future__ import annotations

import mmap
import struct

_WORKERS = 64
_ENTRY = struct.Struct("<dI")
SECONDS_UNTIL_GONE = 2.0
"""A worker writes at least twice a second. One that has not written for so long has ended, or hangs."""


class Shares:
    """Made before the workers are forked, which then share its memory.

    A worker's place follows from its number. Two workers of a large server can have one place: then they only share less evenly.
    """

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, _WORKERS * _ENTRY.size)

    def write(self, worker: int, connections: int, now: float) -> None:
        """`now` is the seconds of a clock that all processes of the machine have in common."""
        _ENTRY.pack_into(self._memory, worker % _WORKERS * _ENTRY.size, now, connections)

    def has_most(self, worker: int, connections: int, now: float) -> bool:
        """Whether another running worker has fewer connections."""
        own = worker % _WORKERS
        return any(
            others < connections and now - written < SECONDS_UNTIL_GONE
            for place, (written, others) in enumerate(_ENTRY.iter_unpack(self._memory))
            if place != own
        )
