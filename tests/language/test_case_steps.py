"""A case with steps: a step's facts are merged over earlier ones, and its previous answer is the one to the step before."""

from __future__ import annotations

from pathlib import Path

from service.authoring.cases import run_cases
from service.authoring.check import check_pack
from service.language.cases import merged_over
from tests.packs import loaded, plain_pack

RULES = """
rules:
  - {id: level.high, when: "a.count > 5 && a.flag", then: {level: high, actions: [FIRST]}, because: {en: many}}
  - {id: level.kept, when: 'previous.given && previous.level == "high"', then: {level: middle}, because: {en: kept}}
  - {id: score.done, when: 'previous.given && "FIRST" in previous.responses', then: {score: 7}, because: {en: done}}
"""
CASES = """
cases:
  - name: It goes down
    steps:
      - {as_of: 2026-01-01T10:00:00Z, facts: {a: {count: 9, flag: true}}, expect: {level: high, score: 0}}
      - as_of: 2026-01-01T11:00:00Z
        facts: {a: {count: 1}}
        responses: [FIRST]
        expect: {level: middle, score: 7, fired: {exactly: [level.kept, score.done]}}
      - {as_of: 2026-01-01T12:00:00Z, facts: {}, expect: {level: low, score: 0}}
  - name: It was high before
    as_of: 2026-01-01T12:00:00Z
    previous: {as_of: 2026-01-01T11:00:00Z, outputs: {level: high}}
    facts: {a: {count: 1}}
    expect: {level: middle}
  - name: Nothing was before
    as_of: 2026-01-01T12:00:00Z
    facts: {a: {count: 1}}
    expect: {level: low}
  - name: Not as expected
    steps:
      - {as_of: 2026-01-01T10:00:00Z, facts: {a: {count: 9, flag: true}}, expect: {level: high}}
      - {as_of: 2026-01-01T11:00:00Z, facts: {a: {count: 1}}, expect: {level: low}}
"""


def test_steps_follow_each_other_and_cases_do_not(tmp_path: Path) -> None:
    plain_pack(tmp_path, RULES)
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases" / "all.yaml").write_text(CASES, "utf-8")
    results = list(run_cases(loaded(tmp_path, with_cases=True)))
    assert [(result.case.name, len(result.problems)) for result in results] == [
        ("It goes down (1)", 0),
        ("It goes down (2)", 0),
        ("It goes down (3)", 0),
        ("It was high before", 0),
        ("Nothing was before", 0),
        ("Not as expected (1)", 0),
        ("Not as expected (2)", 1),
    ]
    (wrong,) = results[-1].problems
    assert wrong.message == "'Not as expected (2)': level is middle, expected low"
    assert wrong.line == 23


def test_the_previous_answer_of_a_case_must_fit_its_pack_and_its_moment(tmp_path: Path) -> None:
    """A request may have an answer of another version; a case stands beside the rules of its version."""
    plain_pack(tmp_path, RULES)
    (tmp_path / "cases").mkdir()
    previous = "{as_of: 2026-01-01T13:00:00Z, outputs: {level: high, mood: sour}, actions: [SING]}"
    text = CASES.replace("{as_of: 2026-01-01T11:00:00Z, outputs: {level: high}}", previous)
    (tmp_path / "cases" / "all.yaml").write_text(text, "utf-8")
    _, problems = check_pack(tmp_path)
    assert [one.message.partition(":")[0] for one in problems if one.code == "case-facts"] == [
        "previous.as_of"
    ]
    (tmp_path / "cases" / "all.yaml").write_text(text.replace("T13:", "T11:"), "utf-8")
    _, problems = check_pack(tmp_path)
    assert [one.message.partition(":")[0] for one in problems if one.code == "case-facts"] == [
        "previous.actions[0]",
        "previous.outputs.mood",
    ]


def test_facts_of_a_later_step_replace_or_add() -> None:
    below = {"a": {"x": 1, "y": {"z": 2}}, "b": {"x": 3}}
    above = {"a": {"x": None, "y": {"w": 4}}, "c": {"x": 5}}
    assert merged_over(below, above) == {
        "a": {"x": None, "y": {"z": 2, "w": 4}},
        "b": {"x": 3},
        "c": {"x": 5},
    }
