"""Words ready to send, asked for over HTTP: in the body, in the query, in a batch and in a report."""

from __future__ import annotations

import json
from typing import Any

from tests.server import Reply, Server

FIRST_HOUR: dict[str, Any] = {
    "as_of": "2026-09-15T20:30:00+08:00",
    "facts": {
        "finding": {"claim": "open"},
        "harm": {
            "deaths": {"value": 1, "measured_at": "2026-09-15T20:10:00+08:00"},
            "injuries": 14,
            "continuing_danger": True,
        },
        "time": {"known_at": "2026-09-15T19:55:00+08:00"},
    },
}
JSON, NDJSON = "application/json", "application/x-ndjson"


def post(server: Server, body: Any, query: str = "", path: str = "", **headers: str) -> Reply:
    sent = {"Content-Type": NDJSON if path else JSON, **headers}
    return server.request("POST", f"/v1/assessments{path}{query}", json.dumps(body).encode(), sent)


def holding_statement(drafts: list[dict[str, Any]]) -> dict[str, Any]:
    (found,) = [draft for draft in drafts if draft["code"] == "HOLDING_STATEMENT"]
    return found


def test_drafts_come_on_request_wherever_it_is_said(server: Server) -> None:
    plain = post(server, FIRST_HOUR).json
    assert "drafts" not in plain
    asked = post(server, {**FIRST_HOUR, "drafts": True}).json
    statement = holding_statement(asked["drafts"])
    assert "1人不幸去世" in statement["text"]
    assert "〔我方已于【时间】暂停销售。〕" in statement["text"]
    assert statement["approval"] == ["pr_head", "legal"]
    assert {
        key: value for key, value in asked.items() if key not in ("drafts", "assessment_id")
    } == {key: value for key, value in plain.items() if key != "assessment_id"}
    in_query = post(server, FIRST_HOUR, "?drafts=true")
    assert in_query.json == asked
    (line,) = post(server, FIRST_HOUR, "?drafts=true", "/batch").body.splitlines()
    assert json.loads(line)["drafts"] == asked["drafts"]
    assert "drafts" not in post(server, FIRST_HOUR, "?drafts=false").json


def test_a_disputed_death_is_not_in_the_statement(server: Server) -> None:
    harm = {**FIRST_HOUR["facts"]["harm"], "deaths": {"value": 1, "disputed": True}}
    body = {**FIRST_HOUR, "facts": {**FIRST_HOUR["facts"], "harm": harm}, "drafts": True}
    statement = holding_statement(post(server, body).json["drafts"])
    assert "去世" not in statement["text"]
    assert "harm.deaths" in statement["sentences"][0]["facts"]


def test_what_body_and_query_say_must_agree_and_be_true_or_false(server: Server) -> None:
    for body, query, code in (
        ({**FIRST_HOUR, "drafts": False}, "?drafts=true", "parameter-differs"),
        ({**FIRST_HOUR, "drafts": 1}, "?drafts=true", "parameter-differs"),
        ({**FIRST_HOUR, "drafts": "true"}, "", "wrong-type"),
        (FIRST_HOUR, "?drafts=yes", "wrong-type"),
    ):
        (error,) = post(server, body, query).json["errors"]
        assert (error["path"], error["code"]) == ("drafts", code)


def test_a_report_has_the_drafts_unless_the_body_says_no(server: Server) -> None:
    report = post(server, FIRST_HOUR, Accept="text/markdown").body.decode()
    assert "## 待发文稿" in report
    assert "1人不幸去世" in report
    without = post(server, {**FIRST_HOUR, "drafts": False}, Accept="text/markdown").body.decode()
    assert "## 待发文稿" not in without
