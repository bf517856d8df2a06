"""What clients may take: time for a head and a body, a rate, a connection. One server with short limits for all."""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import BinaryIO

import pytest

from schemas.problem_details import ProblemSchema
from tests.server import Reply, Server, running
from tests.waiting import eventually

THREADS = 2
HEAD_SECONDS = 2
KEEP_ALIVE_SECONDS = 4
STORM = json.dumps({"facts": {"wind": {"speed": 30}}}).encode()
HEAD = b"POST /v1/assessments HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
LENGTH = b"Content-Length: %d\r\n\r\n"
REQUEST = HEAD + LENGTH % len(STORM) + STORM
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
SETTINGS = {
    "TOCSIN_WORKERS": "1",
    "TOCSIN_THREADS": str(THREADS),
    "TOCSIN_HEAD_SECONDS": str(HEAD_SECONDS),
    "TOCSIN_KEEP_ALIVE_SECONDS": str(KEEP_ALIVE_SECONDS),
    "TOCSIN_RATE_SECONDS": "2",
    "TOCSIN_BODY_RATE": "20",
    "TOCSIN_BODY_SECONDS": "5",
}


@pytest.fixture(scope="module")
def server(packs: Path) -> Iterator[Server]:
    with running(packs, packs.parent / "log", **SETTINGS) as started:
        yield started


def connected(server: Server, data: bytes = b"") -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=20)
    connection.sendall(data)
    return connection


def answers_on(connection: socket.socket, count: int = 1) -> list[Reply]:
    with connection.makefile("rb") as file:
        return [_next_answer(file) for _ in range(count)]


def answer_on(connection: socket.socket) -> Reply:
    return answers_on(connection)[0]


def _next_answer(file: BinaryIO) -> Reply:
    status = int(file.readline().split()[1])
    lines = iter(lambda: file.readline().strip(), b"")
    pairs = (line.decode().split(": ", 1) for line in lines)
    headers = {name.lower(): value for name, value in pairs}
    return Reply(status, headers, file.read(int(headers["content-length"])))


def assert_storm(reply: Reply) -> None:
    assert (reply.status, reply.json["alert"]["code"]) == (200, "storm")


def assert_too_late(connection: socket.socket) -> None:
    reply = answer_on(connection)
    assert (reply.status, reply.json["status"], reply.json["code"]) == (408, 408, "request-timeout")
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.headers["connection"] == "close"
    assert reply.json["request_id"] == reply.headers["x-request-id"]
    assert ProblemSchema().validate(reply.json) == {}
    assert connection.recv(1) == b""


Scene = Callable[[Server], None]
SCENES: dict[str, Scene] = {}


def scene(played: Scene) -> Scene:
    """Most of a scene is waiting, so all are played at once."""
    SCENES[played.__name__] = played
    return played


@scene
def a_half_head_and_a_half_body_are_answered_with_408_and_a_silent_client_with_nothing(
    server: Server,
) -> None:
    with (
        connected(server) as silent,
        connected(server, HEAD) as half,
        connected(server, REQUEST[:-1]) as slow,
        connected(server, CHUNKED + b"2\r\n{") as chunked,
    ):
        assert_too_late(half)
        assert silent.recv(1) == b""
        assert_too_late(slow)
        assert_too_late(chunked)


@scene
def bytes_that_keep_coming_do_not_prolong_the_time_for_a_head(server: Server) -> None:
    with connected(server) as drip:
        started = time.monotonic()
        drip.settimeout(0.1)
        for byte in HEAD * 10:
            drip.sendall(bytes([byte]))
            try:
                if drip.recv(1, socket.MSG_PEEK):
                    break
            except TimeoutError:
                continue
        assert time.monotonic() - started >= HEAD_SECONDS
        drip.settimeout(20)
        assert answer_on(drip).status == 408


@scene
def a_body_that_keeps_its_rate_may_take_longer_than_a_head(server: Server) -> None:
    body = STORM + b" " * 200
    with connected(server, HEAD + LENGTH % len(body)) as slow:
        for at in range(0, len(body), 30):
            slow.sendall(body[at : at + 30])
            time.sleep(0.4)
        assert_storm(answer_on(slow))


