"""The outbox sends each part of an answer when the next one is made, however short it is, and the end of an answer only at its end."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from service.server.outbox import Outbox
from service.server.spool import SpooledFiles

Ends = tuple[Outbox, socket.socket]


@pytest.fixture
def ends() -> Iterator[Ends]:
    server, client = socket.socketpair()
    server.setblocking(False)
    client.setblocking(False)
    outbox = Outbox(server, SpooledFiles(), lambda: None)
    with server, client:
        yield outbox, client
    outbox.cut()


def received(client: socket.socket) -> bytes:
    try:
        return client.recv(100)
    except BlockingIOError:
        return b""


def test_a_short_answer_leaves_as_a_whole_at_its_end(ends: Ends) -> None:
    outbox, client = ends
    for _ in range(2):
        for part in (b"head", b"1", b"0"):
            outbox.sendall(part)
        assert received(client) == b""
        outbox.flush()
        assert received(client) == b"head10"


def test_later_a_part_waits_for_the_next_one_only_and_the_end_for_the_end(ends: Ends) -> None:
    outbox, client = ends
    for _ in range(2):
        for part in (b"head", b"1", b"2", b"3"):
            outbox.sendall(part)
        assert received(client) == b"head12"
        outbox.sendall(b"0")
        assert received(client) == b"3"
        assert received(client) == b""
        outbox.flush()
        assert received(client) == b"0"


def test_an_answer_without_a_body_is_sent_at_its_end(ends: Ends) -> None:
    outbox, client = ends
    outbox.sendall(b"head")
    outbox.flush()
    assert received(client) == b"head"
