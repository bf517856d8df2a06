"""Clients that are silent, send half a head, send bodies slowly or read nothing, all at once: other clients notice nothing."""

from __future__ import annotations

import http.client
import json
import socket
import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from tests.faults.campaign import Outcome
from tests.server import Server

SILENT = 100
HALF_HEADS = 50
SLOW_BODIES_OF_A_THREAD = 10
DEAF = 4
LINES = 5_000
SECONDS_FOR_HEALTH = 0.05
BODY = json.dumps({"facts": {}, "as_of": "2026-01-01T00:00:00Z"}).encode()
HEAD = b"POST /v1/assessments HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
SLOW = HEAD + b"Content-Length: 10000\r\n\r\n{"
BATCH = HEAD.replace(b"assessments", b"assessments/batch").replace(b"json", b"x-ndjson")


@dataclass
class Figures:
    """Seconds of each request, and what was wrong with any."""

    health: list[float] = field(default_factory=list)
    posts: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        """In milliseconds."""
        return "; ".join(
            f"{name} median {statistics.median(seconds) * 1000:.1f} ms, "
            f"90 % within {_most(seconds) * 1000:.1f} ms, slowest {max(seconds) * 1000:.1f} ms"
            for name, seconds in (("/healthz", self.health), ("POST", self.posts))
        )


def _most(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=10)[-1]


def slow_clients(server: Server, threads: int, requests: int) -> tuple[Outcome, Figures]:
    """`/healthz` must be answered in 50 ms, but for one time in ten: the machine may be busy."""
    started, figures = time.monotonic(), Figures()
    expected = _answer(server)
    with attack(server, threads):
        for _ in range(requests):
            figures.health.append(_seconds(server, "GET", "/healthz", None, figures))
            figures.posts.append(_seconds(server, "POST", "/v1/assessments", BODY, figures))
            if _answer(server) != expected:
                figures.wrong.append("another answer than without slow clients")
    outcome = Outcome("slow clients", 0, requests, time.monotonic() - started)
    outcome.failures.extend((-1, b"", what) for what in figures.wrong)
    if _most(figures.health) > SECONDS_FOR_HEALTH:
        outcome.failures.append((-1, b"", f"/healthz is slow: {figures}"))
    if server.log_lines("worker-stopped"):
        outcome.failures.append((-1, b"", "a worker ended"))
    return outcome, figures


@contextmanager
def attack(server: Server, threads: int) -> Iterator[None]:
    """`threads` are those of all workers."""
    starts = [
        *[b""] * SILENT,
        *[HEAD[:40]] * HALF_HEADS,
        *[SLOW] * (SLOW_BODIES_OF_A_THREAD * threads),
        *[BATCH + b"Content-Length: %d\r\n\r\n" % (len(BODY) * LINES + LINES)] * DEAF,
    ]
    with ExitStack() as clients:
        for start in starts:
            client = clients.enter_context(socket.socket())
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.connect(("127.0.0.1", server.port))
            client.sendall(start)
            if start.startswith(BATCH):
                client.sendall((BODY + b"\n") * LINES)
        yield


def _answer(server: Server) -> object:
    answer = server.post(BODY).json
    answer.pop("assessment_id", None)
    return answer


def _seconds(server: Server, method: str, path: str, body: bytes | None, figures: Figures) -> float:
    before = time.monotonic()
    try:
        reply = server.request(method, path, body, {"Content-Type": "application/json"})
    except (OSError, http.client.HTTPException) as error:
        figures.wrong.append(f"{method} {path}: {error!r}")
    else:
        if reply.status != 200:
            figures.wrong.append(f"{method} {path}: {reply.status}")
    return time.monotonic() - before
