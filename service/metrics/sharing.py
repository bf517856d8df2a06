"""Shares the figures of a worker with the other workers of its server.

A thread of its own writes them: no fault of the disk reaches a request.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress

from service.metrics.families import About, Counter, Gauge, GaugeValues, Summed
from service.metrics.folder import Folder
from service.metrics.snapshot import Snapshot, add

SECONDS_BETWEEN_WRITES = 0.25
SECONDS_FOR_A_WRITE = 1.0
REST_PER_WRITE = 20
"""The thread rests this many times as long as a write took: however many series there are, they cost little."""
WRITTEN = About(
    "tocsin_metrics_last_write_timestamp_seconds",
    "When each worker last wrote its figures for the other workers; 0: never, so they lack its figures",
    "gauge",
    ("process",),
)
UNREADABLE = Counter(
    "tocsin_metrics_unreadable_files", "Files with the figures of a worker that were left out"
)


class SharedFigures:
    """The figures of this process and, once it shares a folder, those of all workers."""

    def __init__(self, summed: Sequence[Summed], gauges: Sequence[Gauge]) -> None:
        self._summed, self._gauges = (*summed, UNREADABLE), gauges
        self._folder: Folder | None = None
        self._worker = 0
        self._written = 0.0
        self._changed = threading.Condition()
        self._writes = False
        self._asked = self._done = 0
        self._latest: Snapshot | None = None

    @property
    def about(self) -> list[About]:
        return [*(one.about for one in (*self._summed, *self._gauges)), WRITTEN]

    def share(self, folder: Folder, worker: int) -> None:
        """From now on the figures are written a few times a second. A worker calls it once, after the fork."""
        self._folder, self._worker = folder, worker
        self._starts()

    def write_now(self) -> Snapshot:
        """This process's figures, after its thread has written them or failed to. Waits for at most a second."""
        writes = self._starts()
        with self._changed:
            self._asked += 1
            mine = self._asked
            self._changed.notify_all()
            if writes and self._changed.wait_for(lambda: self._done >= mine, SECONDS_FOR_A_WRITE):
                return self._latest or self._take()
        return self._take()

    def of_all(self) -> Snapshot:
        """The sums of all workers, also of those that have ended. Of a gauge, the greatest value of a worker.

        They have been written before, so a sum once seen never becomes less because a worker is killed.
        """
        found = [self.write_now()]
        if self._folder is not None:
            others = self._folder.read_all(but=self._worker)
            found += others.snapshots
            UNREADABLE.add_each([()] * others.broken)
        return Snapshot(found[0].process, add(one.sums for one in found), _greatest(found))

    def _starts(self) -> bool:
        """Whether the thread runs. If no thread can start now, the next scrape tries again."""
        with self._changed:
            if self._folder is not None and not self._writes:
                with suppress(RuntimeError):
                    name = "tocsin-metrics"
                    threading.Thread(target=self._write_always, name=name, daemon=True).start()
                    self._writes = True
            return self._writes

    def _take(self) -> Snapshot:
        process = os.getpid()
        gauges = {one.about.name: one.read() for one in self._gauges}
        return Snapshot(
            process,
            {one.about.name: one.sums() for one in self._summed},
            {**gauges, WRITTEN.name: {(str(process),): self._written}},
        )

    def _write_always(self) -> None:
        while True:
            asked, started = self._asked, time.monotonic()
            snapshot = self._write()
            rest = max(SECONDS_BETWEEN_WRITES, REST_PER_WRITE * (time.monotonic() - started))
            with self._changed:
                self._latest, self._done = snapshot, asked
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._asked > self._done, rest)

    def _write(self) -> Snapshot | None:
        """The figures that were written; None after a fault, such as a full disk. The metric WRITTEN then tells it."""
        assert self._folder
        before, self._written = self._written, time.time()
        try:
            snapshot = self._take()
            self._folder.write(self._worker, snapshot)
        except Exception:
            self._written = before
            return None
        return snapshot


def _greatest(snapshots: Sequence[Snapshot]) -> Mapping[str, GaugeValues]:
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for one in snapshots:
        for name, values in one.gauges.items():
            into = found.setdefault(name, {})
            for labels, value in values.items():
                into[labels] = max(value, into.get(labels, value))
    return found
