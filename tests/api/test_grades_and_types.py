"""A real server gives every grade and every type of the default pack for posted JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from schemas.assessment import AssessmentSchema
from service.authoring.cases import PARTS
from service.language.model import Case
from tests.packs import default_pack
from tests.server import Server

KEYS = ("grade", "type")


def cases() -> list[Case]:
    """The cases whose author expects a grade or a type, each with all steps of its story. tests/rules judges every case."""
    stories: list[list[Case]] = []
    for case in default_pack().cases:
        if not case.follows:
            stories.append([])
        stories[-1].append(case)
    graded = [
        story for story in stories if any(key in case.expect for case in story for key in KEYS)
    ]
    return [case for story in graded for case in story]


def posted(server: Server, case: Case, last: dict[str, Any] | None = None) -> dict[str, Any]:
    """The answer to a case. A case that follows another sends back the previous answer, as a caller would."""
    body = {"facts": case.facts, "as_of": case.as_of.isoformat(), "incident_id": case.name[:200]}
    if case.follows and last is not None:
        body["previous"] = {part: last[part] for part in PARTS}
    elif case.previous is not None:
        body["previous"] = case.previous
    reply = server.post(body)
    assert reply.status == 200, reply.body
    answer: dict[str, Any] = reply.json
    return answer


def test_each_case_is_graded_as_its_author_expects_and_all_grades_and_types_occur(
    server: Server,
) -> None:
    wrong: list[str] = []
    seen: dict[str, set[str]] = {key: set() for key in KEYS}
    answer = None
    for case in cases():
        answer = posted(server, case, answer)
        for key in KEYS:
            seen[key].add(answer[key]["code"])
            if answer[key]["code"] != case.expect.get(key, answer[key]["code"]):
                wrong.append(case.name)
    assert wrong == []
    assert seen["grade"] == {"red", "orange", "yellow", "blue", "none"}
    assert len(seen["type"]) == 6


def test_an_answer_has_the_documented_shape(server: Server) -> None:
    for case in cases()[:20]:
        assert AssessmentSchema().validate(posted(server, case)) == {}


def test_an_incident_without_facts_is_assessed(server: Server) -> None:
    answer = server.post({"facts": {}}).json
    assert answer["provisional"] is True
    assert answer["at_worst"]["grade"]["code"] == "red"
    assert answer["actions"][0]["code"] == "VERIFY_INTERNAL"
    assert answer["unknowns"]


def test_the_same_request_at_the_same_moment_gets_the_same_bytes(server: Server) -> None:
    body = {"facts": {"harm": {"deaths": 1}}, "as_of": "2026-01-01T00:00:00Z"}
    assert server.post(body).body == server.post(body).body


@pytest.mark.parametrize(("locale", "words"), [("zh", "声誉危机"), ("en", "reputation crisis")])
def test_the_caller_chooses_the_language(server: Server, locale: str, words: str) -> None:
    answer = server.post({"facts": {"harm": {"deaths": 2}}, "locale": locale}).json
    assert words in answer["grade"]["text"]
    assert any("2" in reason["text"] for reason in answer["reasons"])


def test_the_moment_is_answered_in_the_time_zone_of_the_pack(server: Server) -> None:
    answer = server.post({"facts": {}, "as_of": "2026-01-01T00:00:00Z"}).json
    assert answer["as_of"] == "2026-01-01T08:00:00+08:00"
    assert datetime.fromisoformat(answer["actions"][0]["due_at"]).tzinfo is not None
