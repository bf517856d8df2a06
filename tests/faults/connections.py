"""Bytes of requests changed by seeded accidents, cut into pieces at random: what comes out is what gunicorn alone reads from them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from gunicorn.config import Config
from gunicorn.http.errors import NoMoreData
from gunicorn.http.parser import RequestParser

from service.server.limits import Limits
from service.server.reception import Phase, Reception
from service.server.spool import SpooledFiles

ADDRESS = ("127.0.0.1", 1)
LIMITS = Limits(body_bytes=1000, bodies_of_paths={"/batch": 300_000})
GET = b"GET /one HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST /two HTTP/1.1\r\nHost: x\r\nContent-Length: 7\r\n\r\n{\r\n\r\n1}"
CHUNKED = b"POST /three HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
CHUNKS = CHUNKED + b'5\r\nab\r\nc\r\n1;a=b ; c="q"\r\nd\r\n0\r\n\r\n'
TRAILERS = CHUNKED + b"A\r\n0123456789\r\n000\r\nX-Sum: 1\r\nX-Other: 2\r\n\r\n"
REQUESTS = (GET, POST, CHUNKS, TRAILERS, b"\r\n" + GET)
TOKENS = (
    b"\r\n", b"\n", b"\r", b"\r\n\r\n", b":", b" ", b"\t", b";", b"\0", b"\x80", b"_", b"5", b"a",
    b"Content-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n", b"gzip, chunked", b"7fffffff",
    b"0\r\n\r\n", b"1\r\nx\r\n", b"GET / HTTP/1.1\r\n", b"HTTP/1.0", b"Connection: close\r\n",
    b"Expect: 100-continue\r\n", b"SCRIPT_NAME: /x\r\n", b"X: y\r\n" * 6,
)  # fmt: skip
Draw = random.Random
Seen = tuple[Any, ...]
ERROR = ("error",)
"""Which of several errors of one head is found depends on where it is cut; each of them is the caller's."""


def configured() -> Config:
    cfg = Config()
    cfg.set("limit_request_line", 200)
    cfg.set("limit_request_fields", 5)
    cfg.set("limit_request_field_size", 100)
    return cfg


CFG = configured()


class Source:
    """A blocking socket that has all bytes."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def recv(self, size: int) -> bytes:
        data, self._data = self._data[:size], self._data[size:]
        return data


def mutated(seed: int, number: int) -> bytes:
    """The same seed and number give the same bytes."""
    draw = Draw(f"connection {seed} {number}")
    data = b"".join(draw.choice(REQUESTS) for _ in range(draw.choice([1, 2, 3])))
    for _ in range(draw.choice([1, 1, 2, 3, 5])):
        data = _damaged(draw, data) or b"G"
    return data


def _damaged(draw: Draw, data: bytes) -> bytes:
    at = draw.randrange(len(data) + 1)
    match draw.randrange(5):
        case 0:
            return data[:at] + draw.choice(TOKENS) + data[at:]
        case 1:
            return data[:at] + data[at + draw.randint(1, 6) :]
        case 2:
            return data[:at] + draw.randbytes(1) + data[at + 1 :]
        case 3:
            end = at + draw.randint(1, 30)
            return data[:end] + data[at:end] + data[end:]
    return data[:at]


def pieces(data: bytes, draw: Draw) -> Iterator[bytes]:
    while data:
        size = draw.choice([1, 1, 2, 3, 10, 100])
        yield data[:size]
        data = data[size:]


def cuts(data: bytes) -> list[list[bytes]]:
    """In one piece, byte by byte, and in random pieces."""
    single = [data[at : at + 1] for at in range(len(data))]
    return [[data], single, list(pieces(data, Draw(data)))]


def as_received(cut: list[bytes]) -> list[Seen]:
    """The requests that come out of the pieces, then the end of the connection."""
    machine = Reception(CFG, ADDRESS, LIMITS, SpooledFiles())
    found: list[Seen] = []
    steps: list[Callable[[], None]] = [partial(machine.take, piece) for piece in cut]
    for step in (*steps, machine.take_end):
        step()
        while machine.phase is Phase.REQUEST:
            found.append(ERROR if machine.error else seen(machine.request))
            if not machine.is_whole or machine.request.should_close() or found[-1] == ERROR:
                return found
            machine.begin_next()
    return found


def as_gunicorn_reads(data: bytes) -> list[Seen]:
    """The oracle: gunicorn's parser alone."""
    found: list[Seen] = []
    try:
        for request in RequestParser(CFG, Source(data), ADDRESS):
            found.append(seen(request))
            if found[-1] == ERROR:
                break
    except NoMoreData:
        pass
    except Exception:
        found.append(ERROR)
    return found


def seen(request: Any) -> Seen:
    """Without what gunicorn accepts and Tocsin does not: a body shorter than its Content-Length, a request of HTTP/1.1
    without Host, and a transfer coding beside `chunked`.
    """
    sent = [(name, value.lower()) for name, value in request.headers]
    if request.version != (1, 0) and "HOST" not in dict(sent):
        return ERROR
    if any(name == "TRANSFER-ENCODING" and value != "chunked" for name, value in sent):
        return ERROR
    lengths = [int(value) for name, value in request.headers if name == "CONTENT-LENGTH"]
    try:
        body = request.body.read()
    except Exception:
        return ERROR
    if lengths and len(body) < lengths[0]:
        return ERROR
    return request.method, request.uri, tuple(request.headers), body, tuple(request.trailers)


def judge(data: bytes) -> str:
    """What differs; "" if nothing does."""
    expected = as_gunicorn_reads(data)
    for cut in cuts(data):
        found = as_received(cut)
        if found != expected:
            return f"{found!r} in {len(cut)} pieces, not {expected!r}"
    return ""
