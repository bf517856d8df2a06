"""The previous answer: rules can read it, the changes since then are listed, and values have the time since when they hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from schemas.previous import Previous
from service.engine.assess import Assessor
from service.engine.judging.previous import previous_reader
from tests.packs import plain_pack

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
BEFORE = NOW - timedelta(hours=6)
RULES = """
rules:
  - {id: level.high, when: "a.count > 5", then: {level: high, actions: [FIRST]}, because: {en: many}}
  - id: level.kept
    when: previous.given && at_least(previous.level, "middle") && as_of - previous.level_since < duration("24h")
    then: {level: middle}
    because: {en: "it was {previous.level}"}
  - {id: score.again, when: "previous.given && \\"FIRST\\" in previous.responses", then: {score: 5}, because: {en: done}}
  - {id: guard.first, when: "b.flag", then: {blocked: [FIRST]}, because: {en: no}}
"""


@pytest.fixture(scope="module")
def assessor(tmp_path_factory: pytest.TempPathFactory) -> Assessor:
    folder: Path = tmp_path_factory.mktemp("previous")
    return Assessor(plain_pack(folder, RULES))


def answer(assessor: Assessor, previous: Previous | None = None, **facts: Any) -> dict[str, Any]:
    named = {name.replace("_", ".", 1): value for name, value in facts.items()}
    return assessor.assess(named, NOW, "en", previous=previous)


def test_without_a_previous_answer_rules_that_read_it_are_settled_and_nothing_has_changed(
    assessor: Assessor,
) -> None:
    got = answer(assessor, a_count=1, b_flag=False)
    assert got["level"]["code"] == "low"
    assert got["provisional"] is False
    assert got["changes"] is None
    assert got["since"] == {"level": "2026-01-01T12:00:00Z"}


def test_rules_read_the_previous_answer(assessor: Assessor) -> None:
    last = Previous(BEFORE, outputs={"level": "high"}, since={"level": BEFORE})
    got = answer(assessor, last, a_count=1, b_flag=False)
    assert got["level"]["code"] == "middle"
    (reason,) = got["reasons"]
    assert reason["text"] == "it was high"
    assert reason["facts"]["previous.level"] == "high"


def test_the_changes_have_old_and_new_values_direction_and_rules(assessor: Assessor) -> None:
    last = Previous(BEFORE, outputs={"level": "low"}, actions={"SECOND": None, "OLD": None})
    got = answer(assessor, last, a_count=9, b_flag=False)
    assert got["changes"] == {
        "outputs": [
            {
                "name": "level",
                "text": "level",
                "from": "low",
                "to": "high",
                "from_text": "low",
                "to_text": "high",
                "direction": "worse",
                "because": ["level.high"],
            }
        ],
        "actions": {
            "added": [{"code": "FIRST", "text": "First", "because": ["level.high"]}],
            "dropped": [
                {"code": "SECOND", "text": "Second", "now": "not asked"},
                {"code": "OLD", "text": "OLD", "now": "gone"},
            ],
        },
        "blocked": {"added": [], "dropped": []},
        "held": {"added": [], "dropped": []},
        "deadlines": [],
        "done": [],
        "reopened": [],
        "figures": [],
        "next_review": None,
    }
    assert got["since"] == {"level": "2026-01-01T12:00:00Z"}


def test_a_dropped_action_says_if_it_is_blocked_or_held_now(assessor: Assessor) -> None:
    last = Previous(BEFORE, outputs={"level": "high"}, actions={"FIRST": None})
    dropped = answer(assessor, last, a_count=9, b_flag=True)["changes"]["actions"]["dropped"]
    assert [(one["code"], one["now"]) for one in dropped] == [("FIRST", "blocked")]
    dropped = answer(assessor, last, a_count=9)["changes"]["actions"]["dropped"]
    assert [(one["code"], one["now"]) for one in dropped] == [("FIRST", "held")]


def test_since_goes_back_over_answers_with_the_same_value(assessor: Assessor) -> None:
    first = BEFORE - timedelta(days=3)
    last = Previous(BEFORE, outputs={"level": "high"}, since={"level": first})
    assert answer(assessor, last, a_count=9)["since"] == {"level": "2025-12-29T06:00:00Z"}


def test_rules_read_the_actions_that_were_carried_out(assessor: Assessor) -> None:
    last = Previous(BEFORE, responses=("FIRST",))
    assert answer(assessor, last, a_count=1)["outputs"]["score"]["value"] == 5


def test_a_value_of_the_previous_answer_that_the_pack_does_not_have_is_unknown(
    assessor: Assessor,
) -> None:
    """Its default could be milder. Since when the output has its value is then not known either."""
    last = Previous(BEFORE, since={"level": BEFORE}, unread=frozenset({"level"}))
    got = answer(assessor, last, a_count=1, b_flag=False)
    assert (got["level"]["code"], got["provisional"]) == ("low", True)
    assert got["at_worst"]["level"]["code"] == "middle"
    assert got["changes"]["outputs"] == []
    assert got["since"] == {"level": "2026-01-01T12:00:00Z"}


def test_values_and_lists_of_any_length_that_an_answer_has_can_be_sent_back(tmp_path: Path) -> None:
    """Facts are limited, outputs are not: a pack can give a long text, and many values."""
    long, many = "x" * 5000, [f"t{number}" for number in range(300)]
    rules = f"""
rules:
  - {{id: tags.many, when: always, then: {{tags: [{", ".join(many)}, {long}]}}, because: {{en: x}}}}
"""
    pack = plain_pack(tmp_path, rules)
    whole = {"assessment_id": "a", **Assessor(pack, "reference").assess({}, NOW, "en")}
    read, errors = previous_reader(pack).load(whole)
    assert errors == []
    assert read is not None
    assert (read.passed_over, len(read.outputs["tags"])) == ((), 301)


def test_an_output_that_the_previous_answer_left_out_is_no_change(assessor: Assessor) -> None:
    """A caller can send back the grade alone: then the old score is unknown."""
    for told, changed in (({}, []), ({"score": 0}, ["score"]), ({"score": 5}, [])):
        last = Previous(BEFORE, outputs={"level": "low", **told}, responses=("FIRST",))
        outputs = answer(assessor, last, a_count=1)["changes"]["outputs"]
        assert [one["name"] for one in outputs] == changed
