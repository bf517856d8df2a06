"""Which tries the client makes and what it sends in each, against listeners that answer as no good server does."""

from __future__ import annotations

import json
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

import tocsin_http
from tests.client.asking import client_of, warm
from tests.client.listening import listening
from tocsin_http import NoAnswer, Problem

CUT = b""
FIRST = b'{"assessment_id": "first"}'


def whole(body: bytes, status: str = "200 OK") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


@contextmanager
def answering(*answers: bytes | Callable[[bytes], bytes]) -> Iterator[tuple[int, list[bytes]]]:
    """A port, and the bodies that are posted to it. Each connection gets the next answer and is closed."""
    bodies: list[bytes] = []

    def handle(connection: socket.socket) -> None:
        body = posted(connection)
        bodies.append(body)
        answer = answers[len(bodies) - 1]
        connection.sendall(answer if isinstance(answer, bytes) else answer(body))

    with listening(handle) as port:
        yield port, bodies


def posted(connection: socket.socket) -> bytes:
    """The body of one request, unpacked."""
    with connection.makefile("rb") as file:
        head = dict[str, str]()
        file.readline()
        while line := file.readline().decode().strip():
            name, _, value = line.partition(": ")
            head[name] = value
        body = file.read(int(head["Content-Length"]))
    return zlib.decompress(body, 31) if "Content-Encoding" in head else body


def first_lines(count: int) -> Callable[[bytes], bytes]:
    """So many answers to a batch, and then the end of the connection in the middle of another one."""

    def answer(body: bytes) -> bytes:
        asked = [json.loads(line) for line in body.splitlines()]
        lines = [
            json.dumps({"assessment_id": "x", "incident_id": one["incident_id"], "line": number})
            for number, one in enumerate(asked, start=1)
        ]
        told = "".join(f"{line}\n" for line in lines[:count]) + "".join(lines[count:])[:20]
        return b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + told.encode()

    return answer


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tocsin_http, "MOST_WAIT_SECONDS", 0.01)


def test_each_try_asks_the_same_at_the_same_moment() -> None:
    cuts = (CUT, b"HTTP/1.1 200 OK", b"HTTP/1.1 200 OK\r\nX: y\r\n\r\n", whole(FIRST)[:-1])
    with answering(*cuts, whole(FIRST)) as (port, bodies), client_of(port) as tocsin:
        time.sleep((0.98 - time.time()) % 1)  # the second changes soon
        assert tocsin.assess({"facts": {}}).assessment_id == "first"
    assert len(bodies) == 5
    assert len(set(bodies)) == 1
    assert json.loads(bodies[0])["as_of"]


def test_after_a_cut_only_the_lines_without_an_answer_are_sent_again_unchanged() -> None:
    parts = (first_lines(3), CUT, first_lines(0), first_lines(9))
    with answering(*parts) as (port, bodies), client_of(port) as tocsin:
        found = [(one.line, one.incident_id) for one in tocsin.batch(map(warm, range(8)))]
    assert found == [(number + 1, str(number)) for number in range(8)]
    lines = [body.splitlines() for body in bodies]
    assert lines[1] == lines[2] == lines[3] == lines[0][3:]


def test_a_report_that_is_cut_is_never_taken_for_a_whole_one() -> None:
    report = whole(b"# Alarm: high\n", "200 OK\r\nContent-Type: text/markdown; charset=utf-8")
    cuts = [report[:length] for length in range(len(report))]
    with answering(*cuts, report) as (port, bodies), client_of(port) as tocsin:
        assert tocsin.report({"facts": {}}) == "# Alarm: high\n"
    assert len(bodies) == len(cuts) + 1


def test_answers_with_other_numbers_are_not_taken() -> None:
    swapped = b'{"assessment_id": "x", "line": 2}\n{"assessment_id": "x", "line": 1}\n'
    with (
        answering(whole(swapped)) as (port, _),
        client_of(port) as tocsin,
        pytest.raises(NoAnswer, match="another number"),
    ):
        list(tocsin.batch(map(warm, range(2))))


def test_a_page_of_a_proxy_is_no_report() -> None:
    page = whole(b"<html>log in</html>", "200 OK\r\nContent-Type: text/html")
    with (
        answering(page) as (port, _),
        client_of(port) as tocsin,
        pytest.raises(NoAnswer, match="not a report"),
    ):
        tocsin.report({"facts": {}})


