"""Threads that judge: one begins after the other, in order, and a long request holds up no other."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from service.server.threads.turns import Turns
from tests.server import ROOT
from tests.waiting import eventually

SECONDS = 30.0
SECONDS_OF_A_TURN, LATER = 100.0, 1000.0
"""A turn ends only when a test says that it is later."""


class Held:
    """Work that lasts until the test releases it."""

    def __init__(self) -> None:
        self.begun, self.released = threading.Event(), threading.Event()

    def __call__(self) -> None:
        self.begun.set()
        self.released.wait(SECONDS)


@pytest.fixture
def rests() -> list[str]:
    return []


@pytest.fixture
def four(rests: list[str]) -> Iterator[Turns]:
    """Four threads."""
    made = Turns(4, lambda: rests.append("rests"), SECONDS_OF_A_TURN)
    yield made
    made.shutdown()


def test_work_is_done_in_the_order_in_which_it_came_by_one_thread(
    four: Turns, rests: list[str]
) -> None:
    first, done = Held(), list[tuple[int, int]]()
    four.submit(first)
    for number in range(100):
        four.submit(lambda number=number: done.append((number, threading.get_ident())))  # type: ignore[misc]
    assert first.begun.wait(SECONDS)
    assert done == []
    first.released.set()
    eventually(lambda: len(done) == 100 and bool(rests))
    assert [number for number, _ in done] == list(range(100))
    assert len({thread for _, thread in done}) == 1
    assert len(rests) == 1


def test_beside_long_work_the_next_begins_once_its_turn_is_over(four: Turns) -> None:
    long, next_one = Held(), Held()
    four.submit(long)
    four.submit(next_one)
    assert long.begun.wait(SECONDS)
    left = four.look(time.monotonic())
    assert left is not None
    assert 0 < left <= SECONDS_OF_A_TURN
    assert not next_one.begun.is_set()
    assert four.look(time.monotonic() + LATER) is None
    assert next_one.begun.wait(SECONDS)
    long.released.set()
    next_one.released.set()


def test_no_more_threads_than_allowed_begin_and_the_rest_waits(four: Turns) -> None:
    works = [Held() for _ in range(6)]
    for work in works:
        four.submit(work)
    for moment in range(1, 10):
        four.look(time.monotonic() + LATER * moment)
    eventually(lambda: sum(work.begun.is_set() for work in works) == 4)
    assert [work.begun.is_set() for work in works] == [True] * 4 + [False] * 2
    assert four.look(time.monotonic() + LATER * 20) is not None
    for work in works:
        work.released.set()
    eventually(lambda: all(work.begun.is_set() for work in works))


def test_a_thread_that_rested_is_used_again(four: Turns, rests: list[str]) -> None:
    threads = set[int]()
    for number in range(1, 6):
        four.submit(lambda: threads.add(threading.get_ident()))
        eventually(lambda number=number: len(rests) == number)  # type: ignore[misc]
    assert len(threads) == 1


def test_work_is_refused_only_if_no_thread_can_do_it(
    four: Turns, rests: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_thread(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    done = Held()
    with monkeypatch.context() as broken:
        broken.setattr(threading.Thread, "start", no_thread)
        with pytest.raises(RuntimeError):
            four.submit(done)
        assert four.look(0.0) is None  # the refused work is not begun later
    long, waiting = Held(), Held()
    four.submit(long)
    four.submit(waiting)
    with monkeypatch.context() as broken:
        broken.setattr(threading.Thread, "start", no_thread)
        assert four.look(time.monotonic() + LATER) is not None
    long.released.set()
    assert waiting.begun.wait(SECONDS)
    waiting.released.set()
    assert not done.begun.is_set()


def test_at_the_end_threads_finish_what_they_do_and_begin_nothing_more(rests: list[str]) -> None:
    before = threading.active_count()
    ending = Turns(2, lambda: rests.append("rests"), SECONDS_OF_A_TURN)
    present, waiting = Held(), Held()
    ending.submit(present)
    ending.submit(waiting)
    assert present.begun.wait(SECONDS)
    ending.shutdown(wait=False)
    present.released.set()
    eventually(lambda: threading.active_count() == before)
    assert not waiting.begun.is_set()


def test_work_that_raises_costs_no_thread(rests: list[str]) -> None:
    two, done = Turns(2, lambda: rests.append("rests"), 0.0), threading.Event()

    def fail() -> None:
        raise MemoryError

    for _ in range(5):
        two.submit(fail)
    two.submit(done.set)

    def is_done() -> bool:
        two.look(time.monotonic())
        return done.is_set()

    eventually(is_done)
    two.shutdown()


def test_a_signal_may_end_the_threads_while_the_event_loop_looks(four: Turns) -> None:
    """Its handler runs in the thread that holds the lock."""
    held = Held()
    four.submit(held)
    before = signal.signal(signal.SIGALRM, lambda number, frame: four.shutdown())
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
        end = time.monotonic() + 0.2
        while time.monotonic() < end:
            four.look(time.monotonic())
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        held.released.set()


def test_a_process_whose_event_loop_ends_ends_too() -> None:
    """Its threads rest, and would keep it."""
    done = subprocess.run([sys.executable, "-c", ENDS], cwd=ROOT, timeout=SECONDS, check=False)
    assert done.returncode == 3


ENDS = """
from service.server.threads.turns import Turns
turns = Turns(2, lambda: None)
try:
    turns.submit(lambda: None)
    raise SystemExit(3)
finally:
    turns.shutdown()
"""
