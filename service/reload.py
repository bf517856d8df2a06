"""Watches the folder of packs and swaps changed ones in. What is broken or half written never takes a good pack's place."""

from __future__ import annotations

import threading
from collections.abc import Callable

from service.engine.packs import Deployment, NoPackError, Packs, load_packs
from service.language.pack import meaning_files

SECONDS_BETWEEN_READINGS = 0.25
Reading = tuple[tuple[str, int, int, int], ...]


class Shelf:
    """The packs that serve now. Whoever takes them keeps them for a whole answer."""

    def __init__(self, deployment: Deployment) -> None:
        """Raises NoPackError."""
        self.deployment = deployment
        self._read = reading(deployment)
        self.packs: Packs = load_packs(deployment)

    def watch(self, report: Callable[[Packs, Packs], None]) -> None:
        """Looks for changes until the process ends; `report` hears of every swap: what serves now, and what served before."""
        thread = threading.Thread(
            target=self._watch, args=(report,), name="tocsin-reload", daemon=True
        )
        thread.start()

    def _watch(self, report: Callable[[Packs, Packs], None]) -> None:
        last = self._read
        pause = threading.Event()
        while not pause.wait(SECONDS_BETWEEN_READINGS):
            now = reading(self.deployment)
            if now == last and now != self._read:  # two readings agree: nobody is writing
                self._read = now
                self._swap(report)
            last = now

    def _swap(self, report: Callable[[Packs, Packs], None]) -> None:
        before = self.packs
        try:
            self.packs = load_packs(self.deployment, before)
        except NoPackError:
            return  # the folder is empty or gone: what serves serves on
        report(self.packs, before)


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
