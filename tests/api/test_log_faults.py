"""A server whose log fails: its reader stops or is gone, or its disk is full. Every request is still answered."""

from __future__ import annotations

import json
import os
import signal
from contextlib import suppress
from pathlib import Path

import pytest

from tests.api.test_metrics import STORM, value
from tests.packs import copy_of_harbour
from tests.server import WRITTEN, Server, running_with_log
from tests.waiting import eventually

BEYOND_A_PIPE = 400
"""Requests whose log lines do not fit into a pipe of 64 KiB."""
DROPPED = "tocsin_log_lines_dropped_total"


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    (tmp_path / "packs").mkdir()
    copy_of_harbour(tmp_path / "packs")
    return tmp_path / "packs"


def post_many(server: Server, count: int) -> None:
    for _ in range(count):
        assert server.post(STORM).status == 200
    assert server.get("/healthz").status == 200


def dropped(server: Server) -> float:
    return value(server.get("/metrics").body.decode(), DROPPED)


def workers(server: Server) -> set[int]:
    """The workers that wrote figures, as the log cannot be read."""
    return {int(process) for process, _ in WRITTEN.findall(server.get("/metrics").body.decode())}


def kill_one(server: Server) -> None:
    """The master replaces it, though the master cannot log either."""
    eventually(lambda: len(workers(server)) == 2)
    old = workers(server)
    os.kill(min(old), signal.SIGKILL)
    eventually(lambda: len(workers(server)) == 2 and min(old) not in workers(server))


class Reader:
    """Reads the other end of a pipe without waiting, and counts the log lines of requests, each of which must be whole."""

    def __init__(self, descriptor: int) -> None:
        self.requests = 0
        self._descriptor = descriptor
        self._begun = b""
        os.set_blocking(descriptor, False)

    def read(self) -> int:
        with suppress(BlockingIOError):
            while block := os.read(self._descriptor, 65536):
                *lines, self._begun = (self._begun + block).split(b"\n")
                events = [json.loads(line)["event"] for line in lines if line[:1] == b"{"]
                self.requests += events.count("request")
        return self.requests


def test_a_pipe_that_is_not_read_and_then_one_without_a_reader(packs: Path) -> None:
    reader, writer = os.pipe()
    with running_with_log(writer, packs) as server:
        os.close(writer)
        post_many(server, BEYOND_A_PIPE)
        log = Reader(reader)
        eventually(lambda: log.read() == BEYOND_A_PIPE)  # read again, the pipe gets every line
        post_many(server, BEYOND_A_PIPE)
        kill_one(server)
        post_many(server, 20)
        assert dropped(server) == 0
        os.close(reader)
        eventually(lambda: dropped(server) > 20)
        kill_one(server)
        post_many(server, 20)


def test_a_log_on_a_full_disk(packs: Path) -> None:
    with Path("/dev/full").open("wb") as full, running_with_log(full, packs) as server:
        post_many(server, 50)
        eventually(lambda: dropped(server) >= 50)
        kill_one(server)
        post_many(server, 50)
