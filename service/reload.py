"""Watches the folder of packs and swaps changed ones in. What is broken or half written never takes a good pack's place."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

from service.engine.packs import Deployment, NoPackError, Packs, load_packs
from service.language.pack import meaning_files

SECONDS_BETWEEN_READINGS = 0.25
Reading = tuple[tuple[str, int, int, int], ...]


class Shelf:
    """The packs that serve now. Whoever takes them keeps them for a whole answer.

    A process watches from when it first takes packs. A thread does not survive a fork: a master that
    only loads the application has none, and each of its workers starts its own.
    """

    def __init__(
        self,
        deployment: Deployment,
        begun: Callable[[Packs], None],
        swapped: Callable[[Packs, Packs], None],
    ) -> None:
        """`begun` hears what serves when a process begins to watch, `swapped` of every swap: what
        serves now, and what served before. Raises NoPackError.
        """
        self.deployment = deployment
        self._begun, self._swapped = begun, swapped
        self._read = reading(deployment)
        self._packs: Packs = load_packs(deployment)
        self._watched_by = 0
        self._lock = threading.Lock()

    @property
    def packs(self) -> Packs:
        if self._watched_by != os.getpid():
            self.watch()
        return self._packs

    def watch(self) -> None:
        """Looks for changes until the process ends, at first for those since the packs were loaded."""
        with self._lock:
            if self._watched_by == os.getpid():
                return
            now = reading(self.deployment)
            if now != self._read:
                self._swap(now)
            self._begun(self._packs)
            self._watched_by = os.getpid()
            threading.Thread(target=self._watch, name="tocsin-reload", daemon=True).start()

    def _watch(self) -> None:
        last = self._read
        pause = threading.Event()
        while not pause.wait(SECONDS_BETWEEN_READINGS):
            now = reading(self.deployment)
            if now == last and now != self._read:  # two readings agree: nobody is writing
                self._swap(now)
            last = now

    def _swap(self, now: Reading) -> None:
        before, self._read = self._packs, now
        try:
            self._packs = load_packs(self.deployment, before)
        except NoPackError:
            return  # the folder is empty or gone: what serves serves on
        self._swapped(self._packs, before)


def reading(deployment: Deployment) -> Reading:
    """What changes when a file that bears meaning is written, replaced, added or removed."""
    found = []
    for folder in sorted(deployment.folder.glob("*/")):
        for path in meaning_files(folder):
            try:
                status = path.stat()
            except OSError:
                continue
            found.append((str(path), status.st_mtime_ns, status.st_size, status.st_ino))
    return tuple(found)
