"""The time limits of one connection, with a clock that the test moves."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from service.server.connection import BYTES_OF_REST, Connection, Stage
from service.server.limits import Limits, most_connections
from service.server.outbox import Outbox
from service.server.reception import Reception
from service.server.spool import SpooledFiles
from tests.faults.connections import ADDRESS, CFG, GET, POST

LIMITS = Limits(head_seconds=10, body_seconds=100, body_rate=5, answer_rate=1000, rate_seconds=20)
LONG = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"
TOO_LONG = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\n"
OPENED = 1000.0


@pytest.fixture
def ends() -> Iterator[tuple[Connection, socket.socket]]:
    """A connection that opened at OPENED, and its client."""
    server, client = socket.socketpair()
    server.setblocking(False)
    reception = Reception(CFG, ADDRESS, LIMITS, SpooledFiles())
    outbox = Outbox(server, SpooledFiles(), lambda: None)
    with server, client:
        yield Connection(server, "", reception, outbox, LIMITS, OPENED), client
    outbox.cut()
    reception.close()


def take(connection: Connection, data: bytes, now: float) -> None:
    connection.take(data)
    connection.received(now)


def test_a_new_connection_has_its_time_for_a_head_from_its_opening(
    ends: tuple[Connection, socket.socket],
) -> None:
    connection, _ = ends
    take(connection, GET[:1], OPENED + 9)
    assert not connection.is_late(OPENED + 10)
    assert connection.is_late(OPENED + 10.1)


def test_a_later_head_has_its_time_from_its_first_byte(
    ends: tuple[Connection, socket.socket],
) -> None:
    connection, _ = ends
    take(connection, GET, OPENED)
    assert connection.stage is Stage.JUDGED
    assert not connection.is_late(OPENED + 1000)
    connection.wait_for_next(OPENED + 1000, 5)
    assert not connection.is_late(OPENED + 1005)
    take(connection, GET[:1], OPENED + 1005)
    assert not connection.is_late(OPENED + 1015)
    assert connection.is_late(OPENED + 1015.1)


def test_a_body_must_keep_its_rate_and_its_whole_time(
    ends: tuple[Connection, socket.socket],
) -> None:
    connection, _ = ends
    take(connection, LONG, OPENED)
    for seconds in (20, 40, 60, 80):
        take(connection, b"x" * 100, OPENED + seconds)
        assert not connection.is_late(OPENED + seconds)
    take(connection, b"x" * 100, OPENED + 100)
    assert not connection.is_late(OPENED + 100)
    assert connection.is_late(OPENED + 100.1)


def test_a_body_that_misses_its_rate_once_is_late(ends: tuple[Connection, socket.socket]) -> None:
    connection, _ = ends
    take(connection, LONG + b"x" * 500, OPENED)
    assert not connection.is_late(OPENED + 20)
    take(connection, b"x" * 99, OPENED + 30)
    assert not connection.is_late(OPENED + 39)
    assert connection.is_late(OPENED + 40)


def test_a_reader_must_keep_its_rate_while_something_is_pending(
    ends: tuple[Connection, socket.socket],
) -> None:
    connection, client = ends
    take(connection, GET, OPENED)
    connection.sock.sendall(b"x" * 3_000_000)
    assert connection.sock.is_pending
    connection.begins_to_send(OPENED)
    for seconds in (20, 40):
        assert len(client.recv(100_000)) > 20_000
        connection.sock.send_pending()
        assert not connection.is_late(OPENED + seconds)
    assert connection.is_late(OPENED + 60)


def test_after_an_answer_the_rest_of_a_refused_request_has_thirty_seconds(
    ends: tuple[Connection, socket.socket],
) -> None:
    connection, _ = ends
    take(connection, TOO_LONG, OPENED)
    connection.begin_closing(OPENED)
    assert not connection.is_late(OPENED + 30)
    assert connection.is_late(OPENED + 30.1)


def test_a_client_that_waits_to_send_its_body_sends_no_rest(
    ends: tuple[Connection, socket.socket],
) -> None:
    connection, _ = ends
    take(connection, TOO_LONG[:-2] + b"Expect: 100-continue\r\n\r\n", OPENED)
    connection.begin_closing(OPENED)
    assert not connection.is_late(OPENED + 2)
    assert connection.is_late(OPENED + 2.1)


def test_the_rest_of_a_refused_request_is_read_up_to_64_mib(
    ends: tuple[Connection, socket.socket],
) -> None:
    connection, _ = ends
    block = b"x" * 2**20
    take(connection, TOO_LONG, OPENED)
    read_on = [connection.discards(block) for _ in range(BYTES_OF_REST // len(block))]
    assert read_on == [True] * 63 + [False]


def test_after_the_answer_to_a_whole_request_the_client_has_two_seconds_to_close(
    ends: tuple[Connection, socket.socket],
) -> None:
    connection, _ = ends
    take(connection, POST, OPENED)
    connection.begin_closing(OPENED)
    assert not connection.is_late(OPENED + 2)
    assert connection.is_late(OPENED + 2.1)


def test_when_the_worker_stops_a_silent_connection_has_two_seconds_from_its_opening(
    ends: tuple[Connection, socket.socket],
) -> None:
    connection, _ = ends
    connection.shorten(OPENED + 1)
    assert not connection.is_late(OPENED + 2)
    assert connection.is_late(OPENED + 2.1)


def test_when_the_worker_stops_a_half_head_keeps_its_time(
    ends: tuple[Connection, socket.socket],
) -> None:
    connection, _ = ends
    take(connection, GET[:1], OPENED)
    connection.shorten(OPENED + 1)
    assert not connection.is_late(OPENED + 10)


def test_the_number_of_connections_leaves_a_reserve_of_descriptors(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for descriptors, most in ((10_000, 1000), (1024, 474), (256, 90), (64, 16), (4, 1)):
        monkeypatch.setattr("resource.getrlimit", lambda _, found=descriptors: (found, found))
        assert most_connections(4, 1000) == most
