"""The brief of an answer, with a small pack: which rows stand on the page, what they come from, and what gives way."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from schemas.strict_json import Json
from service.engine.assess import Assessor
from tests.packs import PLAIN_ACTIONS, PLAIN_PACK, plain_pack

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LONG = " ".join(["word"] * 230)
BRIEF = f"""
brief:
  title:
    - {{text: {{en: "Level {{level}}"}}}}
    - {{when: 'a.flag', text: {{en: flagged}}}}
  do_not_forward: b.flag
  how_bad: [level]
  changes: [level]
  now:
    - {{row: duty, actions: [THIRD]}}
    - {{row: first, when: '!b.flag', actions: [FIRST]}}
    - {{row: again, actions: [{{action: FIRST, text: [{{when: 'a.flag', text: {{en: "{LONG}"}}}}]}}, SECOND]}}
  decision:
    - action: FIRST
      when: a.flag
      question: {{en: "Who?"}}
      options:
        - {{when: 'b.flag', text: {{en: "Us."}}, cost: {{en: "much"}}}}
        - {{text: {{en: "Them."}}, cost: {{en: "little"}}}}
      delay: {{en: "{LONG}"}}
  ask:
    - {{fact: a.kind}}
    - {{fact: a.share, when: 'b.flag'}}
  gives_way: [options, again]
"""
RULES = """
rules:
  - {id: level, when: "a.count > 5", then: {level: high}, because: {en: "count {a.count}"}}
  - {id: ask, when: "a.count > 0", then: {actions: [FIRST, SECOND, THIRD]}, because: {en: some}}
"""
ACTIONS = PLAIN_ACTIONS.replace(
    "{text: {en: Third}}", "{text: {en: Third}, due: 2h, statutory: true}"
)
NUMBERED = ["R1", "R2", "R3", "R4", "R5", "PEOPLE"]
MANY_ACTIONS = "actions:\n" + "".join(f"  {code}: {{text: {{en: Do}}}}\n" for code in NUMBERED)
MANY_ROWS = """
brief:
  title: [{text: {en: "Level {level}"}}]
  now:
    - {row: r1, actions: [R1]}
    - {row: r2, actions: [R2]}
    - {row: r3, when: 'a.flag', actions: [R3]}
    - {row: r4, actions: [R4]}
    - {row: r5, actions: [R5]}
    - {row: people, protects: true, actions: [PEOPLE]}
"""
MANY_RULES = """
rules:
  - {id: ask, when: "a.count > 0", then: {actions: [R1, R2, R3, R4, R5, PEOPLE]}, because: {en: some}}
  - {id: guard, when: "b.flag", then: {blocked: [{action: R2, ground: {en: no}}]}, because: {en: guard}}
"""


@pytest.fixture(scope="module")
def assessor(tmp_path_factory: pytest.TempPathFactory) -> Assessor:
    folder: Path = tmp_path_factory.mktemp("brief")
    pack = plain_pack(folder, RULES, pack=PLAIN_PACK + BRIEF, actions=ACTIONS)
    return Assessor(pack, "reference")


def brief(assessor: Assessor, **facts: Any) -> Json:
    named = {name.replace("_", ".", 1): value for name, value in facts.items()}
    found: Json = assessor.assess(named, NOW, "en")["brief"]
    return found


def rows(told: Json) -> list[str]:
    return [line["row"] for line in told["lines"]]


def line(told: Json, row: str) -> Json:
    found: Json = next(one for one in told["lines"] if one["row"] == row)
    return found


def test_a_sentence_whose_condition_is_unknown_is_not_said(assessor: Assessor) -> None:
    assert brief(assessor, a_flag=True)["title"] == "Level low flagged | 1 Jan 00:00 +00:00"
    assert brief(assessor)["title"] == "Level low | 1 Jan 00:00 +00:00"


def test_unknown_forwarding_is_allowed_and_a_true_condition_forbids_it(assessor: Assessor) -> None:
    assert brief(assessor)["forward"]
    told = brief(assessor, b_flag=True)
    assert not told["forward"]
    assert told["title"].startswith("[do not forward] ")


def test_each_value_comes_with_the_rule_and_the_facts_that_gave_it(assessor: Assessor) -> None:
    found = line(brief(assessor, a_count=7), "how_bad")
    assert found["text"] == "level: high (count 7)"
    assert (found["rules"], found["facts"]) == (["level"], ["a.count"])


def test_an_action_stands_in_the_first_row_that_holds(assessor: Assessor) -> None:
    told = brief(assessor, a_count=1, b_flag=False)
    assert line(told, "first")["actions"] == ["FIRST"]
    assert line(told, "again")["actions"] == ["SECOND"]
    told = brief(assessor, a_count=1, b_flag=True)
    assert line(told, "again")["actions"] == ["FIRST", "SECOND"]
    assert "first" not in rows(told)


def test_a_row_has_the_earliest_time_of_its_actions(assessor: Assessor) -> None:
    told = brief(assessor, a_count=1, b_flag=True)
    assert line(told, "again")["text"] == "2 no owner yet, by 00:30: First; Second"


def test_rows_give_way_in_their_order_until_the_page_is_short_enough(assessor: Assessor) -> None:
    short = brief(assessor, a_count=1, a_flag=True, b_flag=False)
    assert [one["page_only"] for one in short["lines"] if one["row"] == "options"] == [True] * 2
    told = brief(assessor, a_count=1, a_flag=True, b_flag=True)
    assert "options" not in rows(told)
    assert {"duty", "again"} <= set(rows(told))


def test_the_first_option_that_holds_is_advised(assessor: Assessor) -> None:
    told = brief(assessor, a_count=1, a_flag=True, b_flag=False)
    texts = [one["text"] for one in told["lines"] if one["row"] == "options"]
    assert texts[0] == "A (advised) Them. Cost: little"


def test_a_fact_is_asked_for_while_it_is_unknown_and_its_condition_is_true(
    assessor: Assessor,
) -> None:
    assert line(brief(assessor), "ask")["facts"] == ["a.kind"]
    assert "ask" not in rows(brief(assessor, a_kind="x"))
    assert line(brief(assessor, a_kind="x", b_flag=True), "ask")["facts"] == ["a.share", "b.flag"]


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Assessor:
    """A pack with more rows than a page has room for."""
    folder: Path = tmp_path_factory.mktemp("many")
    pack = plain_pack(folder, MANY_RULES, pack=PLAIN_PACK + MANY_ROWS, actions=MANY_ACTIONS)
    return Assessor(pack, "reference")


def test_a_row_that_protects_people_stands_on_the_page_before_others_have_room(
    many: Assessor,
) -> None:
    assert rows(brief(many, a_count=1, a_flag=True, b_flag=False)) == [
        "r1",
        "r2",
        "r3",
        "r4",
        "people",
    ]


def test_a_row_whose_condition_is_unknown_and_a_held_action_are_not_to_be_done_now(
    many: Assessor,
) -> None:
    answer = many.assess({"a.count": 1}, NOW, "en")
    assert [one["code"] for one in answer["held"]] == ["R2"]
    assert rows(answer["brief"]) == ["r1", "r4", "r5", "people"]


def test_an_action_that_is_done_is_not_to_be_done_now(many: Assessor) -> None:
    facts = {"a.count": 1, "a.flag": True, "b.flag": False}
    answer = many.assess(facts, NOW, "en", carried_out={"R1": NOW, "PEOPLE": NOW})
    assert rows(answer["brief"]) == ["r2", "r3", "r4", "r5"]
