"""The outbox sends the head of an answer with the first part of its body, and each later part at once, however short it is."""

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


def test_the_head_waits_for_the_body_and_no_part_of_the_body_waits(ends: Ends) -> None:
    outbox, client = ends
    for _ in range(2):
        outbox.sendall(b"head")
        assert received(client) == b""
        outbox.sendall(b"1")
        assert received(client) == b"head1"
        outbox.sendall(b"2")
        assert received(client) == b"2"
        outbox.flush()
        assert received(client) == b""


def test_an_answer_without_a_body_is_sent_at_its_end(ends: Ends) -> None:
    outbox, client = ends
    outbox.sendall(b"head")
    outbox.flush()
    assert received(client) == b"head"
