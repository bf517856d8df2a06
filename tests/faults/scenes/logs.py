"""A log that fails: its reader is gone, or stops reading, or its disk is full. Lost lines are counted."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

from tests.api.test_metrics import value
from tests.faults.scenes.judging import LOOKS, play_fault
from tests.faults.scenes.machine import full, tiny_disk
from tests.faults.scenes.places import Kind, Place
from tests.faults.scenes.scene import Run, Scene

DROPPED = "tocsin_log_lines_dropped_total"
LOGS_FACTS = Kind(variables=(("TOCSIN_LOG_FACTS", "1"),))
LARGE = json.dumps({"facts": {"nothing": "x" * 500_000}}).encode()
"""A request that is refused. A worker's queue has room for the log lines of 16 of them, with their facts."""
DISK_KILOBYTES = 16 * 1024
SECONDS_BETWEEN_READS = 0.01
SECONDS_FOR_FIGURES = 0.6


def a_log_whose_reader_is_gone_fails_no_answer(run: Run) -> None:
    with _read_log(run, Kind()) as (place, reader):
        _play(run, place, reader.gone(), lambda: reader.bytes)


def a_log_that_is_not_read_fails_no_answer(run: Run) -> None:
    """Lines are queued until the queue is full; only then are they lost."""
    with _read_log(run, LOGS_FACTS) as (place, reader):
        _play(run, place, reader.at_rest(), lambda: reader.bytes, request=LARGE)


def a_log_on_a_full_disk_fails_no_answer(run: Run) -> None:
    with (
        tiny_disk(run.folder / "disk", DISK_KILOBYTES) as disk,
        (disk / "log").open("ab") as log,
        run.places.fresh(Kind(), log.fileno()) as place,
    ):
        _play(run, place, full(disk), lambda: os.fstat(log.fileno()).st_size)


SCENES: Sequence[Scene] = (
    a_log_whose_reader_is_gone_fails_no_answer,
    a_log_that_is_not_read_fails_no_answer,
    a_log_on_a_full_disk_fails_no_answer,
)


def _play(
    run: Run,
    place: Place,
    fault: AbstractContextManager[None],
    size: Callable[[], int],
    request: bytes = b"{}",
) -> None:
    """`size` is that of the log so far. `request` is sent until lines are lost."""

    def is_seen() -> bool:
        place.server.post(request)
        return _dropped(place) > 0

    def is_healed() -> bool:
        lost, before = _dropped(place), size()
        for _ in range(LOOKS):
            place.server.get("/healthz")
        time.sleep(SECONDS_FOR_FIGURES)
        return _dropped(place) == lost and size() > before

    run.check(_dropped(place) == 0, "lines were lost before the fault")
    play_fault(run, place, fault, is_seen, is_healed)
    run.figures.append(f"{_dropped(place):.0f} lines were lost")


def _dropped(place: Place) -> float:
    return value(place.server.get("/metrics").body.decode(), DROPPED)


@contextmanager
def _read_log(run: Run, kind: Kind) -> Iterator[tuple[Place, Reader]]:
    """A server whose log is a named pipe, and the reader of the pipe."""
    pipe = run.folder / "log"
    os.mkfifo(pipe)
    with (
        Reader(pipe) as reader,
        pipe.open("wb", buffering=0) as writer,
        run.places.fresh(kind, writer.fileno()) as place,
    ):
        writer.close()
        yield place, reader


class Reader:
    """Reads a named pipe in a thread of its own."""

    def __init__(self, pipe: Path) -> None:
        self.bytes = 0
        self._pipe = pipe
        self._reads, self._ends = threading.Event(), threading.Event()
        self._opened = threading.Lock()
        self._thread = threading.Thread(target=self._read)

    def __enter__(self) -> Reader:
        self._open()
        self._reads.set()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self._thread.join()
        os.close(self._descriptor)

    @contextmanager
    def at_rest(self) -> Iterator[None]:
        """The pipe is open, but is not read."""
        self._reads.clear()
        try:
            yield
        finally:
            self._reads.set()

    @contextmanager
    def gone(self) -> Iterator[None]:
        """The pipe has no reader."""
        with self.at_rest():
            with self._opened:
                os.close(self._descriptor)
            try:
                yield
            finally:
                with self._opened:
                    self._open()

    def _open(self) -> None:
        self._descriptor = os.open(self._pipe, os.O_RDONLY | os.O_NONBLOCK)

    def _read(self) -> None:
        while not self._ends.wait(SECONDS_BETWEEN_READS):
            with self._opened, suppress(BlockingIOError):
                while self._reads.is_set() and (block := os.read(self._descriptor, 65536)):
                    self.bytes += len(block)
