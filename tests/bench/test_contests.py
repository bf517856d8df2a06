"""The engines of bench/ get the meaning of the packs: translated rules fire exactly when the reference fires them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bench.contest import Incomplete, contest_of
from bench.contestant import WrongAnswer, check_answers
from bench.incidents import case_bodies, complete_incidents
from bench.match import default_contest, hold, synthetic_contest
from bench.ours import both, reference
from bench.peers.clips_spelling import deftemplate, left_hand_side
from bench.plain import plain
from bench.synthetic import Shape
from schemas.strict_json import read_json
from service.language.load import load_pack
from tests.bench.python_peer import python
from tests.packs import PLAIN_FACTS, default_pack, plain_pack
from tests.server import ROOT

PACK = ROOT / "rules" / "pr_crisis"
RULES = """
rules:
  - {id: r.text, when: 'a.kind == "x" && a.flag', then: {score: 1}, because: {en: r}}
  - {id: r.late, when: 'a.seen > timestamp("2026-01-01T00:00:00Z")', then: {score: 1}, because: {en: r}}
  - {id: r.again, when: 'previous.given && previous.score > 1', then: {score: 1}, because: {en: r}}
  - {id: r.score, when: 'score >= 1', then: {level: high}, because: {en: r}}
"""
COMPLETE = {"a.kind": "x", "a.flag": True}


def test_nine_in_ten_rules_of_the_default_pack_are_translated_correctly() -> None:
    contest = default_contest(PACK)
    assert set(contest.left_out) <= {"the previous answer", "math.greatest", "AsOf", "exists"}
    assert sum(contest.left_out.values()) < len(contest.pack.rules) / 10
    assert len(contest.expected) > 150
    assert contest.firing > 10
    for entry in (reference, both, python):
        check_answers(entry(contest), contest)


@pytest.mark.parametrize(
    "shape", [Shape(60), Shape(300, facts=120), Shape(100, firing=50, seed=2)], ids=str
)
def test_rules_of_synthetic_packs_fire_as_often_as_the_shape_says_and_are_translated_correctly(
    tmp_path: Path, shape: Shape
) -> None:
    contest = synthetic_contest(shape, tmp_path / "pack")
    assert len(contest.pack.rules) == shape.rules
    assert 0.6 * shape.firing < contest.firing < 1.5 * shape.firing
    for entry in (reference, both, python):
        check_answers(entry(contest), contest)


def test_the_largest_synthetic_pack_has_no_problem(tmp_path: Path) -> None:
    pack, problems = load_pack(Shape(1000).write(tmp_path / "pack"))
    assert pack is not None
    assert problems == []


def test_a_rule_that_peers_cannot_express_is_left_out_for_all_and_counted(tmp_path: Path) -> None:
    contest = contest_of("plain", plain_pack(tmp_path / "pack", RULES), [COMPLETE])
    assert contest.left_out == {"datetime": 1, "the previous answer": 1}
    assert [rule.id for rule in contest.pack.rules] == ["r.text", "r.score"]
    assert contest.expected == [frozenset([0, 1])]
    for entry in (reference, both, python):
        check_answers(entry(contest), contest)


def test_an_incident_with_an_unknown_fact_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Incomplete):
        contest_of("plain", plain_pack(tmp_path / "pack", RULES), [{"a.kind": "x"}])


def test_nothing_is_timed_when_an_answer_is_wrong(tmp_path: Path) -> None:
    contest = contest_of("plain", plain_pack(tmp_path / "pack", RULES), [COMPLETE])
    liar = replace(python(contest), match=lambda facts: frozenset([0]))
    with pytest.raises(WrongAnswer, match=r"r\.score"):
        hold(contest, [reference, lambda contest: liar], rounds=1)


@pytest.mark.parametrize(
    ("condition", "pattern"),
    [
        ("a.flag", "(incident (f1 ?f1&TRUE))"),
        ("!a.flag", "(incident (f1 ?f1&FALSE))"),
        ("a.count >= 3", "(incident (f0 ?f0&:(>= ?f0 3)))"),
        ("a.share < 0.5", "(incident (f3 ?f3&:(< ?f3 0.5)))"),
        ('a.kind == "x"', "(incident (f2 ?f2&x))"),
        ('a.kind != "x"', "(incident (f2 ?f2&:(neq ?f2 x)))"),
        ('a.kind in ["x", "y"]', "(incident (f2 ?f2&:(or (eq ?f2 x) (eq ?f2 y))))"),
        ('"x" in a.kinds', "(incident (f4 $?f4&:(neq FALSE (member$ x $?f4))))"),
        ("a.kinds == []", "(incident (f4 $?f4&:(= (length$ $?f4) 0)))"),
        (
            'a.kinds.exists(k, k != "x")',
            "(incident (f4 $?f4&:(or (neq FALSE (member$ y $?f4)) (neq FALSE (member$ z $?f4)))))",
        ),
        ("a.count == 3 && !a.flag", "(incident (f0 ?f0&:(= ?f0 3)) (f1 ?f1&FALSE))"),
        (
            "a.flag || a.count != 1",
            "(incident (f0 ?f0) (f1 ?f1&:(or (<> ?f0 1) (eq ?f1 TRUE))))",
        ),
        ("has(a.flag)", "(incident)"),
        ("!has(a.flag)", "(incident) (test (eq 0 1))"),
    ],
)
def test_conditions_are_spelled_for_clips(tmp_path: Path, condition: str, pattern: str) -> None:
    rule = f"rules: [{{id: r.one, when: '{condition}', then: {{score: 1}}, because: {{en: r}}}}]"
    names = {"a.count": "f0", "a.flag": "f1", "a.kind": "f2", "a.share": "f3", "a.kinds": "f4"}
    kinds = "  a.kinds: {type: list, of: enum, values: [x, y, z], text: {en: Kinds}}\n"
    [only] = plain_pack(tmp_path / "pack", rule, facts=PLAIN_FACTS + kinds).rules
    said = left_hand_side(plain(only.when), names, lists=("a.kinds",))
    assert said.replace("(or (eq ?f1 TRUE) (<> ?f0 1))", "(or (<> ?f0 1) (eq ?f1 TRUE))") == pattern


def test_list_facts_are_multislots_for_clips() -> None:
    names = {"a.kinds": "f0", "a.kind": "f1"}
    said = "(deftemplate incident (multislot f0) (slot f1))"
    assert deftemplate(names, lists=["a.kinds"]) == said


def test_incidents_are_the_same_every_time_and_complete() -> None:
    pack = default_pack()
    first, again = (list(complete_incidents(pack, 20)) for _ in range(2))
    assert first == again
    assert all(set(facts) == set(pack.vocabulary.facts) for facts in first)


def test_the_public_cases_are_bodies_that_can_be_posted() -> None:
    bodies = case_bodies(default_pack())
    assert len(bodies) >= 15
    assert all(set(read_json(body)) == {"as_of", "facts"} for body in bodies)
