"""The default pack: its cases pass, they fire every rule, and no rule is written for one public case."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from service.authoring.cases import CaseResult, run_cases
from service.authoring.check import check_pack
from service.authoring.snapshots import compare
from service.language.syntax import ALWAYS, facts_read
from tests.packs import DEFAULT, default_pack

PLAIN = "plain_"
PAGES = "brief_pages.yaml"
"""Invented incidents whose pages are kept."""
FILES_OF_CASES = [path.name for path in sorted((DEFAULT / "cases").glob("*.yaml"))]
RULE_TEXTS = {path.name: path.read_text("utf-8") for path in sorted(DEFAULT.glob("*.yaml"))}
NAMES_OF_CASES = (
    "Tylenol",
    "Johnson",
    "Pepsi",
    "Domino",
    "Maple Leaf",
    "VW",
    "Volkswagen",
    "United 3411",
    "United Airlines",
    "KFC",
    "三鹿",
    "圣元",
    "伊利",
    "霸王",
    "海底捞",
    "谭秦东",
    "鸿茅",
    "Hongmao",
    "Dolce",
    "D&G",
    "Chipotle",
    "Southwest",
    "华住",
    "Starbucks",
    "讯飞",
)


@cache
def results() -> tuple[CaseResult, ...]:
    return tuple(run_cases(default_pack()))


def fired(result: CaseResult) -> set[str]:
    assert result.answer is not None
    return {reason["rule"] for reason in result.answer["reasons"]}


def is_plain(result: CaseResult) -> bool:
    return Path(result.case.place.file).name.startswith(PLAIN)


def is_public(result: CaseResult) -> bool:
    return not is_plain(result) and Path(result.case.place.file).name != PAGES


def test_the_pack_has_no_problem_not_even_a_warning() -> None:
    assert check_pack(DEFAULT)[1] == []


@pytest.mark.parametrize("name", FILES_OF_CASES)
def test_the_cases_of_a_file_give_the_expected_answers(name: str) -> None:
    found = [result for result in results() if Path(result.case.place.file).name == name]
    assert found
    assert [str(problem) for result in found for problem in result.problems] == []


def test_the_answers_are_those_of_the_snapshot() -> None:
    """After an intended change: tocsin test rules/pr_crisis --update. Read the difference before you commit it."""
    found = compare(DEFAULT, default_pack(), results())
    assert [problem.message for problem in found.problems] == []
    assert (DEFAULT / "cases" / "snapshot.txt").exists()


def test_there_are_twenty_public_cases_each_with_its_source() -> None:
    public = [result.case for result in results() if is_public(result)]
    assert len({case.place.file for case in public}) == 20
    assert all(case.source for case in public)


def test_at_least_five_public_cases_are_not_provisional() -> None:
    firm = [
        r
        for r in results()
        if is_public(r) and r.answer is not None and not r.answer["provisional"]
    ]
    assert len(firm) >= 5


def test_the_cases_give_all_grades_all_types_and_all_warnings() -> None:
    for name in (*default_pack().lifted, *default_pack().notices):
        seen = {result.answer[name]["code"] for result in results() if result.answer}
        assert seen == set(default_pack().outputs[name].type.values)


def test_plain_cases_fire_every_rule_so_that_no_rule_depends_on_one_public_case() -> None:
    reached = set[str]().union(*(fired(result) for result in results() if is_plain(result)))
    assert {rule.id for rule in default_pack().rules} - reached == set()


def test_every_conditional_rule_does_not_fire_in_some_plain_case() -> None:
    plain = [fired(result) for result in results() if is_plain(result)]
    always = {rule.id for rule in default_pack().rules if rule.when == ALWAYS}
    assert set.intersection(*plain) == always


@pytest.mark.parametrize("name", RULE_TEXTS)
def test_no_file_of_rules_names_a_company_of_a_case(name: str) -> None:
    assert [company for company in NAMES_OF_CASES if company in RULE_TEXTS[name]] == []


def test_no_action_of_an_answer_is_also_blocked_or_held() -> None:
    for result in results():
        assert result.answer is not None
        asked = {action["code"] for action in result.answer["actions"]}
        kept_back = {entry["code"] for key in ("blocked", "held") for entry in result.answer[key]}
        assert asked & kept_back == set()


def test_every_fact_that_a_rule_reads_has_a_question_and_a_role_to_ask() -> None:
    """Also facts with an assumption: sent as null they are unknown, and the answer asks for them."""
    read = {fact for rule in default_pack().rules for fact in facts_read(rule.when)}
    read |= {fact for item in default_pack().derived for fact in facts_read(item.value)}
    facts = default_pack().vocabulary.facts
    assert [name for name in facts if name in read and not facts[name].question] == []
    assert [name for name in facts if facts[name].question and not facts[name].ask] == []
