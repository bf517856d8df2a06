"""The log has one JSON line for each event. It has no facts, unless a setting of the operator allows them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.packs import copy_of_harbour
from tests.server import Server, running
from tests.waiting import eventually

PROBED = ("/healthz", "/readyz", "/metrics")
SECRET = "Zanzibar-47114711"
NDJSON = {"Content-Type": "application/x-ndjson"}


def incident(**more: Any) -> dict[str, Any]:
    return {"facts": {"ships": {"flagship": SECRET}, "wind": {"speed": 30, **more}}}


@contextmanager
def harbour(folder: Path, **settings: str) -> Iterator[Server]:
    (folder / "packs").mkdir()
    copy_of_harbour(folder / "packs")
    with running(folder / "packs", folder / "log", **settings) as server:
        yield server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with harbour(tmp_path_factory.mktemp("logs")) as started:
        yield started


def post_everything(server: Server) -> None:
    """Posts the secret in answered, refused and broken bodies, in other places, and in bytes after a body."""
    good, wrong = json.dumps(incident()).encode(), json.dumps(incident(gusts=SECRET)).encode()
    assert server.post(good).status == 200
    assert server.post(wrong).status == 422
    assert server.post(good[:-1]).status == 400
    assert server.post(good[:-1] + b',"facts":{}}').status == 400
    assert server.request("POST", f"/v1/assessments?{SECRET}", good).status == 422
    batch = b"\n".join([good, wrong, good[:-5], b""])
    assert server.request("POST", "/v1/assessments/batch", batch, NDJSON).status == 200
    head = "POST /v1/assessments HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    server.raw(f"{head}Content-Length: 2\r\n\r\n{{}}".encode() + good)
    server.raw(f"{head}Content-Length: 4000\r\n\r\n".encode() + good)
    server.raw(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode() + good)
    server.raw(f"{head}{SECRET}\r\n\r\n".encode())
    server.raw(good)


def test_no_fact_is_logged_even_at_level_debug(tmp_path: Path) -> None:
    with harbour(tmp_path, TOCSIN_LOG_LEVEL="debug") as server:
        post_everything(server)
        logged = server.log.read_text("utf-8")
    assert len(server.log_lines("request")) >= 7
    assert SECRET not in logged
    assert SECRET[:8] not in logged


def test_facts_are_logged_if_a_setting_allows_it(tmp_path: Path) -> None:
    with harbour(tmp_path, TOCSIN_LOG_FACTS="1") as server:
        server.post(incident())
        server.post(incident(gusts="x"))
        lines = server.log_lines("request")
    logged = [json.dumps(line["facts"]) for line in lines]  # two workers may have answered
    assert sorted(logged) == sorted(
        [json.dumps(incident()["facts"]), json.dumps(incident(gusts="x")["facts"])]
    )


def test_the_line_of_a_request_has_its_trace_digest_and_duration(server: Server) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    headers = {
        "Content-Type": "application/json",
        "traceparent": f"00-{trace}-00f067aa0ba902b7-01",
    }
    body = json.dumps(incident()).encode()
    reply = server.request("POST", "/v1/assessments", body, headers)
    eventually(lambda: bool(lines_of(server, "request", trace)))
    (line,) = lines_of(server, "request", trace)
    assert line["request_id"] == reply.headers["x-request-id"] == trace
    assert (line["pack"], line["digest"]) == ("harbour", reply.json["pack"]["digest"])
    assert line["milliseconds"] > 0


def test_the_line_of_a_batch_has_its_counts_digests_and_duration(server: Server) -> None:
    digest = server.get("/v1/packs").json["packs"][0]["digest"]
    body = b'{"facts":{}}\n{"facts":{}}\n{oops\n'
    headers = {**NDJSON, "X-Request-Id": "mine"}
    server.request("POST", "/v1/assessments/batch", body, headers)
    (line,) = server.log_lines("batch")
    assert (line["request_id"], line["lines"], line["problems"]) == ("mine", 3, 1)
    assert line["digests"] == {"harbour": digest}
    assert line["milliseconds"] > 0


def test_what_machines_ask_every_few_seconds_fills_no_log(server: Server) -> None:
    for path in PROBED:
        assert {server.get(one).status for one in (path, f"{path}/")} == {200}
    last = server.get("/v1/packs").headers["x-request-id"]
    eventually(lambda: bool(lines_of(server, "request", last)))
    logged = {one["path"].rstrip("/") for one in server.log_lines("request")}
    assert "/v1/packs" in logged
    assert not logged & {*PROBED}


def lines_of(server: Server, event: str, request: str) -> list[dict[str, Any]]:
    return [line for line in server.log_lines(event) if line["request_id"] == request]
