"""Few file descriptors and many connections; slow clients of every kind."""

from __future__ import annotations

import itertools
import os
import re
import resource
import socket
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from tests.faults.scenes.clients import asking
from tests.faults.scenes.judging import judge, judge_health, kill_a_worker, on_every_worker
from tests.faults.scenes.places import Kind, Place
from tests.faults.scenes.scene import Run, Scene
from tests.faults.slow_clients import slow_clients
from tests.waiting import eventually

FEW = Kind(descriptors=128, variables=(("TOCSIN_HEAD_SECONDS", "60"),))
SILENT = 300
SECONDS_BETWEEN_SILENT = 0.01
SPARE = 3
"""Descriptors that a worker has left: enough for a connection, too few to read a pack as well."""
LAST_LOOK = re.compile(r"^tocsin_packs_last_look_timestamp_seconds\{.*\} (\S+)$", re.MULTILINE)
SECONDS_OF_A_LATE_LOOK = 5.0
WORKERS, THREADS = 2, 4
REQUESTS = 300


def few_descriptors_and_silent_connections_stop_neither_answers_nor_reloads(run: Run) -> None:
    """A silent connection is closed to make room. The reserve of descriptors reads packs and starts workers."""
    with run.places.fresh(FEW) as place:
        with asking(place.server, place.versions.known, run.seed, keep_alive=False) as asked:
            with _silent(place):
                eventually(lambda: _is_logged(place, "the limit of connections is reached"))
                asked.goes_on()
                kill_a_worker(place)
                place.put(1)
                eventually(lambda: on_every_worker(lambda: place.serves(1)))
                asked.goes_on()
            place.put(0)
            eventually(lambda: on_every_worker(lambda: place.serves(0)))
        judge(run, asked, frozenset().union(*place.versions.digests[:2]), kills=1)
        judge_health(run, place)


def workers_without_descriptors_answer_and_later_load_what_they_could_not_read(run: Run) -> None:
    with run.places.fresh(Kind()) as place:
        with asking(place.server, place.versions.known, run.seed, keep_alive=False) as asked:
            asked.goes_on()
            with _no_descriptors(place.workers()):
                place.put(1)
                eventually(lambda: _are_looks_late(place))
                asked.goes_on()
                kill_a_worker(place)
                asked.goes_on()
            eventually(lambda: on_every_worker(lambda: place.serves(1)))
        judge(run, asked, frozenset().union(*place.versions.digests[:2]), kills=1)
        judge_health(run, place)


def slow_clients_of_every_kind_delay_no_other(run: Run) -> None:
    with run.places.fresh(Kind()) as place:
        outcome, figures = slow_clients(place.server, WORKERS * THREADS, REQUESTS)
    run.failures += [what for _, _, what in outcome.failures]
    run.figures.append(str(figures))


SCENES: Sequence[Scene] = (
    few_descriptors_and_silent_connections_stop_neither_answers_nor_reloads,
    workers_without_descriptors_answer_and_later_load_what_they_could_not_read,
    slow_clients_of_every_kind_delay_no_other,
)


@contextmanager
def _silent(place: Place) -> Iterator[None]:
    """Opens a silent connection every moment, and keeps the newest ones open."""
    stop = threading.Event()

    def open_them() -> None:
        clients = deque[socket.socket]()
        while not stop.wait(SECONDS_BETWEEN_SILENT):
            with suppress(OSError):
                clients.append(socket.create_connection(("127.0.0.1", place.server.port)))
            if len(clients) > SILENT:
                clients.popleft().close()
        for client in clients:
            client.close()

    thread = threading.Thread(target=open_them)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@contextmanager
def _no_descriptors(processes: set[int]) -> Iterator[None]:
    """Limits running processes to the descriptors that they have, and a few more."""
    before = {one: resource.prlimit(one, resource.RLIMIT_NOFILE) for one in processes}
    for one, (_, hard) in before.items():
        in_use = {int(name) for name in os.listdir(f"/proc/{one}/fd")}
        free = (number for number in itertools.count() if number not in in_use)
        limit = next(itertools.islice(free, SPARE, None))
        resource.prlimit(one, resource.RLIMIT_NOFILE, (limit, hard))
    try:
        yield
    finally:
        for one, limits in before.items():
            with suppress(ProcessLookupError):
                resource.prlimit(one, resource.RLIMIT_NOFILE, limits)


def _are_looks_late(place: Place) -> bool:
    """Whether the metric shows that a worker cannot load what it sees."""
    text, now = place.server.get("/metrics").body.decode(), time.time()
    return any(now - float(at) > SECONDS_OF_A_LATE_LOOK for at in LAST_LOOK.findall(text))


def _is_logged(place: Place, text: str) -> bool:
    return any(text in line["message"] for line in place.server.log_lines("server"))
