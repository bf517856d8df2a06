"""Batches: one answer per line, and limits that are checked before the answer begins."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.packs import copy_of_harbour
from tests.server import Reply, Server, running

MIB = 1024 * 1024
BATCH_BYTES = 32 * MIB
NDJSON = {"Content-Type": "application/x-ndjson"}
STORM = {"facts": {"wind": {"speed": 30}}}
CALM = {"facts": {"wind": {"speed": 0, "gusts": 0}}}


@pytest.fixture(scope="module")
def harbour(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One worker with two threads, so one batch at a time."""
    folder = tmp_path_factory.mktemp("batch")
    (folder / "packs").mkdir()
    copy_of_harbour(folder / "packs")
    settings = {"TOCSIN_WORKERS": "1", "TOCSIN_THREADS": "2"}
    with running(folder / "packs", folder / "log", **settings) as server:
        yield server


def lines(*bodies: Any) -> bytes:
    return b"".join(json.dumps(body).encode() + b"\n" for body in bodies)


def batch(server: Server, body: bytes) -> Reply:
    return server.request("POST", "/v1/assessments/batch", body, NDJSON)


def answers(reply: Reply) -> list[Any]:
    assert reply.status == 200, reply.body
    assert reply.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line) for line in reply.body.splitlines()]


def test_each_line_gets_its_answer_in_the_same_order(harbour: Server) -> None:
    found = answers(batch(harbour, lines(*[STORM, CALM] * 500)))
    assert [answer["alert"]["code"] for answer in found] == ["storm", "calm"] * 500


def test_a_wrong_line_gets_a_problem_with_its_number_and_affects_no_other(harbour: Server) -> None:
    body = lines(STORM) + b"{oops\n\n" + lines({"facts": {"wind": {"sped": 1}}}, CALM)
    found = answers(batch(harbour, body))
    assert [answer.get("code") for answer in found] == [
        None,
        "invalid-json",
        "invalid-request",
        None,
    ]
    assert [answer["line"] for answer in found] == [1, 2, 4, 5]


def test_every_answer_and_problem_has_its_line_its_incident_and_the_request(
    harbour: Server,
) -> None:
    named: list[Any] = [
        {**STORM, "incident_id": "s-1"},
        {"facts": {"wind": {"sped": 1}}, "incident_id": "s-2"},
        {"facts": {}, "incident_id": "s-3", "pack": "nowhere"},
        {"facts": {}, "incident_id": ""},
        [STORM],
    ]
    body = lines(*named) + b'{"incident_id": "s-6"' + b"\n\r\n" + lines(CALM)
    headers = {**NDJSON, "X-Request-Id": "r-1"}
    found = answers(harbour.request("POST", "/v1/assessments/batch", body, headers))
    assert [(one["line"], one["incident_id"]) for one in found] == [
        (1, "s-1"),
        (2, "s-2"),
        (3, "s-3"),
        (4, None),
        (5, None),
        (6, None),
        (8, None),
    ]
    assert {one["request_id"] for one in found} == {"r-1"}
    assert [one.get("status", 200) for one in found] == [200, 422, 422, 422, 422, 400, 200]


def test_the_last_line_needs_no_line_feed(harbour: Server) -> None:
    assert len(answers(batch(harbour, lines(STORM) + lines(CALM).rstrip()))) == 2


def test_an_empty_batch_gets_an_empty_answer(harbour: Server) -> None:
    assert answers(batch(harbour, b"")) == []


def test_a_line_of_a_batch_gets_the_same_answer_as_a_single_assessment(harbour: Server) -> None:
    incident = {**STORM, "as_of": "2026-01-01T00:00:00Z"}
    (one,), other = answers(batch(harbour, lines(incident))), harbour.post(incident).json
    assert one == {**other, "line": 1, "request_id": one["request_id"]}


@pytest.mark.parametrize(
    ("body", "detail"),
    [(b"1\n" * 10_000 + b"\n\n1", "10000 lines"), (b" " * (BATCH_BYTES + 1), "32 MiB")],
    ids=["too many lines", "too many bytes"],
)
def test_limits_are_checked_before_the_answer_begins(
    harbour: Server, body: bytes, detail: str
) -> None:
    reply = batch(harbour, body)
    assert (reply.status, reply.json["code"]) == (413, "body-too-large")
    assert detail in reply.json["detail"]