@scene
def a_body_has_its_whole_time_and_no_more(server: Server) -> None:
    body, started = STORM + b" " * 1000, time.monotonic()
    with connected(server, HEAD + LENGTH % len(body)) as slow:
        for at in range(0, len(body), 12):
            try:
                slow.sendall(body[at : at + 12])
            except OSError:
                break
            if time.monotonic() - started > 30:
                break
            time.sleep(0.2)
    lines = [line["message"] for line in server.log_lines("server")]
    assert 5 <= time.monotonic() - started < 30
    assert any("408" in line for line in lines)


@scene
def a_kept_connection_has_its_time_for_a_head_from_the_first_byte_on(server: Server) -> None:
    with connected(server, REQUEST) as kept:
        assert_storm(answer_on(kept))
        time.sleep(HEAD_SECONDS + 0.5)
        kept.sendall(REQUEST[:10])
        time.sleep(HEAD_SECONDS / 2)
        kept.sendall(REQUEST[10:])
        assert_storm(answer_on(kept))
        kept.sendall(REQUEST[:10])
        assert_too_late(kept)


@scene
def a_kept_connection_may_be_silent_for_as_long_as_the_setting_says(server: Server) -> None:
    with connected(server, REQUEST) as kept:
        assert_storm(answer_on(kept))
        started = time.monotonic()
        assert kept.recv(1) == b""
        assert KEEP_ALIVE_SECONDS - 0.1 <= time.monotonic() - started < KEEP_ALIVE_SECONDS + 5


@scene
def a_reader_below_the_least_rate_is_closed_and_one_above_it_is_not(server: Server) -> None:
    lines = (STORM + b"\n") * 10_000
    batch = HEAD.replace(b"/assessments", b"/assessments/batch").replace(b"json", b"x-ndjson")
    slow = socket.socket()
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    slow.settimeout(20)
    slow.connect(("127.0.0.1", server.port))
    with slow:
        slow.sendall(batch + LENGTH % len(lines) + lines)
        stop = threading.Event()
        got = []

        def read_slowly() -> None:
            while not stop.wait(0.2):
                got.append(len(slow.recv(4096)))

        reading = threading.Thread(target=read_slowly)
        reading.start()
        time.sleep(5)
        stop.set()
        reading.join()
        assert sum(got) > 10 * 4096
        assert all(got)
        eventually(
            lambda: any(
                "too slowly" in line["message"] and "answer" in line["message"]
                for line in server.log_lines("server")
            )
        )


