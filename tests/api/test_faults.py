"""Errors of the server or of an author: the caller gets a problem without internals, and the log has the cause."""

from __future__ import annotations

import json
import resource
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from service.api.application import make_app
from service.config import Config
from service.engine.rete.matcher import ReteMatcher
from service.logs import flush_log
from tests.packs import PLAIN_PACK, plain_pack

CONFLICT = """
rules:
  - {id: one, when: "a.flag", then: {level: high}, because: {en: one}}
  - {id: two, when: "b.flag", then: {level: low}, because: {en: two}}
  - {id: three, when: "a.count > 1", then: {actions: FIRST}, because: {en: three}}
"""
SECONDS_TO_FLUSH = 30
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def client(folder: Path, clock: Any = lambda: NOW) -> FlaskClient:
    unique = PLAIN_PACK.replace("hit: priority", "hit: unique")
    plain_pack(folder / "plain", CONFLICT, pack=unique)
    return make_app(Config(packs=folder), clock).test_client()


def post(to: FlaskClient, facts: dict[str, Any]) -> Any:
    return to.post("/v1/assessments", json={"facts": facts})


def log_lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    flush_log(SECONDS_TO_FLUSH)
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_rules_that_contradict_each_other_are_named(tmp_path: Path) -> None:
    reply = post(client(tmp_path), {"a": {"flag": True}, "b": {"flag": True}})
    assert (reply.status_code, reply.json["code"]) == (500, "rule-conflict")
    assert (reply.json["output"], reply.json["rules"]) == ("level", ["one", "two"])


def test_matchers_that_disagree_give_no_answer_and_an_alarm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    to = client(tmp_path)
    with monkeypatch.context() as lie:
        lie.setattr(ReteMatcher, "fired", lambda self, facts: 0)
        reply = post(to, {"a": {"count": 2}})
    assert (reply.status_code, reply.json["code"]) == (500, "engine-disagreement")
    assert reply.json["rules"] == ["three"]
    alarm = next(line for line in log_lines(capsys) if line["event"] == "engine-disagreement")
    assert (alarm["level"], alarm["rules"]) == ("critical", ["three"])
    assert post(to, {"a": {"count": 2}}).status_code == 200


def test_an_unexpected_error_is_logged_and_its_problem_has_no_internals(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken_clock() -> datetime:
        raise RuntimeError("secret of the inside")

    reply = post(client(tmp_path, broken_clock), {"a": {"count": 7}})
    assert (reply.status_code, reply.json["code"]) == (500, "internal-error")
    assert "secret" not in reply.text
    fault = next(line for line in log_lines(capsys) if line["event"] == "internal-error")
    assert "secret of the inside" in fault["exception"]
    assert fault["request_id"] == reply.json["request_id"]


def test_a_log_line_has_the_request_but_no_facts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    to = client(tmp_path)
    for query in ("locale=en", "token=hush"):
        to.post(f"/v1/assessments?{query}", json={"facts": {"a": {"count": 987654}}})
    line, refused = log_lines(capsys)
    assert (line["status"], line["path"], line["pack"]) == (200, "/v1/assessments", "plain")
    assert line["milliseconds"] >= 0
    assert (refused["status"], refused["path"]) == (422, "/v1/assessments")
    for text in ("987654", "hush", "locale"):
        assert text not in json.dumps([line, refused])


def test_the_answers_moment_comes_from_the_clock_passed_in(tmp_path: Path) -> None:
    assert post(client(tmp_path), {}).json["as_of"] == "2026-01-01T00:00:00Z"


@pytest.mark.parametrize("path", ["/v1/assessments", "/v1/assessments/batch"])
def test_a_cut_body_is_refused_also_if_the_server_ends_it_without_an_error(
    tmp_path: Path, path: str
) -> None:
    """gunicorn raises an error there. Here the length is wrong, and the body ends as if it were whole."""
    kind = "application/x-ndjson" if path.endswith("batch") else "application/json"
    to, body = client(tmp_path), b'{"facts": {}}\n'
    for length, status in ((len(body), 200), (len(body) + 1, 400)):
        wrong = {"CONTENT_LENGTH": str(length)}
        reply = to.post(path, data=body, content_type=kind, environ_overrides=wrong, buffered=True)
        assert reply.status_code == status


LONG_BATCH = b'{"facts": {}}' + b" " * 2_000_000 + b"\n"


def test_a_batch_that_meets_a_full_disk_is_told_to_come_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A limit of the size of files stands for the full disk: writing fails half way, and closing writes once more."""
    to = client(tmp_path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, hard))
    try:
        reply = batch(to)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (reply.status_code, reply.json["code"]) == (503, "busy")
    assert "temporary folder" in reply.json["detail"]
    assert reply.headers["Retry-After"] == "1"
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    assert batch(to).status_code == 503
    monkeypatch.undo()
    assert batch(to).status_code == 200


def batch(to: FlaskClient) -> Any:
    """The whole answer is read, and closed."""
    kind = "application/x-ndjson"
    return to.post("/v1/assessments/batch", data=LONG_BATCH, content_type=kind, buffered=True)