def test_a_batch_with_as_many_incidents_and_bytes_as_allowed_is_answered(harbour: Server) -> None:
    """Blank lines count as bytes only. The last line needs no end."""
    body = b"\n \r\n1\r\n" * 9_999 + b"\n" * 100_000 + b"1"
    found = answers(batch(harbour, body.rjust(BATCH_BYTES, b" ")))
    assert len(found) == 10_000
    assert (found[0]["line"], found[-1]["line"]) == (3, 9_999 * 3 + 100_000 + 1)


def test_a_line_may_have_exactly_1_mib_without_its_end(harbour: Server) -> None:
    for end in (b"", b"\n", b"\r\n"):
        for length, status in ((MIB, 200), (MIB + 1, 413)):
            line = json.dumps(STORM).encode().ljust(length)
            found = answers(batch(harbour, line + end + (lines(CALM) if end else b"")))
            assert [one.get("status", 200) for one in found] == [status, *([200] if end else [])]


@pytest.mark.parametrize(("length", "status"), [(MIB, 200), (MIB + 1, 413)])
@pytest.mark.parametrize("is_chunked", [False, True])
def test_a_single_body_may_have_exactly_1_mib(
    harbour: Server, length: int, status: int, is_chunked: bool
) -> None:
    body = json.dumps(STORM).encode().ljust(length)
    sent: Any = iter([body[:70_000], body[70_000:]]) if is_chunked else body
    headers = {"Content-Type": "application/json"}
    assert harbour.request("POST", "/v1/assessments", sent, headers).status == status


@pytest.mark.parametrize("sent", [b"", b'{"facts": {}}', b'{"facts": {}}\n' * 5])
@pytest.mark.parametrize(
    ("path", "kind"), [("", "application/json"), ("/batch", "application/x-ndjson")]
)
def test_a_body_that_is_shorter_than_its_content_length_is_refused(
    harbour: Server, path: str, kind: str, sent: bytes
) -> None:
    head = f"POST /v1/assessments{path} HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\n"
    reply = harbour.raw(f"{head}Content-Length: {len(sent) + 1}\r\n\r\n".encode() + sent)
    assert reply.startswith(b"HTTP/1.1 400 "), reply
    assert b'"code":"bad-request"' in reply


def test_a_refused_batch_is_told_when_the_running_one_should_end(harbour: Server) -> None:
    body = lines(*[{**STORM, "contingency": True, "explain": "full"}] * 2_000)
    told = []
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(batch, harbour, body)
        time.sleep(0.3)  # until it has begun: it could be the refused one
        while not running.done():
            refused = batch(harbour, lines(CALM))
            if refused.status == 503:
                told.append((time.monotonic(), int(refused.headers["retry-after"])))
            time.sleep(0.1)
        ended = time.monotonic()
    assert len(answers(running.result())) == 2_000
    assert told
    for at, seconds in told:
        assert 1 <= seconds <= 2 + 4 * (ended - at)


@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_answers_are_sent_while_later_lines_are_judged(harbour: Server, coding: str) -> None:
    """Answers of one pack look alike: compressed, thousands of them are few bytes."""
    connection = http.client.HTTPConnection("127.0.0.1", harbour.port, timeout=30)
    begun = time.monotonic()
    with closing(connection):
        connection.request(
            "POST",
            "/v1/assessments/batch",
            lines(*[STORM] * 1_000),
            {**NDJSON, "Accept-Encoding": coding},
        )
        answer = connection.getresponse()
        answer.read1(1)
        first = time.monotonic() - begun
        answer.read()
    assert first < (time.monotonic() - begun) / 2


def test_another_media_type_is_refused(harbour: Server) -> None:
    reply = harbour.request(
        "POST", "/v1/assessments/batch", lines(STORM), {"Content-Type": "text/csv"}
    )
    assert (reply.status, reply.json["code"]) == (415, "unsupported-media-type")


def test_the_log_of_the_server_has_no_traceback(harbour: Server) -> None:
    assert "Traceback" not in Path(harbour.log).read_text("utf-8")