def pipelining(server: Server) -> socket.socket:
    """Has sent assessments until nothing more goes out, and never reads."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect(("127.0.0.1", server.port))
    connection.settimeout(0.3)
    with suppress(TimeoutError):
        while True:
            connection.sendall(REQUEST)
    return connection


@scene
def clients_that_stand_still_keep_no_thread_and_are_given_up(server: Server) -> None:
    with ExitStack() as clients:
        slow = [
            clients.enter_context(stands_still)
            for _ in range(THREADS + 1)
            for stands_still in (pipelining(server), connected(server, REQUEST[:-5]))
        ]
        assert server.get("/healthz").status == 200
        assert_storm(server.post(STORM))
        for connection in slow:
            eventually(partial(is_closed, connection))


def is_closed(connection: socket.socket) -> bool:
    """Whether the server has ended it, found without reading what it sent."""
    with suppress(BlockingIOError):
        if not connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT):
            return True
    try:
        connection.send(b"x", socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return False


@pytest.fixture(scope="module")
def played(server: Server) -> Iterator[dict[str, Future[None]]]:
    with ThreadPoolExecutor(len(SCENES)) as pool:
        yield {name: pool.submit(play, server) for name, play in SCENES.items()}


@pytest.mark.parametrize("name", SCENES)
def test_with_time(played: dict[str, Future[None]], name: str) -> None:
    played[name].result()


def test_silent_half_and_slow_clients_together_take_no_thread(server: Server) -> None:
    with ExitStack() as clients:
        for _ in range(100):
            clients.enter_context(connected(server))
        for _ in range(50):
            clients.enter_context(connected(server, HEAD[:40]))
        for _ in range(20 * THREADS):
            clients.enter_context(connected(server, REQUEST[:-5]))
        for _ in range(10):
            assert server.get("/healthz").status == 200
            assert_storm(server.post(STORM))


def test_requests_sent_at_once_are_answered_in_their_order(server: Server) -> None:
    calm = json.dumps({"facts": {"wind": {"speed": 0, "gusts": 0}}}).encode()
    other = HEAD + LENGTH % len(calm) + calm
    chunks = CHUNKED + b"3\r\n" + STORM[:3] + b"\r\n%x\r\n" % (len(STORM) - 3) + STORM[3:]
    with connected(server, (REQUEST + other + chunks + b"\r\n0\r\nX-Sum: 1\r\n\r\n") * 5) as many:
        codes = [answer.json["alert"]["code"] for answer in answers_on(many, 15)]
    assert codes == ["storm", "calm", "storm"] * 5


def test_a_client_that_expects_it_is_told_to_continue_once(server: Server) -> None:
    with connected(server, HEAD + b"Expect: 100-continue\r\n" + LENGTH % len(STORM)) as waiting:
        assert waiting.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        waiting.sendall(STORM)
        assert_storm(answer_on(waiting))


def test_a_body_that_is_too_long_is_refused_before_it_is_sent(server: Server) -> None:
    head = HEAD + b"Expect: 100-continue\r\n" + LENGTH % (2**20 + 1)
    with connected(server, head) as waiting:
        reply = answer_on(waiting)
        assert (reply.status, reply.json["code"]) == (413, "body-too-large")
        assert reply.headers["connection"] == "close"


UNREADABLE = {
    "no host": (b"GET /healthz HTTP/1.1\r\n\r\n", 400, "bad-request"),
    "two hosts": (b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400, "bad-request"),
    "compressed in transfer": (
        CHUNKED.replace(b"chunked", b"gzip, chunked") + b"0\r\n\r\n",
        501,
        "not-implemented",
    ),
    "an unknown coding": (CHUNKED.replace(b"chunked", b"x, chunked"), 501, "not-implemented"),
    "no last coding": (CHUNKED.replace(b"chunked", b"gzip"), 400, "bad-request"),
    "another expectation": (HEAD + b"Expect: tea\r\n\r\n", 417, "expectation-failed"),
    "no request": (b"hello\r\n\r\n", 400, "bad-request"),
    "no method": (b"g@t / HTTP/1.1\r\nHost: x\r\n\r\n", 400, "bad-request"),
    "another version": (b"GET / HTTP/3.0\r\nHost: x\r\n\r\n", 505, "http-version-not-supported"),
    "a long address": (b"GET /%s HTTP/1.1\r\n\r\n" % (b"x" * 5000), 414, "request-uri-too-long"),
    "a long header": (
        HEAD + b"X: %s\r\n\r\n" % (b"x" * 9000),
        431,
        "request-header-fields-too-large",
    ),
    "many headers": (HEAD + b"X: y\r\n" * 99 + b"\r\n", 431, "request-header-fields-too-large"),
    "a header on two lines": (HEAD + b"X: y\r\n z\r\n\r\n", 400, "bad-request"),
    "no name of a header": (HEAD + b"a b: y\r\n\r\n", 400, "bad-request"),
    "two lengths": (HEAD + b"Content-Length: 1\r\n" + LENGTH % 2, 400, "bad-request"),
}


@pytest.mark.parametrize(("data", "status", "code"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_head_that_cannot_be_read_gets_a_problem(
    server: Server, data: bytes, status: int, code: str
) -> None:
    with connected(server, data) as client:
        reply = answer_on(client)
        assert client.recv(1) == b""
    assert (reply.status, reply.json["code"], reply.json["status"]) == (status, code, status)
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.json["request_id"] == reply.headers["x-request-id"]
    assert ProblemSchema().validate(reply.json) == {}


@pytest.mark.parametrize("name", ["Host", "Content-Type", "Content-Length", "Transfer-Encoding"])
def test_a_header_that_may_stand_once_is_named_if_it_stands_twice(
    server: Server, name: str
) -> None:
    twice = f"{name}: chunked\r\n" * 2
    data = f"POST /v1/assessments HTTP/1.1\r\nHost: x\r\n{twice}\r\n".encode()
    with connected(server, data) as client:
        assert (
            f"the header {name.upper()} is wrong, or there is" in answer_on(client).json["detail"]
        )


def test_an_old_client_needs_no_host(server: Server) -> None:
    assert server.raw(b"GET /healthz HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.0 200 ")


def test_a_body_that_breaks_off_is_refused_though_it_could_be_read(server: Server) -> None:
    said = server.raw(HEAD + LENGTH % (len(STORM) + 10) + STORM)
    assert said.startswith(b"HTTP/1.1 400 ")
    assert b"ended too early" in said


def test_a_worker_without_descriptors_closes_waiting_connections_and_goes_on(packs: Path) -> None:
    with running(packs, packs.parent / "few", **SETTINGS) as server:
        (worker,) = server.workers()
        in_use = len(os.listdir(f"/proc/{worker}/fd"))
        _, hard = resource.prlimit(worker, resource.RLIMIT_NOFILE)
        resource.prlimit(worker, resource.RLIMIT_NOFILE, (in_use + 10, hard))
        with ExitStack() as clients:
            for _ in range(50):
                clients.enter_context(connected(server))
            for _ in range(20):
                assert_storm(server.post(STORM))
        assert server.workers() == {worker}
        assert any("not accepted" in line["message"] for line in server.log_lines("server"))


def test_a_worker_takes_as_many_connections_as_its_descriptors_allow(packs: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    try:
        context = running(packs, packs.parent / "limited", **SETTINGS)
        server = context.__enter__()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    with ExitStack() as clients:
        clients.push(context)
        (worker,) = server.workers()
        before = len(os.listdir(f"/proc/{worker}/fd"))
        for _ in range(200):
            clients.enter_context(connected(server))
        assert_storm(server.post(STORM))
        assert len(os.listdir(f"/proc/{worker}/fd")) - before < 100
        assert not any("not accepted" in line["message"] for line in server.log_lines("server"))
        assert any("to accept a new one" in line["message"] for line in server.log_lines("server"))


def test_sigterm_closes_silent_connections_at_once_and_answers_what_has_begun(packs: Path) -> None:
    settings = {**SETTINGS, "TOCSIN_HEAD_SECONDS": "60", "TOCSIN_RATE_SECONDS": "60"}
    with (
        running(packs, packs.parent / "stopped", **settings) as server,
        ExitStack() as clients,
    ):
        silent = [clients.enter_context(connected(server)) for _ in range(20)]
        kept = clients.enter_context(connected(server, REQUEST))
        assert_storm(answer_on(kept))
        begun = clients.enter_context(connected(server, REQUEST[:-1]))
        half = clients.enter_context(connected(server, HEAD[:10]))
        time.sleep(2.5)
        os.kill(server.master(), signal.SIGTERM)
        started = time.monotonic()
        for connection in [*silent, kept]:
            assert connection.recv(1) == b""
        assert time.monotonic() - started < 10
        assert server.process.poll() is None
        half.sendall(REQUEST[10:])
        begun.sendall(REQUEST[-1:])
        assert_storm(answer_on(half))
        assert_storm(answer_on(begun))
        eventually(lambda: server.process.poll() == 0)


def test_headers_of_a_proxy_move_no_path_and_no_scheme(server: Server) -> None:
    hidden = b"GET /x/metrics HTTP/1.1\r\nHost: x\r\nSCRIPT_NAME: /x\r\n"
    for data, status in (
        (hidden, b"404"),
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\nSCRIPT_NAME: /x\r\n", b"200"),
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\nPATH_INFO: /metrics\r\n", b"200"),
        (
            b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Ssl: off\r\n",
            b"200",
        ),
    ):
        said = server.raw(data + b"Connection: close\r\n\r\n")
        assert said.startswith(b"HTTP/1.1 " + status), said[:100]
    moved = server.raw(
        b"GET /v1//packs HTTP/1.1\r\nHost: x\r\nX-Forwarded-Proto: https\r\nConnection: close\r\n\r\n"
    )
    assert b"https:" not in moved
