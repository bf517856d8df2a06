"""`contingency: true` in one request, in a batch and in the command. Its predictions are true when their facts are posted."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from schemas.assessment import AssessmentSchema
from schemas.scalars import parse_datetime
from tests.packs import default_pack
from tests.server import ROOT, Server

FACTS: dict[str, Any] = {
    "harm": {"deaths": 0, "people_affected": 40, "continuing_danger": False},
    "social": {"weibo_reposts": 900, "reach": 600_000, "hot_listed": False},
    "trend": {"mentions_24h": 800, "growth_1h_pct": 20, "phase": "rising"},
    "media": {"tiers": ["self_media"]},
}
ASKED = {
    "facts": FACTS,
    "as_of": "2026-05-01T12:00:00+08:00",
    "locale": "en",
    "contingency": True,
}


def answered(server: Server, body: Any = ASKED) -> dict[str, Any]:
    reply = server.post(body)
    assert reply.status == 200, reply.body
    assert AssessmentSchema().validate(reply.json) == {}
    found: dict[str, Any] = reply.json
    return found


def changed(body: dict[str, Any], changes: list[tuple[str, Any]]) -> dict[str, Any]:
    facts = json.loads(json.dumps(body["facts"]))
    for name, value in changes:
        group, leaf = name.split(".")
        facts.setdefault(group, {})[leaf] = value
    return {**body, "facts": facts}


def codes(answer: dict[str, Any]) -> set[str]:
    return {action["code"] for action in answer["actions"]}


def promised(before: dict[str, Any], told: dict[str, Any]) -> set[str]:
    return codes(before) - set(told["actions"]["dropped"]) | set(told["actions"]["added"])


def test_every_change_gives_the_predicted_value_when_it_is_posted(server: Server) -> None:
    before = answered(server)
    ways = [*before["contingency"]["worse"], *before["contingency"]["better"]]
    grades = default_pack().outputs["grade"]
    assert {way["value"] for way in ways} | {before["grade"]["code"]} == set(
        grades.type.values
    ) - set(grades.below_scale)
    told = [way for way in ways if way["changes"]]
    assert told
    for way in told:
        body = changed(ASKED, [(change["fact"], change["to"]) for change in way["changes"]])
        after = answered(server, body)
        assert after["grade"]["code"] == way["value"]
        assert codes(after) == promised(before, way)


def test_every_forecast_gives_the_predicted_value_when_it_is_posted(server: Server) -> None:
    before = answered(server)
    ahead = before["contingency"]["forecast"]
    assert [one["hours"] for one in ahead] == [6, 12, 24]
    start = parse_datetime(ASKED["as_of"])  # type: ignore[arg-type]
    for one in ahead:
        assert (parse_datetime(one["as_of"]) - start).total_seconds() == one["hours"] * 3600
        body = changed({**ASKED, "as_of": one["as_of"]}, list(one["facts"].items()))
        after = answered(server, body)
        assert after["grade"]["code"] == one["value"]
        assert codes(after) == promised(before, one)
    assert ahead[-1]["facts"]["trend.mentions_24h"] == round(800 * 1.2**24)


def test_a_way_is_as_the_documentation_shows_it(server: Server) -> None:
    page = (ROOT / "docs" / "api.md").read_text("utf-8")
    shown = re.search(r"```json\n(\{\"value\": \"red\".*?)```", page, re.DOTALL)
    assert shown
    example = json.loads(shown[1])
    red = answered(server)["contingency"]["worse"][-1]
    assert {key: red[key] for key in ("value", "text", "changes")} == {
        key: example[key] for key in ("value", "text", "changes")
    }
    assert set(example["actions"]["added"]) <= set(red["actions"]["added"])


@pytest.mark.parametrize("locale", ["en", "zh"])
def test_texts_are_in_the_language_asked_for(server: Server, locale: str) -> None:
    found = answered(server, {**ASKED, "locale": locale})["contingency"]
    grades, facts = default_pack().outputs["grade"].value_texts, default_pack().vocabulary.facts
    for way in found["worse"]:
        assert way["text"] == grades[way["value"]][locale]
        for change in way["changes"] or ():
            assert change["text"] == facts[change["fact"]].text[locale]
    assert {one["text"] for one in found["forecast"]} <= {text[locale] for text in grades.values()}


def test_with_locale_both_each_text_has_both_languages(server: Server) -> None:
    found = answered(server, {**ASKED, "locale": "both"})["contingency"]
    text = default_pack().outputs["grade"].value_texts["red"]
    assert found["worse"][-1]["text"] == f"{text['zh']} / {text['en']}"


def test_contingency_is_in_the_answer_only_if_it_is_requested(server: Server) -> None:
    for asked in (False, None):
        assert "contingency" not in answered(server, {**ASKED, "contingency": asked})
    reply = server.post({**ASKED, "contingency": "yes"})
    assert (reply.status, reply.json["errors"][0]["path"]) == (422, "contingency")


def test_a_batch_and_the_command_give_the_same_contingency(server: Server, tmp_path: Path) -> None:
    line = json.dumps(ASKED).encode() + b"\n"
    headers = {"Content-Type": "application/x-ndjson"}
    batch = server.request("POST", "/v1/assessments/batch", line, headers)
    file = tmp_path / "incident.json"
    file.write_bytes(line)
    pack = ROOT / "rules" / "pr_crisis"
    command: list[str | Path] = [
        Path(sys.prefix) / "bin" / "tocsin",
        "assess",
        "--pack",
        pack,
        file,
    ]
    done = subprocess.run(command, capture_output=True, timeout=60, check=True)
    told = answered(server)["contingency"]
    assert json.loads(batch.body)["contingency"] == told
    assert json.loads(done.stdout)["contingency"] == told


def test_openapi_has_the_schema_of_contingency(server: Server) -> None:
    schemas = server.get("/openapi.json").json["components"]["schemas"]
    (name,) = (name for name in schemas if name.startswith("Way-"))
    way = schemas[name]["properties"]
    assert {"value", "text", "changes", "actions"} <= way.keys()
    assert {"from", "to", "fact"} <= schemas["ChangedFact"]["properties"].keys()
    assert "figures-unknown" in schemas["Contingency.no_forecast"]["enum"]
