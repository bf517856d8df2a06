"""While a pack is loaded, other threads wait little for the interpreter, and what a replaced pack leaves is found in the end."""

from __future__ import annotations

import gc
import sys
import threading
import time
import weakref
from collections.abc import Iterator

import pytest

from service.serving.beside_requests import LOADS_BETWEEN_COLLECTIONS, BesideRequests

OBJECTS = 300_000


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    yield
    gc.unfreeze()


class Circle:
    """It goes only when garbage is collected."""

    def __init__(self) -> None:
        self.own = self


def full_collections(work: threading.Thread) -> int:
    found = []

    def note(phase: str, about: dict[str, int]) -> None:
        if phase == "stop" and about["generation"] == 2:
            found.append(about)

    gc.callbacks.append(note)
    try:
        work.start()
        work.join()
    finally:
        gc.callbacks.remove(note)
    return len(found)


def make_many(into: list[list[int]]) -> None:
    for number in range(OBJECTS):
        into.append([number])


def test_what_is_loaded_causes_no_full_collection_then_nor_afterwards() -> None:
    beside, many = BesideRequests(), list[list[int]]()

    def load() -> None:
        with beside.loading():
            make_many(many)

    assert full_collections(threading.Thread(target=load)) == 0
    assert gc.get_freeze_count() >= OBJECTS
    started = time.perf_counter()
    gc.collect()
    without = time.perf_counter() - started
    gc.unfreeze()
    started = time.perf_counter()
    gc.collect()
    assert without < time.perf_counter() - started


def test_afterwards_the_interpreter_is_shared_and_collected_as_before() -> None:
    before = sys.getswitchinterval(), gc.get_threshold()
    with pytest.raises(ZeroDivisionError), BesideRequests().loading():
        assert sys.getswitchinterval() < before[0] / 5
        assert gc.get_threshold()[:2] == before[1][:2]
        raise ZeroDivisionError
    assert (sys.getswitchinterval(), gc.get_threshold()) == before


def test_what_replaced_packs_leave_is_collected_after_some_loads() -> None:
    beside, circles = BesideRequests(), list[weakref.ref[Circle]]()
    for _ in range(LOADS_BETWEEN_COLLECTIONS):
        assert all(circle() is not None for circle in circles)
        with beside.loading():
            circles.append(weakref.ref(Circle()))
    assert not any(circle() for circle in circles)
