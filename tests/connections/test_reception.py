"""However a client's bytes are cut into pieces, the requests are those that gunicorn alone reads from them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest
from gunicorn.http.errors import NoMoreData

from service.server.reception import Phase, Reception
from service.server.spool import IN_MEMORY_BYTES, SpooledFiles
from tests.faults.connections import (
    ADDRESS,
    CFG,
    CHUNKED,
    CHUNKS,
    ERROR,
    GET,
    LIMITS,
    POST,
    REQUESTS,
    TRAILERS,
    as_gunicorn_reads,
    as_received,
    pieces,
)

LARGE = b"POST /batch HTTP/1.1\r\nHost: x\r\nContent-Length: 250000\r\n\r\n" + b"line\n" * 50_000


def reception() -> Reception:
    return Reception(CFG, ADDRESS, LIMITS, SpooledFiles())


@pytest.mark.parametrize("data", REQUESTS)
def test_a_request_that_comes_byte_by_byte_is_the_request(data: bytes) -> None:
    expected = as_gunicorn_reads(data)
    assert as_received([data[at : at + 1] for at in range(len(data))]) == expected
    assert len(expected) == 1
    assert expected != [ERROR]


@pytest.mark.parametrize("data", REQUESTS)
def test_a_request_torn_once_anywhere_is_the_request(data: bytes) -> None:
    expected = as_gunicorn_reads(data)
    for at in range(len(data)):
        assert as_received([data[:at], data[at:]]) == expected


def test_requests_sent_at_once_come_out_one_after_the_other() -> None:
    data = b"".join(REQUESTS * 3)
    draw = random.Random(11)
    expected = as_gunicorn_reads(data)
    assert [found[1] for found in expected] == ["/one", "/two", "/three", "/three", "/one"] * 3
    assert as_received([data]) == expected
    for _ in range(50):
        assert as_received(list(pieces(data, draw))) == expected


def test_a_request_is_ready_with_its_last_byte_and_not_before() -> None:
    for data in REQUESTS:
        machine = reception()
        for at in range(len(data)):
            assert machine.phase is not Phase.REQUEST, data[:at]
            machine.take(data[at : at + 1])
        assert (machine.phase, machine.is_whole) == (Phase.REQUEST, True)


def test_a_large_body_lies_in_a_file_until_it_is_closed() -> None:
    spooled = SpooledFiles()
    machine = Reception(CFG, ADDRESS, LIMITS, spooled)
    machine.take(LARGE[:IN_MEMORY_BYTES])
    assert spooled.bytes == 0
    machine.take(LARGE[IN_MEMORY_BYTES:])
    assert spooled.bytes == 250_000
    assert machine.request.body.read() == b"line\n" * 50_000
    machine.begin_next()
    assert (machine.phase, spooled.bytes) == (Phase.HEAD, 0)


WRONG_HEADS = {
    "a word": (b"hello\r\n", "InvalidRequestLine"),
    "a bare line feed": (b"GET / HTTP/1.1\n", "InvalidRequestLine"),
    "a bare line feed among headers": (b"GET / HTTP/1.1\r\nHost: x\n", "InvalidHeader"),
    "a line without end": (b"GET /" + b"x" * 300, "LimitRequestLine"),
    "a line that is too long": (b"GET /" + b"x" * 300 + b" HTTP/1.1\r\n", "LimitRequestLine"),
    "headers without end": (
        b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 200,
        "LimitRequestHeaders",
    ),
    "a header that is too long": (
        b"GET / HTTP/1.1\r\nX: " + b"y" * 101 + b"\r\n\r\n",
        "LimitRequestHeaders",
    ),
    "two lengths": (
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "InvalidHeader",
    ),
    "no line at all": (b"\r\n\r\n", "InvalidRequestLine"),
}


@pytest.mark.parametrize(("head", "error"), WRONG_HEADS.values(), ids=WRONG_HEADS)
def test_a_wrong_head_is_known_as_soon_as_gunicorn_can_know_it(head: bytes, error: str) -> None:
    for cut in ([head], [head[at : at + 1] for at in range(len(head))]):
        machine = reception()
        for piece in cut:
            machine.take(piece)
        assert type(machine.error).__name__ == error


WRONG_CHUNKS = {
    "a size that is none": b"zz\r\n{}\r\n0\r\n\r\n",
    "a size with a sign": b"+2\r\n{}\r\n0\r\n\r\n",
    "a size with 0x": b"0x2\r\n{}\r\n0\r\n\r\n",
    "no size": b"\r\n{}\r\n0\r\n\r\n",
    "a space before the size": b" 2\r\n{}\r\n0\r\n\r\n",
    "a space after the size": b"2 \r\n{}\r\n0\r\n\r\n",
    "a bare line feed": b"2\n{}\r\n0\r\n\r\n",
    "no line end after a chunk": b"2\r\n{}xx0\r\n\r\n",
    "a wrong extension": b"2;=\r\n{}\r\n0\r\n\r\n",
    "a bare carriage return in an extension": b"2;a\rb\r\n{}\r\n0\r\n\r\n",
    "an endless extension": b"2;" + b"a" * 9000 + b"\r\n{}\r\n0\r\n\r\n",
    "a trailer that is no header": b"0\r\nnonsense\r\n\r\n",
    "a trailer that is forbidden": b"0\r\nContent-Length: 1\r\n\r\n",
    "a trailer with a bare line feed": b"0\r\nX: 1\n\r\n\r\n",
}


@pytest.mark.parametrize("chunks", WRONG_CHUNKS.values(), ids=WRONG_CHUNKS)
def test_wrong_chunks_are_an_error_to_the_reader_and_the_last_request(chunks: bytes) -> None:
    for cut in ([CHUNKED + chunks], [*map(bytes, zip(CHUNKED + chunks, strict=True))]):
        machine = reception()
        for piece in cut:
            if machine.phase is not Phase.REQUEST:
                machine.take(piece)
        assert (machine.phase, machine.is_whole) == (Phase.REQUEST, False)
        assert machine.request.should_close()
        with pytest.raises(NoMoreData):
            machine.request.body.read()
    assert as_gunicorn_reads(CHUNKED + chunks) == [ERROR]


def test_a_body_that_breaks_off_is_an_error_to_its_reader() -> None:
    for data in (POST[:-1], CHUNKS[:-1], TRAILERS[:-30]):
        machine = reception()
        machine.take(data)
        machine.take_end()
        assert (machine.phase, machine.is_whole) == (Phase.REQUEST, False)
        with pytest.raises(NoMoreData):
            machine.request.body.read()


def test_a_head_that_breaks_off_is_no_request() -> None:
    machine = reception()
    machine.take(GET[:-1])
    machine.take_end()
    assert machine.phase is Phase.REST_OF_HEAD


def test_a_body_that_is_too_long_is_not_waited_for() -> None:
    head = b"POST /two HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\nExpect: 100-continue\r\n\r\n"
    machine = reception()
    machine.take(head)
    assert (machine.phase, machine.is_whole) == (Phase.REQUEST, False)
    assert not machine.must_continue
    assert machine.request.should_close()


def test_chunks_are_taken_until_they_are_too_long() -> None:
    machine = reception()
    machine.take(CHUNKED + b"3e8\r\n" + b"x" * 1000 + b"\r\n")
    assert machine.phase is Phase.BODY
    machine.take(b"1\r\ny")
    assert (machine.phase, machine.is_whole) == (Phase.REQUEST, False)
    assert machine.request.body.read(1001) == b"x" * 1000 + b"y"


def test_a_body_may_have_exactly_its_limit() -> None:
    machine = reception()
    machine.take(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n" + b"x" * 1000)
    assert machine.is_whole


def test_the_limit_of_a_path_holds_however_the_path_is_written() -> None:
    for path in (b"/batch", b"/%62atch", b"/batch?x=1", b"http://x/batch"):
        machine = reception()
        machine.take(b"POST " + path + b" HTTP/1.1\r\nHost: x\r\nContent-Length: 300000\r\n\r\n")
        assert machine.phase is Phase.BODY, path


def test_who_expects_a_word_before_the_body_is_to_get_it_once() -> None:
    machine = reception()
    machine.take(POST[:-7].replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n"))
    assert (machine.phase, machine.must_continue) == (Phase.BODY, True)
    machine.take(POST[-7:])
    assert machine.phase is Phase.REQUEST
    assert not machine.request._expected_100_continue


def test_who_has_sent_the_body_already_needs_no_word() -> None:
    machine = reception()
    machine.take(POST.replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n", 1))
    assert (machine.phase, machine.must_continue) == (Phase.REQUEST, False)


BODIES = {
    "long": (b"Content-Length: 250000\r\n", b"line\n" * 50_000),
    "chunked": (b"Transfer-Encoding: chunked\r\n", b"5\r\nline\n\r\n0\r\n\r\n"),
    "announced": (b"Content-Length: 2\r\nExpect: 100-continue\r\n", b"{}"),
}


@pytest.mark.parametrize(("headers", "body"), BODIES.values(), ids=BODIES)
def test_a_body_that_the_head_does_not_admit_is_not_waited_for(headers: bytes, body: bytes) -> None:
    asked: list[tuple[str, str, list[str]]] = []

    def admits(method: str, path: str, authorizations: Sequence[str]) -> bool:
        asked.append((method, path, [*authorizations]))
        return "Bearer a" in authorizations

    limits = replace(LIMITS, admits=admits)
    for given, waits in ((b"Authorization: Bearer a\r\n", True), (b"", False)):
        machine = Reception(CFG, ADDRESS, limits, SpooledFiles())
        machine.take(b"POST /b%61tch HTTP/1.1\r\nHost: x\r\n" + given + headers + b"\r\n")
        assert (machine.phase is Phase.BODY) == waits
        assert machine.must_continue == (waits and b"Expect" in headers)
        if waits:
            machine.take(body)
            assert machine.is_whole
        else:
            assert machine.request.should_close()
        machine.close()
    assert asked == [("POST", "/batch", ["Bearer a"]), ("POST", "/batch", [])]


def test_a_short_body_is_received_whether_it_is_admitted_or_not() -> None:
    limits = replace(LIMITS, admits=lambda *head: False)
    machine = Reception(CFG, ADDRESS, limits, SpooledFiles())
    machine.take(POST[:-1])
    assert machine.phase is Phase.BODY
    machine.take(POST[-1:])
    assert (machine.is_whole, machine.request.should_close()) == (True, False)
