"""Rules that hold actions: an action waits for the facts that they name, whatever else is known. A guard's block is stronger."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from service.engine.assess import Assessor
from tests.packs import PLAIN_ACTIONS, PLAIN_FACTS, PLAIN_PACK, plain_pack

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PACK = PLAIN_PACK + "  held: {type: actions, hit: collect}\n"
FACTS = PLAIN_FACTS.replace(
    "b.flag: {type: boolean, text: {en: Flag}}",
    'b.flag: {type: boolean, text: {en: Flag}, question: {en: "Is it so?"}, ask: watch}',
)
ACTIONS = (
    PLAIN_ACTIONS.replace("Second}, due", "Second}, kind: loud, due").replace(
        "Third}}", "Third}, kind: loud}"
    )
    + "kinds: {loud: {text: {en: Loud}}}\nroles: {watch: {text: {en: The watch}}}\n"
)
RULES = """
rules:
  - {id: ask.all, when: "a.count > 0", then: {actions: [FIRST, SECOND, THIRD]}, because: {en: asked}}
  - id: hold.loud
    when: a.flag
    then: {held: [{kind: loud, until: [b.flag, b.count], ground: {en: not yet}}]}
    because: {en: a flag}
  - {id: guard.third, when: "a.count > 8", then: {blocked: [{action: THIRD, instead: [FIRST]}]}, because: {en: too many}}
"""


@pytest.fixture(scope="module")
def assessor(tmp_path_factory: pytest.TempPathFactory) -> Assessor:
    folder: Path = tmp_path_factory.mktemp("holds")
    return Assessor(plain_pack(folder, RULES, pack=PACK, facts=FACTS, actions=ACTIONS))


def answer(assessor: Assessor, **facts: Any) -> dict[str, Any]:
    named = {name.replace("_", ".", 1): value for name, value in facts.items()}
    return assessor.assess(named, NOW, "en")


def codes(entries: list[dict[str, Any]]) -> list[str]:
    return [entry["code"] for entry in entries]


def test_actions_of_a_held_kind_wait_with_the_questions_that_free_them(assessor: Assessor) -> None:
    got = answer(assessor, a_count=1, a_flag=True, b_flag=False, b_count=3)
    assert codes(got["actions"]) == ["FIRST"]
    assert codes(got["held"]) == ["SECOND", "THIRD"]
    assert got["held"][0] == {
        "code": "SECOND",
        "text": "Second",
        "until": ["b.count", "b.flag"],
        "questions": [
            {"fact": "b.count", "question": None, "ask": None, "ask_text": None},
            {"fact": "b.flag", "question": "Is it so?", "ask": "watch", "ask_text": "The watch"},
        ],
        "ground": "not yet",
        "because": ["hold.loud"],
    }


def test_no_action_waits_if_no_rule_holds_it(assessor: Assessor) -> None:
    got = answer(assessor, a_count=1, a_flag=False)
    assert codes(got["actions"]) == ["FIRST", "SECOND", "THIRD"]
    assert got["held"] == []


def test_an_undetermined_rule_that_holds_holds_too(assessor: Assessor) -> None:
    got = answer(assessor, a_count=1)
    assert codes(got["held"]) == ["SECOND", "THIRD"]
    assert got["held"][0]["until"] == ["a.flag"]
    (unknown,) = [one for one in got["unknowns"] if one["fact"] == "a.flag"]
    assert unknown["could_change"] == ["held"]


def test_an_action_that_is_both_blocked_and_held_is_blocked(assessor: Assessor) -> None:
    got = answer(assessor, a_count=9, a_flag=True)
    assert codes(got["blocked"]) == ["THIRD"]
    assert codes(got["held"]) == ["SECOND"]


def test_an_action_that_no_rule_asks_for_is_not_held(assessor: Assessor) -> None:
    assert answer(assessor, a_count=0, a_flag=True)["held"] == []


def test_a_held_action_is_no_alternative_to_a_blocked_one(tmp_path: Path) -> None:
    rules = """
rules:
  - {id: guard.never, when: "a.count > 0", then: {blocked: [{action: NEVER, instead: [SECOND, FIRST]}]}, because: {en: no}}
  - {id: hold.loud, when: "!a.flag", then: {held: [{kind: loud, until: [a.flag]}]}, because: {en: wait}}
"""
    never = Assessor(plain_pack(tmp_path, rules, pack=PACK, facts=FACTS, actions=ACTIONS))
    for flag, instead in ((False, ["FIRST"]), (None, ["FIRST"]), (True, ["SECOND", "FIRST"])):
        (block,) = answer(never, a_count=1, a_flag=flag)["blocked"]
        assert block["instead"] == instead
