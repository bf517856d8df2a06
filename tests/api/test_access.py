"""Who may, on the real server: what is not received and not logged, the headers of every answer, the file that changes."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.health import ReadinessSchema
from service.early_answers import early_answer
from tests.server import Server, running
from tests.tokens import TOKENS, UNKNOWN, bearer, file_of_tokens, line
from tests.waiting import eventually

JSON = {"Content-Type": "application/json"}
SECURITY = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
}


@pytest.fixture(scope="module")
def file(packs: Path) -> Path:
    """The file of the server, reached through links that can be swapped, as in a Kubernetes Secret."""
    folder = packs.with_name("access")
    (folder / "first").mkdir(parents=True)
    file_of_tokens(folder / "first" / "tokens")
    (folder / "..data").symlink_to("first")
    (folder / "tokens").symlink_to("..data/tokens")
    return folder / "tokens"


@pytest.fixture(scope="module")
def server(packs: Path, file: Path) -> Iterator[Server]:
    settings = {"TOCSIN_LOG_LEVEL": "debug", "TOCSIN_HEAD_SECONDS": "1"}
    log = packs.with_name("log")
    with running(packs, log, TOCSIN_TOKENS=str(file), **settings) as started:
        yield started


def test_readiness_is_open_but_its_details_are_for_operators(server: Server) -> None:
    for headers in ({}, bearer(UNKNOWN), bearer(TOKENS["post"])):
        reply = server.request("GET", "/readyz", headers=headers)
        assert (reply.status, reply.json) == (200, {"status": "ready"})
        assert ReadinessSchema().validate(reply.json) == {}
    reply = server.request("GET", "/readyz", headers=bearer(TOKENS["operate"]))
    assert set(reply.json) == {"status", "cross_check", "packs", "problems"}
    done = subprocess.run(
        [Path(sys.prefix) / "bin" / "tocsin", "health"],
        env={**os.environ, "TOCSIN_BIND": f"127.0.0.1:{server.port}"},
        timeout=60,
    )
    assert done.returncode == 0


def sent(server: Server, head: str, token: str | None, body: bytes = b"") -> bytes:
    """What comes back for a head whose body is not sent, or only its beginning."""
    lines = f"{head}\r\nHost: x\r\n" + (f"Authorization: Bearer {token}\r\n" if token else "")
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(f"{lines}\r\n".encode() + body)
        return connection.recv(65536)


LONG = {
    "a length": "Content-Length: 33554432",
    "chunks": "Transfer-Encoding: chunked",
    "100": "Content-Length: 2\r\nExpect: 100-continue",
}


@pytest.mark.parametrize("framing", LONG.values(), ids=LONG)
def test_a_long_body_is_not_waited_for_without_the_right_token(
    server: Server, framing: str
) -> None:
    head = f"POST /v1/assessments/batch HTTP/1.1\r\nContent-Type: application/x-ndjson\r\n{framing}"
    for token, status in ((None, 401), (UNKNOWN, 401), (TOKENS["read"], 403)):
        answer = sent(server, head, token)
        assert answer.startswith(f"HTTP/1.1 {status} ".encode()), answer
        assert b"Connection: close" in answer
    if "Expect" in framing:
        assert sent(server, head, TOKENS["post"]) == b"HTTP/1.1 100 Continue\r\n\r\n"


def test_every_answer_has_the_security_headers(server: Server) -> None:
    raw = [
        server.raw(b"GET / HTTP/9.9\r\n\r\n"),
        server.raw(b"GARBAGE\r\n\r\n"),
        server.raw(b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n"),
        late(server),
        early_answer(503, "busy"),
    ]
    for answer in raw:
        head, _, body = answer.partition(b"\r\n\r\n")
        lines = dict(one.split(": ", 1) for one in head.decode().lower().split("\r\n")[1:])
        assert {name: lines.get(name) for name in SECURITY} == SECURITY, answer
        assert b'"code":' in body
    for method, path in (("GET", "/healthz"), ("HEAD", "/v1/packs"), ("GET", "/no"), ("GET", "/")):
        headers = server.request(method, path).headers
        assert {name: headers.get(name) for name in SECURITY} == SECURITY
    page = server.get("/docs").headers
    assert "frame-ancestors 'none'" in page["content-security-policy"]
    assert page["referrer-policy"] == "no-referrer"


def late(server: Server) -> bytes:
    """The 408 for a head that does not end."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
        return connection.recv(65536)


