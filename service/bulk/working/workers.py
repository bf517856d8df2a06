"""Worker processes. Each works on one block at a time; if it dies, its block is done again by another, once.

They are forked from this process, so they have the packs that it loaded, whatever changes on disk. This process must have no
other thread: a forked process gets a copy of the locks that another thread holds.
"""

from __future__ import annotations

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

from service.bulk.errors import NoWorkerError
from service.bulk.reading.blocks import LineBlock

WorkResult = TypeVar("WorkResult")
BLOCKS_OF_A_WORKER = 2
"""One that it works on and one that waits, so that it does not wait for this process."""
MOST_DEATHS = 2
"""A block at which so many workers died is given up."""
STOPPING = (signal.SIGINT, signal.SIGTERM)
_GONE = (EOFError, ConnectionError)
_fork = get_context("fork")


@dataclass(frozen=True, slots=True)
class GivenUp:
    """A block over which its workers died, and how the last one did."""

    block: LineBlock
    how: str


@dataclass(slots=True)
class _Worker:
    process: BaseProcess
    connection: Connection[Any, Any]
    blocks: deque[LineBlock] = field(default_factory=deque)


class Workers(Generic[WorkResult]):
    """At most `jobs` processes that apply `work` to blocks. A process is started when there is work for it."""

    def __init__(self, jobs: int, work: Callable[[LineBlock], WorkResult]) -> None:
        self._jobs = jobs
        self._work = work
        self._workers: list[_Worker] = []
        self._again: deque[LineBlock] = deque()
        self._deaths: dict[int, int] = {}

    def has_room(self) -> bool:
        """Whether `give` would find a worker. Blocks that are done again come first."""
        self._give_again()
        return not self._again and self._free() is not None

    def give(self, block: LineBlock) -> None:
        """Only if there is room."""
        self._again.append(block)
        self._give_again()

    def done(self, seconds: float) -> Iterator[tuple[LineBlock, WorkResult] | GivenUp]:
        """What is done within this time. It returns as soon as something is."""
        self._give_again()
        by_connection = {one.connection: one for one in self._workers}
        for ready in wait(list(by_connection), seconds):
            worker = by_connection[ready]  # type: ignore[index]
            try:
                result = worker.connection.recv()
            except _GONE:
                yield from self._buried(worker)
                continue
            yield worker.blocks.popleft(), result

    def close(self) -> None:
        """Ends all of them, whatever they are doing."""
        for worker in self._workers:
            worker.connection.close()
            worker.process.kill()
            worker.process.join()
        self._workers.clear()

    def _free(self) -> _Worker | None:
        """The worker that gets the next block."""
        least = min(self._workers, key=lambda one: len(one.blocks), default=None)
        if least is not None and not least.blocks:
            return least
        if len(self._workers) < self._jobs:
            self._workers.append(self._started())
            return self._workers[-1]
        return least if least and len(least.blocks) < BLOCKS_OF_A_WORKER else None

    def _started(self) -> _Worker:
        mine, theirs = _fork.Pipe()
        ours = [mine, *(one.connection for one in self._workers)]
        process = _fork.Process(target=_serve, args=(theirs, ours, self._work), daemon=True)
        before = signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
        try:
            process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        theirs.close()
        return _Worker(process, mine)

    def _give_again(self) -> None:
        while self._again and (worker := self._free()):
            block = self._again.popleft()
            worker.blocks.append(block)
            # If the worker is dead, `done` finds that its connection is closed, and its blocks here.
            with suppress(*_GONE):
                worker.connection.send(block)

    def _buried(self, worker: _Worker) -> Iterator[GivenUp]:
        """Removes a dead worker. Its first block is the one at which it died."""
        self._workers.remove(worker)
        worker.connection.close()
        worker.process.join()
        if not worker.blocks:
            return
        first = worker.blocks[0]
        self._deaths[first.number] = self._deaths.get(first.number, 0) + 1
        given_up = self._deaths[first.number] == MOST_DEATHS
        if given_up and first.given_up:
            raise NoWorkerError(
                f"no worker process can live: the last one {_how(worker.process.exitcode)}"
            )
        if given_up:
            worker.blocks.popleft()
            del self._deaths[first.number]
        self._again.extendleft(reversed(worker.blocks))
        if given_up:
            yield GivenUp(first, _how(worker.process.exitcode))


def _how(status: int | None) -> str:
    if status is not None and status < 0:
        return f"was ended by {signal.Signals(-status).name}"
    return f"ended with status {status}"


def _serve(
    connection: Connection[Any, Any],
    of_parent: list[Connection[Any, Any]],
    work: Callable[[LineBlock], Any],
) -> None:
    """The life of a worker. It ends when its parent closes the connection, or is gone."""
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # a terminal sends it to all: the parent ends the run
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)
    for one in of_parent:
        one.close()
    blocks: SimpleQueue[LineBlock] = SimpleQueue()
    threading.Thread(target=_receive, args=(connection, blocks), daemon=True).start()
    while True:
        try:
            connection.send(work(blocks.get()))
        except MemoryError:
            os._exit(1)  # the parent says how it ended
        except _GONE:
            os._exit(0)  # the parent has ended the run


def _receive(connection: Connection[Any, Any], blocks: SimpleQueue[LineBlock]) -> None:
    """A thread, so that the parent never waits for a worker that works, and its end is seen at once."""
    try:
        while True:
            blocks.put(connection.recv())
    except _GONE:
        os._exit(0)
