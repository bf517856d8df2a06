"""Batches: one answer per line, and limits that are checked before the answer begins."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.packs import copy_of_harbour
from tests.server import Reply, Server, running

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
    assert [answer.get("line") for answer in found] == [None, 2, 4, None]


def test_the_last_line_needs_no_line_feed(harbour: Server) -> None:
    assert len(answers(batch(harbour, lines(STORM) + lines(CALM).rstrip()))) == 2


def test_an_empty_batch_gets_an_empty_answer(harbour: Server) -> None:
    assert answers(batch(harbour, b"")) == []


def test_a_line_of_a_batch_gets_the_same_answer_as_a_single_assessment(harbour: Server) -> None:
    incident = {**STORM, "as_of": "2026-01-01T00:00:00Z"}
    (one,), other = answers(batch(harbour, lines(incident))), harbour.post(incident).json
    assert {**one, "assessment_id": ""} == {**other, "assessment_id": ""}


@pytest.mark.parametrize(
    ("body", "detail"),
    [(b"\n" * 10_001, "10000 lines"), (b"x" * (32 * 1024 * 1024 + 1), "32 MiB")],
    ids=["too many lines", "too many bytes"],
)
def test_limits_are_checked_before_the_answer_begins(
    harbour: Server, body: bytes, detail: str
) -> None:
    reply = batch(harbour, body)
    assert (reply.status, reply.json["code"]) == (413, "body-too-large")
    assert detail in reply.json["detail"]


def test_a_batch_with_as_many_lines_as_allowed_is_answered(harbour: Server) -> None:
    assert len(answers(batch(harbour, b"1\n" * 10_000))) == 10_000


def test_another_media_type_is_refused(harbour: Server) -> None:
    reply = harbour.request(
        "POST", "/v1/assessments/batch", lines(STORM), {"Content-Type": "text/csv"}
    )
    assert (reply.status, reply.json["code"]) == (415, "unsupported-media-type")


def test_the_log_of_the_server_has_no_traceback(harbour: Server) -> None:
    assert "Traceback" not in Path(harbour.log).read_text("utf-8")
