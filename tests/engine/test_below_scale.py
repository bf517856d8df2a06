"""A value below the scale, such as "no incident": it is taken only where the pack knows the day to be calm, and texts are quiet about it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from schemas.field_error import Ignored
from schemas.previous import Previous
from schemas.reported import Reported
from schemas.scalars import parse_datetime
from service.engine.answer.parts import answer
from service.engine.assess import Assessor
from tests.packs import PLAIN_FACTS, plain_pack

AS_OF = parse_datetime("2026-05-01T12:00:00Z")
ABOUT = """
pack: plain
version: 1.0.0
title: {en: Plain}
locale: en
timezone: UTC
answer: [level, state]
contingency: {output: level}
review: {by: level, high: 1h, low: 6h}
verdict:
  - {when: 'level == "none"', text: "Quiet."}
  - {when: 'at_least(level, "low")', text: "Level {level}."}
brief:
  calm: [a.count, "b.count < 5", "!b.flag"]
outputs:
  level: {type: enum, hit: priority, default: low, values: {high: {level: 1}, low: {level: 2}, none: {below_scale: true}}}
  state: {type: enum, hit: priority, default: open, values: {open: {}, over: {closed: true}}}
  actions: {type: actions, hit: collect}
  blocked: {type: actions, hit: collect}
"""
RULES = """
rules:
  - {id: level.high, when: 'a.share >= 0.5', then: {level: high}, because: "{a.share}"}
  - {id: level.none, when: 'a.count < 10', then: {level: none}, because: "{a.count}"}
  - {id: state.over, when: 'previous.given && previous.state == "over"', then: {state: over}, because: over}
  - {id: ask.always, when: always, then: {actions: FIRST}, because: always}
"""
FACTS = (
    PLAIN_FACTS.replace("text:", "calm: always, text:")
    + """
  a.age: {type: integer, stale_after: 1h, calm: always, text: {en: Age}}
  c.new: {type: integer, text: {en: New}}
  c.few: {type: integer, calm: 'c.few < 3 || (c.taken > 5 && b.flag)', text: {en: Few}}
  c.taken: {type: integer, assume: 0, text: {en: Taken}}
  c.wide: {type: integer, assume: 0, calm: 'c.wide <= 4', text: {en: Wide}}
  c.watched: {type: integer, calm: 'c.watched < 3', watch: true, text: {en: Watched}}
  c.seldom: {type: list, of: string, applies_when: 'a.flag', otherwise: [], text: {en: Seldom}}
