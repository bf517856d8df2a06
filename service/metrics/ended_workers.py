"""For gunicorn's master: adds the figures of ended workers to one sum and removes their files.

A thread of its own does it: no fault of the disk reaches the master.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress

from service.metrics.families import ReadCounter, Sums
from service.metrics.folder import Folder
from service.metrics.snapshot import Snapshot, add

SECONDS_BETWEEN_WRITES = 1.0
SECONDS_TO_END = 1.0
NUMBERS_KEPT = 64
"""A worker that reads the folder may have read the file of a worker that is added meanwhile. It must not count twice."""


class EndedWorkers:
    """Its thread starts when the first worker ends."""

    def __init__(self, folder: Folder, own: Sequence[ReadCounter]) -> None:
        """`own` are the figures of the master itself."""
        self.folder = folder
        self._own = own
        self._sums: Mapping[str, Sums] = {}
        self._ended: deque[int] = deque()
        self._waiting: list[int] = []
        self._unremoved: list[int] = []
        self._added: deque[int] = deque(maxlen=NUMBERS_KEPT)
        self._wake = threading.Event()
        self._closed = False
        self._thread: threading.Thread | None = None

    def add(self, worker: int) -> None:
        self._ended.append(worker)
        self._wake.set()
        if self._thread is None:
            thread = threading.Thread(target=self._run, name="tocsin-metrics", daemon=True)
            with suppress(
                RuntimeError
            ):  # no thread can start now; the next worker that ends tries again
                thread.start()
                self._thread = thread

    def close(self) -> None:
        """Removes the folder."""
        self._closed = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(SECONDS_TO_END)
        self.folder.close()

    def merge(self) -> None:
        """Raises OSError, for example if the disk is full. Then the files stay and count; a later call adds them."""
        while self._ended:
            self._waiting.append(self._ended.popleft())
        read = dict(self._read_waiting())
        sums = add([self._sums, *read.values()])
        own = {one.about.name: one.sums() for one in self._own}
        added = (*self._added, *self._unremoved, *read)
        self.folder.write_ended(Snapshot(os.getpid(), add([sums, own]), added=added))
        self._sums = sums
        self._waiting = [worker for worker in self._waiting if worker not in read]
        self._unremoved += read
        self._remove()

    def _run(self) -> None:
        while not self._closed:
            with suppress(Exception):
                self.merge()
            self._wake.wait(SECONDS_BETWEEN_WRITES)
            self._wake.clear()

    def _read_waiting(self) -> list[tuple[int, Mapping[str, Sums]]]:
        """The figures that can be read now. Broken ones are lost."""
        found: list[tuple[int, Mapping[str, Sums]]] = []
        for worker in self._waiting:
            with suppress(OSError):
                try:
                    snapshot = self.folder.read(worker)
                except ValueError:
                    snapshot = None
                found.append((worker, snapshot.sums if snapshot else {}))
        return found

    def _remove(self) -> None:
        for worker in list(self._unremoved):
            with suppress(OSError):
                self.folder.remove(worker)
                self._unremoved.remove(worker)
                self._added.append(worker)
