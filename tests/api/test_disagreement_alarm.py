"""The matchers of a running server disagree: a problem, an alarm, a right next answer. A worker that saw several is replaced."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.lying_server import ORDERS
from tests.packs import copy_of_harbour
from tests.server import Server, running
from tests.waiting import eventually

STORM = {"facts": {"wind": {"speed": 30}}}
WORKERS = 2
MOST = 3


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    file = tmp_path / "orders"
    file.write_text("", "utf-8")
    return file


@pytest.fixture
def server(tmp_path: Path, orders: Path) -> Iterator[Server]:
    (tmp_path / "packs").mkdir()
    copy_of_harbour(tmp_path / "packs")
    settings = {ORDERS: str(orders), "TOCSIN_WORKERS": str(WORKERS)}
    application = "tests.lying_server:create_app()"
    with running(tmp_path / "packs", tmp_path / "log", application, **settings) as started:
        yield started


def asked(server: Server) -> tuple[int, str]:
    """The status and the grade, or the problem's code."""
    reply = server.post(STORM)
    return reply.status, reply.json["alert"]["code"] if reply.status == 200 else reply.json["code"]


def disagreements(server: Server) -> float:
    lines = server.metrics().splitlines()
    return next(
        float(line.split()[-1])
        for line in lines
        if line.startswith("tocsin_engine_disagreements_total ")
    )


@pytest.mark.parametrize(
    ("wrong", "cause"),
    [
        ("miss", None),
        ("invent", None),
        ("fail", "ReteError in obedient"),
        ("crash", "ZeroDivisionError in obedient"),
        ("crash below", "SystemError in broken_below"),
    ],
)
def test_a_disagreement_is_a_problem_and_is_logged_and_counted_and_the_next_answer_is_right(
    server: Server, orders: Path, wrong: str, cause: str | None
) -> None:
    assert asked(server) == (200, "storm")
    orders.write_text(wrong, "utf-8")
    assert asked(server) == (500, "engine-disagreement")
    orders.write_text("", "utf-8")
    assert all(asked(server) == (200, "storm") for _ in range(10))
    assert disagreements(server) == 1
    (line,) = server.log_lines("engine-disagreement")
    assert line["level"] == "critical"
    assert line["cause"] == cause if cause is None else line["cause"].startswith(cause)
    assert not server.log_lines("worker-leaves")


def test_a_batch_has_the_disagreement_of_each_line(server: Server, orders: Path) -> None:
    orders.write_text("miss", "utf-8")
    ndjson = {"Content-Type": "application/x-ndjson"}
    reply = server.request(
        "POST", "/v1/assessments/batch", b'{"facts":{"wind":{"speed":30}}}\n' * 2, ndjson
    )
    assert reply.status == 200
    assert reply.body.count(b'"engine-disagreement"') == 2
    assert disagreements(server) == 2


def test_workers_that_see_several_disagreements_are_replaced_and_every_request_gets_an_answer(
    server: Server, orders: Path
) -> None:
    eventually(lambda: len(server.workers()) == WORKERS)
    old = server.workers()
    seen: list[object] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            try:
                seen.append(asked(server))
            except OSError as error:
                seen.append(repr(error))

    with ThreadPoolExecutor(4) as clients:
        asking = [clients.submit(ask) for _ in range(4)]
        eventually(lambda: seen.count((200, "storm")) > 50)
        orders.write_text("miss", "utf-8")
        eventually(lambda: {line["process"] for line in server.log_lines("worker-leaves")} >= old)
        orders.write_text("", "utf-8")
        eventually(lambda: len(server.workers()) == WORKERS and not server.workers() & old)
        right = seen.count((200, "storm"))
        eventually(lambda: seen.count((200, "storm")) > right + 50)
        stop.set()
        for one in asking:
            one.result()
    assert set(seen) == {(200, "storm"), (500, "engine-disagreement")}
    refused = seen.count((500, "engine-disagreement"))
    assert refused >= WORKERS * MOST
    assert disagreements(server) == len(server.log_lines("engine-disagreement")) == refused
