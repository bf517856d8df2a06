"""Who may: roles and addresses, refusals, the file that changes, what is not received and what is not logged."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from schemas.health import ReadinessSchema
from schemas.problem_details import ProblemSchema
from service.access.admission import admits
from service.access.token_watcher import TokenWatcher
from service.api.application import make_app
from service.config import Config, ConfigError, read_server_settings
from service.early_answers import early_answer
from tests.server import Server, running
from tests.tokens import TOKENS, UNKNOWN, bearer, file_of_tokens, line
from tests.waiting import eventually

JSON = {"Content-Type": "application/json"}
NDJSON = {"Content-Type": "application/x-ndjson"}
ALL = frozenset({"post", "read", "operate"})
MAY = {
    "POST /v1/assessments": {"post"},
    "POST /v1/assessments/batch": {"post"},
    "GET /v1/packs": ALL,
    "GET /v1/packs/<string:name>": ALL,
    "GET /openapi.json": ALL,
    "GET /metrics": {"operate"},
}
"""The table a second time: who may. All other addresses are open."""
WITHOUT_TOKEN = {
    "GET /healthz",
    "GET /readyz",
    "GET /",
    "GET /docs",
    "GET /docs/<any('docs.css', 'docs.js'):name>",
}
SECURITY = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
}


@pytest.fixture(scope="module")
def app(packs: Path) -> Flask:
    file = file_of_tokens(packs.with_name("tokens-of-app"))
    return make_app(Config(packs=packs, state=packs.with_name("state"), tokens=file))


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


def asked(app: Flask, address: str, headers: Mapping[str, str]) -> Any:
    method, path = address.split(" ", 1)
    path = re.sub("<any.*>", "docs.css", path).replace("<string:name>", "harbour")
    data = b'{"facts": {}}' if method == "POST" else None
    kind = (NDJSON if path.endswith("batch") else JSON) if data else {}
    return app.test_client().open(
        path, method=method, data=data, headers={**kind, **headers}, buffered=True
    )


def test_every_address_is_in_the_table(app: Flask) -> None:
    found = {
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert found == set(MAY) | WITHOUT_TOKEN


@pytest.mark.parametrize("address", MAY)
def test_only_these_roles_may(app: Flask, address: str) -> None:
    for role, token in TOKENS.items():
        reply = asked(app, address, bearer(token))
        assert reply.status_code == (200 if role in MAY[address] else 403), role
    for headers in ({}, bearer(UNKNOWN), {"Authorization": f"Basic {TOKENS['post']}"}):
        assert asked(app, address, headers).status_code == 401


@pytest.mark.parametrize("address", sorted(WITHOUT_TOKEN))
def test_these_addresses_are_open(app: Flask, address: str) -> None:
    for headers in ({}, bearer(UNKNOWN), bearer(TOKENS["post"])):
        assert asked(app, address, headers).status_code in (200, 303)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("HEAD", "/v1/packs", 401),
        ("HEAD", "/healthz", 200),
        ("OPTIONS", "/v1/assessments", 200),
        ("OPTIONS", "/metrics", 200),
        ("GET", "/v1/packs/none", 401),
        ("GET", "/v1/nothing", 404),
        ("GET", "//metrics", 404),
        ("GET", "/metrics/", 404),
        ("DELETE", "/v1/packs", 405),
        ("GET", "/v1/assessments", 405),
        ("GET", "/docs/other.js", 404),
        ("GET", f"/v1/packs?access_token={TOKENS['read']}", 401),
    ],
)
def test_without_a_token(app: Flask, method: str, path: str, status: int) -> None:
    assert app.test_client().open(path, method=method).status_code == status


def test_an_address_that_has_no_row_is_for_no_role(packs: Path, app: Flask) -> None:
    other = make_app(Config(packs=packs, state=packs.with_name("state"), tokens=_tokens(packs)))
    other.add_url_rule("/new", view_func=lambda: "secret")
    for token in TOKENS.values():
        assert other.test_client().get("/new", headers=bearer(token)).status_code == 403
    assert other.test_client().get("/new").status_code == 401


def _tokens(packs: Path) -> Path:
    return packs.with_name("tokens-of-app")


REFUSALS = {
    "no token": ({}, "GET /metrics", 401, 'Bearer realm="tocsin"'),
    "an unknown token": (
        bearer(UNKNOWN),
        "GET /metrics",
        401,
        'Bearer realm="tocsin", error="invalid_token"',
    ),
    "another role": (
        bearer(TOKENS["post"]),
        "GET /metrics",
        403,
        'Bearer realm="tocsin", error="insufficient_scope", scope="operate"',
    ),
}


@pytest.mark.parametrize(("headers", "address", "status", "challenge"), REFUSALS.values())
def test_a_refusal_is_a_problem_and_says_how_to_authenticate(
    app: Flask, headers: Mapping[str, str], address: str, status: int, challenge: str
) -> None:
    reply = asked(app, address, headers)
    assert (reply.status_code, reply.headers["WWW-Authenticate"]) == (status, challenge)
    assert reply.content_type == "application/problem+json"
    assert ProblemSchema().validate(reply.json) == {}
    assert reply.json["code"] == {401: "unauthorized", 403: "forbidden"}[status]
    assert reply.headers["Cache-Control"] == "no-store"
    assert not set(TOKENS.values()) & set(re.findall(r"\w+", reply.text))


SPELLINGS = [
    *("Bearer {}", "bearer {}", "BEARER {} ", "Bearer  {}", "Bearer\t{}", "Bearer {},Bearer {}"),
    *("Basic {}", "{}", "Bearer", "", "Bearer {}=", "Bearer a={}", "Bearer {} {}", "Token {}"),
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_body_is_received_for_every_header_that_the_application_accepts(
    app: Flask, packs: Path, spelling: str
) -> None:
    tokens = TokenWatcher(_tokens(packs)).present
    for role, token in TOKENS.items():
        header = spelling.replace("{}", token)
        answered = asked(app, "POST /v1/assessments/batch", {"Authorization": header}).status_code
        admitted = admits(tokens, "POST", "/v1/assessments/batch", [header])
        assert admitted == (answered == 200)
        assert admitted == (role == "post" and spelling in SPELLINGS[:4])


def test_a_long_body_is_admitted_at_an_address_that_does_not_exist_with_any_token(
    packs: Path,
) -> None:
    tokens = TokenWatcher(_tokens(packs)).present
    assert admits(tokens, "POST", "/none", [f"Bearer {TOKENS['read']}"])
    assert not admits(tokens, "POST", "/none", [f"Bearer {UNKNOWN}"])


def test_without_the_setting_no_token_is_asked_for_and_none_is_looked_at(packs: Path) -> None:
    open_app = make_app(Config(packs=packs, state=packs.with_name("state")))
    for address in MAY:
        for headers in ({}, bearer(UNKNOWN), {"Authorization": "garbage"}):
            assert asked(open_app, address, headers).status_code == 200
    assert "packs" in asked(open_app, "GET /readyz", {}).json


def test_openapi_says_what_needs_a_token(app: Flask) -> None:
    document = asked(app, "GET /openapi.json", bearer(TOKENS["read"])).json
    assert document["security"] == [{}, {"bearer": []}]
    scheme = document["components"]["securitySchemes"]["bearer"]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    assert "`operate` for GET /v1/packs" in scheme["description"]
    assert document["paths"]["/healthz"]["get"]["security"] == []
    for status in ("401", "403"):
        answer = document["paths"]["/v1/packs"]["get"]["responses"][status]
        assert set(answer["headers"]) == {"WWW-Authenticate", "X-Request-Id"}
        assert status not in document["paths"]["/readyz"]["get"]["responses"]


def test_tokens_and_open_for_everyone_contradict_each_other() -> None:
    with pytest.raises(ConfigError, match="TOCSIN_OPEN is '1', but must be '0' or empty with"):
        read_server_settings({"TOCSIN_OPEN": "1", "TOCSIN_TOKENS": "tokens"})


# The real server


def test_readiness_is_open_but_its_details_are_for_operators(server: Server) -> None:
    for headers in ({}, bearer(UNKNOWN), bearer(TOKENS["post"])):
        reply = server.request("GET", "/readyz", headers=headers)
        assert (reply.status, reply.json) == (200, {"status": "ready"})
        assert ReadinessSchema().validate(reply.json) == {}
    reply = server.request("GET", "/readyz", headers=bearer(TOKENS["operate"]))
    assert set(reply.json) == {"status", "packs", "problems"}
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
    assert {one["status"] for one in lines} == {200, 403, 404, 422}
    logged = server.log.read_text("utf-8")
    assert token[:-1] not in logged


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

    eventually(lambda: statuses(last) == {200})
    assert statuses(TOKENS["read"]) == {401}
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
