"""`explain: "full"` in one request, in a batch and in the command: every rule's truth value and the near misses."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from schemas.assessment import AssessmentSchema
from tests.packs import default_pack
from tests.server import ROOT, Server

ASKED = {
    "facts": {"social": {"weibo_reposts": 9000}, "harm": {"deaths": 0}},
    "as_of": "2026-05-01T12:00:00+08:00",
    "locale": "en",
    "explain": "full",
}


def explained(server: Server, body: Any = ASKED) -> dict[str, Any]:
    reply = server.post(body)
    assert reply.status == 200, reply.body
    assert AssessmentSchema().validate(reply.json) == {}
    found: dict[str, Any] = reply.json["explanation"]
    return found


def test_every_rule_of_the_pack_is_listed_and_those_that_fired_are_true(server: Server) -> None:
    answer = server.post(ASKED).json
    rules = answer["explanation"]["rules"]
    assert [rule["rule"] for rule in rules] == [rule.id for rule in default_pack().rules]
    fired = [rule["rule"] for rule in rules if rule["truth"] == "true"]
    assert fired == [reason["rule"] for reason in answer["reasons"]]
    for rule in rules:
        assert bool(rule["unknown"]) is (rule["truth"] == "unknown"), rule


def test_a_near_miss_is_as_the_documentation_shows_it(server: Server) -> None:
    shown = re.search(
        r"```json\n(\{\"rule\".*?)```", (ROOT / "docs" / "api.md").read_text(), re.DOTALL
    )
    assert shown
    example = json.loads(shown[1])
    misses = explained(server)["near_misses"]
    assert [miss for miss in misses if miss["rule"] == example["rule"]] == [example]


def test_texts_are_in_the_language_asked_for(server: Server) -> None:
    def texts(locale: str) -> set[str]:
        misses = explained(server, {**ASKED, "locale": locale})["near_misses"]
        return {miss["text"] for miss in misses if miss["fact"] == "harm.deaths"}

    names = default_pack().vocabulary.facts["harm.deaths"].text
    assert (texts("zh"), texts("en")) == ({names["zh"]}, {names["en"]})
    assert texts("both") == {f"{names['zh']} / {names['en']}"}


@pytest.mark.parametrize("explain", ["reasons", None])
def test_there_is_no_explanation_unless_the_full_one_is_requested(
    server: Server, explain: str | None
) -> None:
    assert "explanation" not in server.post({**ASKED, "explain": explain}).json


def test_an_explanation_changes_nothing_else(server: Server) -> None:
    asked, plain = server.post(ASKED).json, server.post({**ASKED, "explain": None}).json
    left_out = ("assessment_id", "explanation")
    assert {key: asked[key] for key in asked if key not in left_out} == {
        key: plain[key] for key in plain if key not in left_out
    }


def test_another_value_is_refused_with_the_allowed_ones(server: Server) -> None:
    (error,) = server.post({**ASKED, "explain": "all"}).json["errors"]
    assert (error["path"], error["allowed"]) == ("explain", "one of full, reasons")


def test_a_batch_explains_line_by_line(server: Server) -> None:
    bodies: list[Any] = [ASKED, {"facts": {}}, ASKED]
    body = b"\n".join(json.dumps(one).encode() for one in bodies)
    headers = {"Content-Type": "application/x-ndjson"}
    reply = server.request("POST", "/v1/assessments/batch", body, headers)
    answers = [json.loads(line) for line in reply.body.splitlines()]
    assert ["explanation" in answer for answer in answers] == [True, False, True]
    assert answers[0]["explanation"] == explained(server)


def test_the_command_explains_as_the_server_does(server: Server) -> None:
    done = subprocess.run(
        [
            Path(sys.prefix) / "bin" / "tocsin",
            "assess",
            "--pack",
            ROOT / "rules" / "pr_crisis",
            "-",
        ],
        input=json.dumps(ASKED).encode(),
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert json.loads(done.stdout)["explanation"] == explained(server)
