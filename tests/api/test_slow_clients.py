"""Clients that never read, send slowly or send very much: no other client waits for them, and the memory stays as it is."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.packs import copy_of_harbour
from tests.server import Reply, Server, running
from tests.soak import resident_megabytes
from tests.waiting import eventually

THREADS = 4
STORM = json.dumps({"facts": {"wind": {"speed": 30}}}).encode()
LINES = 10_000
MANY_ANSWERS = 2_500
"""More than the kernel holds for a client that does not read."""
MANY = 20
"""So many that a few seconds for each would be more than those who wait here are ready to wait."""
MOST_GROWTH_MB = 12.0
NDJSON = {"Content-Type": "application/x-ndjson"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("slow")
    (folder / "packs").mkdir()
    copy_of_harbour(folder / "packs")
    settings = {
        "TOCSIN_WORKERS": "1",
        "TOCSIN_THREADS": str(THREADS),
        "TOCSIN_RATE_SECONDS": "300",
    }
    with running(folder / "packs", folder / "log", **settings) as started:
        yield started


def batch(server: Server, body: bytes = STORM) -> Reply:
    return server.request("POST", "/v1/assessments/batch", body, NDJSON)


def head(path: str, kind: str, length: int) -> bytes:
    return f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n".encode()


def connected(server: Server) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=30)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    return connection


def deaf(server: Server, lines: int = LINES) -> socket.socket:
    """Has sent a large batch and never reads."""
    connection, body = connected(server), (STORM + b"\n") * lines
    connection.sendall(head("/v1/assessments/batch", NDJSON["Content-Type"], len(body)) + body)
    return connection


def dripping(server: Server) -> socket.socket:
    """Has sent the first byte of a batch."""
    connection = connected(server)
    connection.sendall(head("/v1/assessments/batch", NDJSON["Content-Type"], 1000) + b"{")
    return connection


def every_place_is_taken(server: Server, clients: ExitStack) -> bool:
    """Sends one more large batch without reading its answers, unless a batch is refused."""
    if batch(server).status == 503:
        return True
    clients.enter_context(deaf(server))
    return False


def test_as_many_batches_as_are_judged_leave_a_thread_for_everybody_else(server: Server) -> None:
    with ExitStack() as clients:
        eventually(lambda: every_place_is_taken(server, clients))
        busy = batch(server)
        assert server.get("/healthz").status == 200
        assert server.post(STORM).json["alert"]["code"] == "storm"
    if busy.status == 503:  # else one of them was judged meanwhile
        assert busy.json["code"] == "busy"
        assert int(busy.headers["retry-after"]) >= 1
    eventually(lambda: batch(server).status == 200)


def test_batches_that_are_not_read_take_a_place_only_until_they_are_judged(server: Server) -> None:
    def judged() -> int:
        return sum(line["lines"] == MANY_ANSWERS for line in server.log_lines("batch"))

    before = judged()
    with deaf(server, MANY_ANSWERS), deaf(server, MANY_ANSWERS):
        eventually(lambda: judged() == before + 2)
        assert batch(server).status == 200


def test_batches_that_arrive_slowly_take_no_place(server: Server) -> None:
    with ExitStack() as clients:
        for _ in range(MANY):
            clients.enter_context(dripping(server))
        assert server.get("/healthz").status == 200
        assert server.post(STORM).status == 200
        assert batch(server).status == 200


def test_a_client_that_sends_a_large_batch_to_a_busy_server_gets_to_read_why_it_is_refused(
    server: Server,
) -> None:
    large = (STORM + b" " * 3000 + b"\n") * 9000

    def is_told() -> bool:
        busy = batch(server, large)
        if busy.status != 503:  # a place was left meanwhile
            return False
        return busy.json["code"] == "busy" and 1 <= int(busy.headers["retry-after"]) <= 60

    with ExitStack() as clients:
        eventually(lambda: every_place_is_taken(server, clients) and is_told())


def lingering(server: Server) -> socket.socket:
    """Has asked for an answer and for the end of the connection, and does not end it itself."""
    connection = connected(server)
    request = head("/v1/assessments", "application/json", len(STORM)) + STORM
    connection.sendall(request.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
    return connection


def test_clients_that_announce_to_close_and_do_not_close_delay_no_other_client(
    server: Server,
) -> None:
    with ExitStack() as clients:
        for connection in [clients.enter_context(lingering(server)) for _ in range(MANY)]:
            assert connection.recv(1, socket.MSG_PEEK)
        assert server.get("/healthz").status == 200


def test_a_worker_needs_no_more_memory_for_the_largest_batch(server: Server) -> None:
    padded = STORM + b" " * (3300 - len(STORM)) + b"\n"
    assert 32 * 2**20 - len(padded) * LINES in range(10**6)
    for _ in range(3):
        assert batch(server, padded * 300).status == 200
    (worker,) = server.workers()
    before, seen, stop = resident_megabytes(worker), [0.0], threading.Event()

    def watch() -> None:
        while not stop.wait(0.01):
            seen.append(resident_megabytes(worker))

    watching = threading.Thread(target=watch)
    watching.start()
    reply = batch(server, padded * LINES)
    stop.set()
    watching.join()
    assert (reply.status, reply.body.count(b"\n")) == (200, LINES)
    assert max(seen) - before < MOST_GROWTH_MB < len(reply.body) / 1e6
