"""Opposites in answers: the one that loses is left out with the reason, and held while it is open which one wins."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from schemas.incident import Incident
from schemas.strict_json import Json
from service.authoring.cases import run_cases
from service.engine.assess import Assessor
from service.engine.judging.previous import previous_reader
from service.language.load import load_pack
from service.language.problem import Problem
from tests.packs import PLAIN_ACTIONS, plain_pack, problems_of

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ACTIONS = PLAIN_ACTIONS.replace("Third}}", "Third}, contradicts: [FIRST]}")
RULES = """
rules:
  - {id: ask.first, when: "a.flag", then: {actions: [FIRST]}, because: {en: first}}
  - id: ask.third
    when: b.flag
    then: {actions: [{action: THIRD, over: [FIRST]}]}
    because: {en: third}
  - {id: ask.too, when: "a.count > 5", then: {actions: [THIRD]}, because: {en: third too}}
  - {id: guard.third, when: "b.count > 5", then: {blocked: [{action: THIRD, instead: [FIRST, SECOND]}]}, because: {en: no}}
  - {id: guard.never, when: "b.count > 0", then: {blocked: [{action: NEVER, instead: [FIRST, SECOND]}]}, because: {en: never}}
"""


@pytest.fixture(scope="module")
def assessor(tmp_path_factory: pytest.TempPathFactory) -> Assessor:
    return Assessor(plain_pack(tmp_path_factory.mktemp("opposites"), RULES, actions=ACTIONS))


def facts_of(flag: Any, wins: Any, count: Any = 0, guarded: Any = 0) -> dict[str, Any]:
    return {"a.flag": flag, "b.flag": wins, "a.count": count, "b.count": guarded}


def answer(assessor: Assessor, *facts: Any, previous: Json | None = None) -> Json:
    at = NOW if previous is None else NOW + timedelta(hours=1)
    read, wrong = previous_reader(assessor.pack).load(previous, Incident(as_of=at))
    assert not wrong
    return assessor.assess(facts_of(*facts), at, "en", previous=read)


def errors_of(folder: Path) -> list[Problem]:
    return [one for one in problems_of(folder) if one.severity == "error"]


def places(got: Json) -> dict[str, list[str]]:
    return {key: [one["code"] for one in got[key]] for key in ("actions", "held", "blocked")}


def test_the_opposite_that_loses_is_left_out_and_the_reason_says_so(assessor: Assessor) -> None:
    got = answer(assessor, True, True)
    assert places(got) == {"actions": ["THIRD"], "held": [], "blocked": []}
    left = {one["rule"]: one.get("left_out") for one in got["reasons"]}
    assert left == {"ask.first": None, "ask.third": ["FIRST"]}


def test_changes_say_that_an_action_is_left_out_and_by_which_rule(assessor: Assessor) -> None:
    before = answer(assessor, True, False)
    sent = {key: before[key] for key in ("as_of", "outputs", "actions")}
    got = answer(assessor, True, True, previous=sent)
    assert got["changes"]["actions"]["dropped"] == [
        {"code": "FIRST", "text": "First", "now": "left out", "because": ["ask.third"]}
    ]


def test_the_loser_is_held_while_it_is_unknown_whether_the_winner_is_asked_for(
    assessor: Assessor,
) -> None:
    got = answer(assessor, True, None)
    assert places(got)["held"] == ["FIRST"]
    (hold,) = got["held"]
    assert (hold["until"], hold.get("opposites"), hold["because"]) == (
        ["b.flag"],
        ["THIRD"],
        ["ask.third"],
    )


def test_the_loser_waits_for_what_the_winner_waits_for(assessor: Assessor) -> None:
    got = answer(assessor, True, True, 0, None)
    assert places(got)["held"] == ["FIRST", "THIRD"]
    assert got["held"][0]["until"] == ["b.count"]


def test_a_blocked_winner_leaves_nothing_out(assessor: Assessor) -> None:
    got = answer(assessor, True, True, 0, 6)
    assert places(got) == {"actions": ["FIRST"], "held": [], "blocked": ["THIRD", "NEVER"]}


def test_a_pair_that_no_rule_decides_is_held_for_no_fact(assessor: Assessor) -> None:
    got = answer(assessor, True, False, 6)
    assert places(got)["held"] == ["FIRST", "THIRD"]
    assert [(one["until"], one.get("opposites")) for one in got["held"]] == [
        ([], ["THIRD"]),
        ([], ["FIRST"]),
    ]


def test_an_opposite_of_what_is_asked_for_is_no_alternative(assessor: Assessor) -> None:
    for asked, instead in ((True, ["SECOND"]), (None, ["SECOND"]), (False, ["FIRST", "SECOND"])):
        (block,) = answer(assessor, False, asked, 0, 1)["blocked"]
        assert block["instead"] == instead


@pytest.mark.parametrize("engine", ["both", "reference", "rete"])
def test_both_matchers_leave_out_the_same(tmp_path: Path, engine: Any) -> None:
    one = Assessor(plain_pack(tmp_path, RULES, actions=ACTIONS), engine)
    assert places(answer(one, True, True)) == {"actions": ["THIRD"], "held": [], "blocked": []}


def test_a_case_that_shows_an_undecided_pair_fails_and_says_what_is_left_out(
    tmp_path: Path,
) -> None:
    plain_pack(tmp_path, RULES, actions=ACTIONS)
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases" / "some.yaml").write_text(CASES, "utf-8")
    pack, problems = load_pack(tmp_path, with_cases=True)
    assert pack is not None, problems
    found = [(one.code, one.message) for result in run_cases(pack) for one in result.problems]
    assert found == [
        (
            "undecided-opposites",
            "'undecided': FIRST and THIRD contradict each other, and no rule says which wins",
        ),
        (
            "case-failed",
            "'left out': actions lacks FIRST: it is left out because of ask.third",
        ),
    ]


CASES = """
cases:
  - name: undecided
    as_of: 2026-01-01
    facts: {a: {flag: true, count: 6}, b: {flag: false, count: 0}}
    expect: {actions: {exactly: []}, held: [FIRST, THIRD]}
  - name: left out
    as_of: 2026-01-01
    facts: {a: {flag: true, count: 0}, b: {flag: true, count: 0}}
    expect: {actions: [FIRST], left_out: {exactly: [FIRST]}}
"""


def test_a_rule_that_asks_for_both_must_say_which_wins(tmp_path: Path) -> None:
    plain_pack(tmp_path, RULES, actions=ACTIONS)
    both = RULES.replace("actions: [THIRD]}", "actions: [FIRST, THIRD]}")
    (tmp_path / "10_rules.yaml").write_text(both, "utf-8")
    (problem,) = errors_of(tmp_path)
    assert (problem.code, problem.line) == ("undecided-opposites", 8)


def test_a_legal_duty_is_never_left_out(tmp_path: Path) -> None:
    plain_pack(tmp_path, RULES, actions=ACTIONS)
    duty = ACTIONS.replace("First}, due", "First}, statutory: true, due")
    (tmp_path / "actions.yaml").write_text(duty, "utf-8")
    (problem,) = errors_of(tmp_path)
    assert problem.code == "not-opposites"
    assert "legal duty" in problem.message
