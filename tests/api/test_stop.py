"""SIGTERM: requests that have begun are answered, later connections are refused, and the server ends within the grace time."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
from pathlib import Path

import pytest

from tests.load import asking, known_answers, packs_of, two_packs
from tests.packs import copy_of_harbour
from tests.server import Server, running
from tests.waiting import eventually

SEED = 20262
CLIENTS = 8
LINES = 3_000
STORM = json.dumps({"facts": {"wind": {"speed": 30}}}).encode() + b"\n"
SECONDS_TO_END = 30
GRACE = 3


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    (tmp_path / "packs").mkdir()
    copy_of_harbour(tmp_path / "packs")
    return tmp_path / "packs"


def terminate(server: Server) -> None:
    os.kill(server.master(), signal.SIGTERM)


def head(path: str, kind: str, length: int) -> bytes:
    return f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n".encode()


def connected(server: Server) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=60)


def answer_on(connection: socket.socket) -> tuple[int, bytes]:
    response = http.client.HTTPResponse(connection)
    response.begin()
    return response.status, response.read()


def is_refused(server: Server) -> bool:
    try:
        connected(server).close()
    except ConnectionRefusedError:
        return True
    return False


def test_under_load_every_request_is_answered_or_refused(tmp_path: Path) -> None:
    """While the last worker closes its listening socket, the kernel may open one more connection and then reset it.

    The server cannot read it and cannot prevent that.
    """
    (tmp_path / "packs").mkdir()
    folder = two_packs(tmp_path / "packs")
    known = known_answers([packs_of(folder, tmp_path / "state")], SEED, 50)
    with (
        running(folder, tmp_path / "log") as server,
        asking(server, known, CLIENTS, SEED, keep_alive=False) as asked,
    ):
        eventually(lambda: asked.right > 100)
        terminate(server)
        eventually(lambda: asked.refused > CLIENTS)
        assert server.process.wait(SECONDS_TO_END) == 0
    assert asked.wrong == []
    assert asked.cut <= 1


def test_a_body_that_still_arrives_and_a_running_batch_are_answered(
    packs: Path, tmp_path: Path
) -> None:
    with running(packs, tmp_path / "log") as server, connected(server) as slow:
        slow.sendall(head("/v1/assessments", "application/json", len(STORM)) + STORM[:10])
        with connected(server) as batch:
            batch.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
            body = STORM * LINES
            batch.sendall(head("/v1/assessments/batch", "application/x-ndjson", len(body)) + body)
            assert batch.recv(1, socket.MSG_PEEK)
            terminate(server)
            eventually(lambda: is_refused(server))
            assert server.process.poll() is None
            status, lines = answer_on(batch)
            codes = [json.loads(line)["alert"]["code"] for line in lines.splitlines()]
            assert (status, codes) == (200, ["storm"] * LINES)
        slow.sendall(STORM[10:])
        status, answer = answer_on(slow)
        assert (status, json.loads(answer)["alert"]["code"]) == (200, "storm")
        assert server.process.wait(SECONDS_TO_END) == 0
        assert "Traceback" not in server.log.read_text("utf-8")


def test_a_client_that_never_finishes_delays_the_end_only_by_the_grace_time(
    packs: Path, tmp_path: Path
) -> None:
    with running(packs, tmp_path / "log", TOCSIN_GRACE_SECONDS=str(GRACE)) as server:
        slow = connected(server)
        slow.sendall(head("/v1/assessments", "application/json", 1000) + b"{")
        terminate(server)
        assert server.process.wait(GRACE + 15) == 0
        slow.close()
