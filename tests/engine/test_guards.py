"""Guards fail closed: an action that a guard blocks, or may block, is never among the allowed actions."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from service.engine.assess import Assessor
from tests.packs import plain_pack

NOW = datetime(2026, 1, 1, tzinfo=UTC)
RULES = """
rules:
  - {id: ask.first, when: "a.count > 0", then: {actions: [FIRST, THIRD]}, because: {en: asked}}
  - {id: ask.again, when: "a.count > 5", then: {actions: FIRST}, because: {en: asked more}}
  - id: guard.first
    when: a.flag && b.flag
    then: {blocked: [{action: FIRST, instead: [THIRD], ground: {en: the law}}]}
    because: {en: not allowed}
  - {id: guard.never, when: "b.count > 3", then: {blocked: NEVER}, because: {en: tempting}}
"""


@pytest.fixture
def assessor(tmp_path: Path) -> Assessor:
    return Assessor(plain_pack(tmp_path, RULES))


def answer(assessor: Assessor, **facts: Any) -> dict[str, Any]:
    return assessor.assess({name.replace("_", "."): v for name, v in facts.items()}, NOW, "en")


def codes(entries: list[dict[str, Any]]) -> list[str]:
    return [entry["code"] for entry in entries]


def test_an_action_is_listed_once_with_all_rules_that_ask_for_it(assessor: Assessor) -> None:
    got = answer(assessor, a_count=9, a_flag=False, b_count=0)
    assert codes(got["actions"]) == ["FIRST", "THIRD"]
    assert got["actions"][0]["because"] == ["ask.first", "ask.again"]
    assert got["blocked"] == got["held"] == []


def test_a_firing_guard_blocks_with_ground_and_alternative(assessor: Assessor) -> None:
    got = answer(assessor, a_count=9, a_flag=True, b_flag=True, b_count=0)
    assert codes(got["actions"]) == ["THIRD"]
    (block,) = got["blocked"]
    assert block == {
        "code": "FIRST",
        "text": "First",
        "because": ["guard.first"],
        "ground": "the law",
        "instead": ["THIRD"],
    }


def test_an_undetermined_guard_holds_until_the_facts_that_would_free_it(assessor: Assessor) -> None:
    got = answer(assessor, a_count=9, a_flag=True, b_count=0)
    assert codes(got["actions"]) == ["THIRD"]
    (hold,) = got["held"]
    assert hold["code"] == "FIRST"
    assert hold["until"] == ["b.flag"]
    assert hold["because"] == ["guard.first"]
    assert [u["fact"] for u in got["unknowns"] if "blocked" in u["could_change"]] == ["b.flag"]


def test_an_action_stays_held_while_no_fact_of_its_guard_is_known(assessor: Assessor) -> None:
    got = answer(assessor, a_count=9)
    assert codes(got["actions"]) == ["THIRD"]
    assert got["held"][0]["until"] == ["a.flag", "b.flag"]


def test_a_forbidden_action_is_listed_as_blocked_when_its_guard_fires(assessor: Assessor) -> None:
    got = answer(assessor, a_count=0, a_flag=False, b_count=4)
    assert codes(got["blocked"]) == ["NEVER"]
    assert got["blocked"][0]["ground"] == "it is wrong"
    assert got["blocked"][0]["instead"] == ["THIRD"]


def test_a_guard_of_an_action_that_no_rule_asks_for_adds_nothing(assessor: Assessor) -> None:
    got = answer(assessor, a_count=0, a_flag=True, b_flag=True, b_count=0)
    assert got["blocked"] == got["held"] == got["actions"] == []


def test_a_guard_with_has_still_holds_while_unknown_facts_could_change_it(
    tmp_path: Path,
) -> None:
    rules = """
rules:
  - {id: ask.third, when: "a.count > 0", then: {actions: THIRD}, because: {en: asked}}
  - {id: guard.third, when: "has(b.flag) && b.flag", then: {blocked: THIRD}, because: {en: no}}
"""
    assessor = Assessor(plain_pack(tmp_path, rules))
    assert codes(answer(assessor, a_count=1)["held"]) == ["THIRD"]
    assert codes(answer(assessor, a_count=1, b_flag=False)["actions"]) == ["THIRD"]


def test_actions_are_in_order_of_deadline_but_never_before_those_they_come_after(
    tmp_path: Path,
) -> None:
    rules = """
rules:
  - {id: ask.all, when: "a.count > 0", then: {actions: [THIRD, SECOND, FIRST]}, because: {en: asked}}
"""
    got = answer(Assessor(plain_pack(tmp_path, rules)), a_count=1)
    assert codes(got["actions"]) == ["FIRST", "SECOND", "THIRD"]
    assert [action["due_at"] for action in got["actions"]] == [
        "2026-01-01T01:00:00Z",
        "2026-01-01T00:30:00Z",
        None,
    ]


def test_an_action_that_another_guard_blocks_is_no_alternative_also_if_no_rule_asks_for_it(
    tmp_path: Path,
) -> None:
    rules = """
rules:
  - {id: guard.never, when: a.flag, then: {blocked: [{action: NEVER, instead: [THIRD, FIRST]}]}, because: {en: no}}
  - {id: guard.third, when: a.flag, then: {blocked: THIRD}, because: {en: no}}
""".replace("when: a.flag", 'when: "a.flag"')
    got = answer(Assessor(plain_pack(tmp_path, rules)), a_flag=True)
    assert [(block["code"], block["instead"]) for block in got["blocked"]] == [("NEVER", ["FIRST"])]
