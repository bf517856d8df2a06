"""The workers of a server share its clients, also those that keep their connections open."""

from __future__ import annotations

import socket
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from tests.server import Server
from tests.waiting import eventually

CLIENTS = 40
FROM_BEFORE = 4
"""Connections of earlier requests may be counted before they are closed."""
A_FAIR_PART = CLIENTS // 2 - 8
TRIES = 5


def test_connections_that_are_opened_at_once_and_stay_open_are_shared_between_the_workers(
    server: Server,
) -> None:
    if not Path("/proc/self/fd").exists():
        pytest.skip("the connections of a process are counted in /proc")
    parts = [parts_of_the_workers(server) for _ in range(1 + TRIES)]
    # A worker may still start during the first try.
    assert min(min(part) for part in parts[1:]) >= A_FAIR_PART, parts


def parts_of_the_workers(server: Server) -> list[int]:
    before = {worker: sockets(worker) for worker in server.workers()}

    def new() -> list[int]:
        return [sockets(worker) - count for worker, count in before.items()]

    with ExitStack() as clients:
        for _ in range(CLIENTS):
            client = clients.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(("127.0.0.1", server.port))
        eventually(lambda: sum(new()) >= CLIENTS - FROM_BEFORE)
        found = new()
    eventually(lambda: sum(new()) <= 0)
    return found


def sockets(process: int) -> int:
    count = 0
    for file in Path(f"/proc/{process}/fd").iterdir():
        with suppress(FileNotFoundError):  # it was closed meanwhile
            count += str(file.readlink()).startswith("socket:")
    return count