def test_a_cut_after_all_answers_of_a_batch_costs_no_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tocsin_http, "FIRST_WAIT_SECONDS", 1000.0)
    monkeypatch.setattr(tocsin_http, "MOST_WAIT_SECONDS", 1000.0)
    with answering(first_lines(2)) as (port, bodies), client_of(port) as tocsin:
        assert [one.line for one in tocsin.batch(map(warm, range(2)))] == [1, 2]
    assert len(bodies) == 1


def test_a_value_that_the_client_does_not_know_is_handed_on() -> None:
    purple = {"code": "purple", "level": 0, "text": "Purple", "since_when": "today"}
    outputs = {"grade": {"value": "purple", "text": "Purple", "established": True, "can_be": None}}
    told = {"assessment_id": "x", "grade": purple, "outputs": outputs, "omens": [1]}
    with answering(whole(json.dumps(told).encode())) as (port, _), client_of(port) as tocsin:
        answer = tocsin.assess({"facts": {}})
    assert answer.value("grade") == answer.results["grade"]["code"] == "purple"
    assert answer.results == {"grade": purple}
    assert answer["omens"] == [1]


@pytest.mark.parametrize("status", ["400 x", "401 x", "408 x", "413 x", "422 x", "429 x", "500 x"])
def test_no_refusal_is_tried_again(status: str) -> None:
    with (
        answering(whole(b"{}", status), whole(FIRST)) as (port, bodies),
        client_of(port) as tocsin,
        pytest.raises(Problem, match=status[:3]),
    ):
        tocsin.assess({"facts": {}})
    assert len(bodies) == 1


def test_the_moment_is_never_before_that_of_the_previous_answer() -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    moments = [now + timedelta(minutes=10), now - timedelta(days=1)]
    with answering(whole(FIRST), whole(FIRST), whole(FIRST)) as (port, bodies):
        for previous in (*[{"as_of": one.isoformat()} for one in moments], {"as_of": "soon"}):
            with client_of(port) as tocsin:
                tocsin.assess({"facts": {}, "previous": previous})
    told = [datetime.fromisoformat(json.loads(body)["as_of"]) for body in bodies]
    assert told[0] == moments[0]
    assert all(timedelta(0) <= one - now < timedelta(minutes=1) for one in told[1:])


def test_a_server_that_sends_byte_by_byte_is_not_waited_for_beyond_the_limit() -> None:
    def handle(connection: socket.socket) -> None:
        for byte in b"HTTP/1.1 200 OK\r\nX: " + b"x" * 1_000:
            connection.sendall(bytes([byte]))
            time.sleep(0.02)

    with listening(handle) as port, client_of(port, limit=0.5) as tocsin:
        begun = time.monotonic()
        with pytest.raises(NoAnswer, match="after 1 tries"):
            tocsin.assess(warm(0))
        assert time.monotonic() - begun < 2


def test_what_comes_on_a_silent_connection_is_never_taken_for_an_answer() -> None:
    """Some proxies send 408 before they close a connection that was silent for long."""
    late = b"HTTP/1.1 200 OK\r\nContent-Length: 22\r\n\r\n" + b'{"assessment_id": "x"}'
    told = threading.Event()

    def handle(connection: socket.socket) -> None:
        connection.recv(65536)
        body = b'{"assessment_id": "first"}'
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        time.sleep(0.1)  # the client has read the first answer
        connection.sendall(late)
        told.set()
        connection.recv(65536)

    with listening(handle) as port, client_of(port) as tocsin:
        assert tocsin.assess(warm(0)).assessment_id == "first"
        told.wait(10)
        time.sleep(0.05)
        assert tocsin.assess(warm(1)).assessment_id == "first"


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_proxy_without_its_server_is_asked_again_but_not_at_once(
    status: int,
) -> None:
    """Retry-After may be a date, here one that has passed."""
    moments: list[float] = []

    def handle(connection: socket.socket) -> None:
        connection.recv(65536)
        moments.append(time.monotonic())
        head, body = f"{status} x\r\nRetry-After: Wed, 01 Jan 2025 00:00:00 GMT", b""
        if len(moments) == 3:
            head, body = "200 OK", b'{"assessment_id": "x"}'
        connection.sendall(
            f"HTTP/1.1 {head}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
        )

    with listening(handle) as port, client_of(port) as tocsin:
        assert tocsin.assess(warm(0)).assessment_id == "x"
    assert moments[1] - moments[0] > 0.004
    assert moments[2] - moments[1] > 0.004