"""
)
CALM: Mapping[str, Any] = {"a.count": 3, "b.count": 0, "b.flag": False}


@pytest.fixture(scope="module")
def assessor(tmp_path_factory: pytest.TempPathFactory) -> Assessor:
    pack = plain_pack(tmp_path_factory.mktemp("pack") / "plain", RULES, pack=ABOUT, facts=FACTS)
    return Assessor(pack, "both")


def before(**outputs: Any) -> Previous:
    return Previous(AS_OF - timedelta(days=1), outputs, {}, {}, ())


def test_a_calm_day_has_the_value_below_the_scale_and_its_bounds_are_as_sound_as_ever(
    assessor: Assessor,
) -> None:
    told = assessor.assess(CALM, AS_OF, "en")
    assert told["level"] == {"code": "none", "text": "none"}
    assert told["at_worst"]["level"]["code"] == "high"
    assert told["outputs"]["level"]["can_be"] == ["high", "low", "none"]
    assert told["provisional"] is True
    assert told["unknowns"][0]["fact"] == "a.share"


def test_the_verdict_of_such_a_day_says_only_that_it_is_quiet(assessor: Assessor) -> None:
    assert assessor.assess(CALM, AS_OF, "en")["verdict"] == "Quiet."
    assert assessor.assess({}, AS_OF, "en")["verdict"] == "Level low."
    assert assessor.assess({**CALM, "a.share": 0.7}, AS_OF, "en")["verdict"] == "Level high."


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {**CALM, "a.count": None},
        {**CALM, "b.count": None},
        {**CALM, "b.flag": None},
        {**CALM, "b.count": 5},
        {**CALM, "b.flag": True},
        {**CALM, "a.count": 10},
    ],
)
def test_it_is_not_taken_while_something_that_it_needs_is_unknown_or_not_calm(
    assessor: Assessor, facts: Mapping[str, Any]
) -> None:
    told = assessor.assess(facts, AS_OF, "en")
    assert told["level"]["code"] == "low"
    could_be = any(facts.get(name) is None for name in CALM)
    assert ("none" in told["outputs"]["level"]["can_be"]) is could_be


def test_a_worse_value_wins_over_it(assessor: Assessor) -> None:
    assert assessor.assess({**CALM, "a.share": 0.5}, AS_OF, "en")["level"]["code"] == "high"


@pytest.mark.parametrize(
    ("previous", "code"),
    [
        (before(level="low"), "low"),
        (before(), "low"),
        (before(state="open", level="high"), "low"),
        (Previous(AS_OF, {}, {}, {}, (), unread=frozenset(["level", "state"])), "low"),
        (before(level="none"), "none"),
        (before(level="low", state="over"), "none"),
    ],
)
def test_an_incident_that_is_open_stays_one(
    assessor: Assessor, previous: Previous, code: str
) -> None:
    """It is open unless the previous answer was below the scale too, or had a value that closes."""
    assert assessor.assess(CALM, AS_OF, "en", previous=previous)["level"]["code"] == code


@pytest.mark.parametrize(
    "said",
    [
        Reported(1, measured_at=AS_OF - timedelta(hours=2)),
        Reported(1, scope="page"),
        Reported(1, disputed=True),
    ],
)
def test_it_is_not_taken_if_a_posted_fact_is_old_or_of_one_page_or_disputed(
    assessor: Assessor, said: Reported
) -> None:
    facts = {**CALM, "a.age": 1}
    sure = assessor.assess(facts, AS_OF, "en", reported={"a.age": Reported(1, "the desk", AS_OF)})
    assert sure["level"]["code"] == "none"
    told = assessor.assess(facts, AS_OF, "en", reported={"a.age": said})
    assert told["level"]["code"] == "low"
    assert told["outputs"]["level"]["can_be"] == ["high", "low", "none"]


@pytest.mark.parametrize(
    ("facts", "code", "could_be"),
    [
        ({"c.new": 0}, "low", False),
        ({"c.few": 2}, "none", True),
        ({"c.few": 3}, "low", False),
        ({"c.few": 3, "b.flag": None}, "low", False),
        ({"c.taken": 0}, "none", True),
        ({"c.taken": 1}, "low", False),
        ({"c.wide": 4}, "none", True),
        ({"c.wide": 5}, "low", False),
        ({"a.flag": False, "c.seldom": ()}, "none", True),
        ({"a.flag": False, "c.seldom": ("x",)}, "low", False),
        ({"a.flag": True}, "none", True),
        ({"a.kind": "x", "a.seen": AS_OF}, "none", True),
        ({"c.new": None}, "low", True),
        ({"c.few": None}, "low", True),
        ({"c.taken": None}, "low", True),
        ({"a.kind": None}, "none", True),
    ],
)
def test_it_is_taken_only_if_every_posted_fact_is_calm(
    assessor: Assessor, facts: Mapping[str, Any], code: str, could_be: bool
) -> None:
    """A fact that does not say when it is calm is not. The value that is taken for an absent fact is calm. Null is not known to be."""
    told = assessor.assess({**CALM, **facts}, AS_OF, "en")
    assert told["level"]["code"] == code
    assert ("none" in told["outputs"]["level"]["can_be"]) is could_be


def test_a_calm_fact_that_depends_on_an_unknown_one_leaves_it_open(tmp_path: Path) -> None:
    facts = FACTS.replace("c.taken > 5 && b.flag", "c.other > 5") + (
        "  c.other: {type: integer, calm: always, text: {en: Other}}\n"
    )
    told = Assessor(plain_pack(tmp_path / "plain", RULES, pack=ABOUT, facts=facts), "both")

    def grade(**more: int) -> tuple[str, bool, bool]:
        facts = {**CALM, "c.few": 3, **{f"c.{name}": value for name, value in more.items()}}
        answer = told.assess(facts, AS_OF, "en")
        asked = "c.other" in [one["fact"] for one in answer["unknowns"]]
        return answer["level"]["code"], "none" in answer["outputs"]["level"]["can_be"], asked

    assert grade() == ("low", True, True)
    assert grade(other=6) == ("none", True, False)
    assert grade(other=5) == ("low", False, False)


def test_figures_of_the_watch_alone_are_told_apart(tmp_path: Path) -> None:
    rules = RULES + (
        "  - {id: ask.second, when: 'posted.watch', then: {actions: SECOND}, because: watch}\n"
    )
    told = Assessor(plain_pack(tmp_path / "plain", rules, pack=ABOUT, facts=FACTS), "both")

    def asked(facts: Mapping[str, Any]) -> tuple[str, bool]:
        answer = told.assess({**CALM, **facts}, AS_OF, "en")
        return answer["level"]["code"], "SECOND" in [one["code"] for one in answer["actions"]]

    assert asked({"c.watched": 2}) == ("none", True)
    assert asked({"c.watched": 3}) == ("low", True)
    assert asked({"c.watched": 3, "c.few": 9}) == ("low", False)
    assert asked({"c.new": 1}) == ("low", False)


def test_rules_can_read_whether_all_that_was_told_is_calm(tmp_path: Path) -> None:
    rules = (
        RULES
        + "  - {id: ask.second, when: 'posted.calm', then: {actions: SECOND}, because: calm}\n"
    )
    told = Assessor(plain_pack(tmp_path / "plain", rules, pack=ABOUT, facts=FACTS), "both")

    def asked(facts: Mapping[str, Any]) -> bool:
        answer = told.assess(facts, AS_OF, "en")
        return "SECOND" in [one["code"] for one in answer["actions"]]

    assert asked({"c.few": 1})
    assert not asked({"c.few": 9})
    assert not asked({"c.new": 1})
    assert not asked({"c.few": None})


def test_it_is_not_taken_if_a_posted_fact_is_wrong(assessor: Assessor) -> None:
    def code(mistakes: int) -> str:
        found = assessor.find(CALM, AS_OF, "en", ignored=Ignored([], mistakes))
        level: str = answer(assessor.parts, found)["level"]["code"]
        return level

    assert (code(0), code(1)) == ("none", "low")


def test_an_interval_that_names_no_such_value_is_the_longest_of_those_it_names(
    assessor: Assessor,
) -> None:
    told = assessor.assess({**CALM, "a.share": 0.0}, AS_OF, "en")
    assert told["level"]["code"] == "none"
    assert told["next_review"] == "2026-05-01T18:00:00Z"


def test_what_if_leads_from_it_and_never_to_it(assessor: Assessor) -> None:
    quiet = assessor.assess({**CALM, "a.share": 0.0}, AS_OF, "en", contingency=True)["contingency"]
    assert [way["value"] for way in quiet["worse"]] == ["low", "high"]
    loud = {**CALM, "a.share": 0.6}
    assert [
        way["value"]
        for way in assessor.assess(loud, AS_OF, "en", contingency=True)["contingency"]["better"]
    ] == ["low"]


def test_to_leave_it_is_a_change_for_the_worse(assessor: Assessor) -> None:
    told = assessor.assess({}, AS_OF, "en", previous=before(level="none"))
    assert [(one["from"], one["to"], one["direction"]) for one in told["changes"]["outputs"]] == [
        ("none", "low", "worse")
    ]


def test_the_explanation_has_all_that_it_needs(assessor: Assessor) -> None:
    told = assessor.assess({**CALM, "b.count": 7}, AS_OF, "en", explain=True)["explanation"]
    assert [one["atom"] for one in told["near_misses"] if one["rule"] == "level.none"] == [
        "b.count < 5"
    ]


def test_a_pack_without_such_a_value_reads_no_more_than_before(tmp_path: Path) -> None:
    pack = plain_pack(tmp_path / "plain", "rules: []")
    assert "every posted fact is sure" not in pack.previous
    assert pack.derived == ()