def test_a_token_is_never_logged_but_its_name_is(server: Server) -> None:
    token = TOKENS["post"]
    given = {**bearer(token), "X-Request-Id": token, "Referer": f"/{token}"}
    paths = [f"/{token}", f"/v1/packs/{token}?token={token}", f"/v1/packs?{token}", "/metrics"]
    for path in paths:
        server.request("GET", path, headers=given)
        server.request("GET", path, headers=bearer(token[:-1] + "x"))
    server.request("POST", "/v1/assessments", f'{{"facts": "{token}"}}'.encode(), {**JSON, **given})
    for head in (f"GET /{token}", f"{token} / HTTP/1.1\r\n", f"GET / HTTP/1.1\r\n{token}: é\r\n"):
        server.raw(f"{head}\r\nAuthorization: Bearer {token}\r\n\r\n{token}".encode())
    lines = [one for one in server.log_lines("request") if one["request_id"] == "tocsin_…"]
    assert {one.get("token") for one in lines if one["status"] != 404} == {"post-desk"}
    assert {one["status"] for one in lines} == {403, 404, 422}
    logged = server.log.read_text("utf-8")
    assert token[:-1] not in logged


def test_no_part_of_a_token_is_logged_where_a_long_path_is_cut(server: Server) -> None:
    token = TOKENS["post"]
    cut = [f"/{'a' * long}{token}" for long in range(150, 200, 7)]
    for path in cut:
        server.request("GET", path, headers=bearer(token))
    eventually(lambda: server.log.read_text("utf-8").count("/aaaa") == len(cut))
    assert token[: len("tocsin_") + 1] not in server.log.read_text("utf-8")


def test_refused_requests_are_counted_by_few_reasons(server: Server) -> None:
    server.get("/v1/packs")
    server.request("GET", "/v1/packs", headers=bearer(UNKNOWN))
    server.request("GET", "/metrics", headers=bearer(TOKENS["read"]))

    def counted() -> set[str]:
        text = server.request("GET", "/metrics", headers=bearer(TOKENS["operate"])).body.decode()
        return set(re.findall(r"^tocsin_refused_callers_total{(.+)} [1-9]", text, re.MULTILINE))

    reasons = {'reason="no-token"', 'reason="unknown-token"', 'reason="role"'}
    eventually(lambda: counted() == reasons)


def test_a_swapped_list_takes_force_in_all_workers_and_a_wrong_one_never_does(
    server: Server, file: Path
) -> None:
    """The last test of this server: its list is then another."""
    last = f"tocsin_{'last':0>43}"
    swap(file, "second", line("last", "operate", last))

    def statuses(token: str) -> set[int]:
        return {server.request("GET", "/v1/packs", headers=bearer(token)).status for _ in range(20)}

    eventually(lambda: (statuses(last), statuses(TOKENS["read"])) == ({200}, {401}))
    swap(file, "third", "last operate\n")

    def warnings() -> set[str]:
        replies = [server.request("GET", "/readyz", headers=bearer(last)) for _ in range(20)]
        found = [reply.json.get("warnings", []) for reply in replies]
        return {one["message"] for warned in found for one in warned} | (
            {"none"} if [] in found else set()
        )

    said = (
        "the file has a mistake in line 1: 2 instead of 3 fields; a line must be: name role sha256, "
        "as 'tocsin token NAME ROLE' prints it; the list read before stays"
    )
    eventually(lambda: warnings() == {said})
    before = server.workers()
    for worker in before:
        os.kill(worker, signal.SIGKILL)
    eventually(lambda: len(server.workers() - before) == len(before))
    assert statuses(last) == {200}
    assert statuses(TOKENS["read"]) == {401}
    eventually(lambda: warnings() == {said})
    swap(file, "fourth", line("last", "operate", last))
    eventually(lambda: warnings() == {"none"})


def swap(file: Path, name: str, text: str) -> None:
    folder = file.parent / name
    folder.mkdir()
    (folder / "tokens").write_text(text)
    (file.parent / "next").symlink_to(name)
    (file.parent / "next").rename(file.parent / "..data")
