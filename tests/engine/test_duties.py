"""Grounds and deadlines by case, and legal duties that an unknown fact decides: a small pack, each with one unknown more."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from schemas.scalars import parse_datetime
from service.engine.assess import Assessor
from service.engine.judging.previous import previous_reader
from service.language.load import load_pack
from service.language.model import Pack

AS_OF = datetime(2026, 9, 15, 12, tzinfo=UTC)
SEEN = AS_OF - timedelta(hours=10)
FILES = {
    "pack.yaml": """
pack: port
version: 1.0.0
title: {en: Port}
locale: en
timezone: UTC
answer: [alarm]
outputs:
  alarm: {type: boolean, hit: any, default: false}
  actions: {type: actions, hit: collect}
  blocked: {type: actions, hit: collect}
""",
    "facts.yaml": """
facts:
  spill.oil: {type: boolean, text: {en: Oil}, question: {en: Is it oil?}, ask: master}
  spill.flag: {type: enum, values: [red, green, white], text: {en: Flag}}
  spill.seen: {type: datetime, text: {en: Seen}}
  spill.judged: {type: datetime, text: {en: Judged}}
  spill.storm: {type: boolean, text: {en: Storm}}
""",
    "actions.yaml": """
actions:
  REPORT:
    text: {en: Report}
    due: {from: [spill.seen], within: 12h}
    statutory: true
    ground: {en: Custom of the sea}
    by_case:
      - {when: 'spill.flag == "red"', due: {from: [spill.seen], within: 4h}, ground: {en: Red law}}
      - {when: 'spill.flag == "green"', due: {from: [spill.seen], within: at once}, ground: {en: Green law}}
  FILE: {text: {en: File}, statutory: true, due: {from: {only: [spill.judged]}, within: 2 working days}, again_when: [{changed: spill.flag}]}
  SWEEP: {text: {en: Sweep}, due: 1h}
  MOP: {text: {en: Mop}, due: 1h, by_case: [{when: 'spill.flag == "red"', text: {en: Mop with sand}}]}
  DUMP:
    text: {en: Dump}
    forbidden: true
    instead: [SWEEP]
    ground: {en: Decency}
    by_case: [{when: 'spill.flag == "red"', ground: {en: Red law 2}}]
""",
    "calendars/port.yaml": "{calendar: port, zone: UTC, years: 2026..2026, weekend: [sunday], holidays: []}",
    "10_rules.yaml": """
rules:
  - {id: oil, when: 'spill.oil', then: {actions: [REPORT, FILE, SWEEP, MOP], alarm: true}, because: {en: oil}}
  - {id: never, when: always, then: {blocked: [DUMP]}, because: {en: no}}
  - id: storm
    when: spill.storm
    then: {blocked: [{action: FILE, instead: [SWEEP], ground: {en: Prudence}, by_case: [{when: 'spill.flag == "green"', ground: {en: Green law 9}}]}]}
    because: {en: storm}
""",
}
Answer = dict[str, Any]


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    folder: Path = tmp_path_factory.mktemp("packs") / "port"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).write_text(text, "utf-8")
    pack, problems = load_pack(folder)
    assert pack is not None, problems
    return pack


@pytest.fixture(scope="module")
def assessor(pack: Pack) -> Assessor:
    return Assessor(pack)


def answer(assessor: Assessor, facts: dict[str, Any], **more: Any) -> Answer:
    told = {f"spill.{name}": value for name, value in facts.items()}
    return assessor.assess(told, AS_OF, "en", **more)


def entry(answer: Answer, code: str) -> Answer:
    (found,) = [one for one in answer["actions"] if one["code"] == code]
    return dict(found)


CALM = {"storm": False, "seen": SEEN}


@pytest.mark.parametrize(
    ("flag", "words"), [("red", "Mop with sand"), ("white", "Mop"), (None, "Mop")]
)
def test_words_of_a_case_hold_only_where_it_is_known_and_leave_nothing_in_doubt(
    assessor: Assessor, flag: str | None, words: str
) -> None:
    found = entry(answer(assessor, {**CALM, "oil": True, "flag": flag}), "MOP")
    assert (found["text"], found["if"]) == (words, None)


@pytest.mark.parametrize(
    ("flag", "within", "ground"),
    [
        ("red", "4h", "Red law"),
        ("green", "at once", "Green law"),
        ("white", "12h", "Custom of the sea"),
    ],
)
def test_the_first_alternative_that_is_true_holds_otherwise_the_action_as_it_is(
    assessor: Assessor, flag: str, within: str, ground: str
) -> None:
    report = entry(answer(assessor, {**CALM, "oil": True, "flag": flag}), "REPORT")
    assert (report["within"], report["ground"], report["if"]) == (within, ground, None)


def test_while_the_case_is_unknown_the_shortest_deadline_counts_and_all_grounds_are_cited(
    assessor: Assessor,
) -> None:
    told = answer(assessor, {**CALM, "oil": True})
    report = entry(told, "REPORT")
    assert report["within"] == "at once"
    assert report["ground"] == "Red law; Green law; Custom of the sea"
    assert (report["if"]["asked"], report["if"]["facts"]) == (True, ["spill.flag"])
    assert {"spill.flag": ["actions"]}.items() <= {
        one["fact"]: one["could_change"] for one in told["unknowns"]
    }.items()


def test_a_duty_that_an_unknown_fact_decides_stays_in_the_plan_and_another_action_does_not(
    assessor: Assessor,
) -> None:
    told = answer(assessor, {**CALM, "flag": "red"})
    report = entry(told, "REPORT")
    assert (report["if"]["asked"], report["if"]["facts"]) == (False, ["spill.oil"])
    assert report["if"]["text"] == "if it applies, which depends on: Oil"
    assert report["because"] == ["oil"]
    assert [one["code"] for one in told["actions"]] == ["REPORT", "FILE"]
    assert told["next_hour"] == []
    assert told["clock"]["overdue"] == []


def test_only_a_known_fact_removes_a_duty(assessor: Assessor) -> None:
    assert answer(assessor, {**CALM, "oil": False})["actions"] == []


def test_at_once_is_never_overdue_and_comes_first(assessor: Assessor) -> None:
    told = answer(assessor, {**CALM, "oil": True, "flag": "green"})
    report = entry(told, "REPORT")
    assert (report["due_at"], report["sequence"]) == (None, 1)
    assert {one["code"]: one["overdue"] for one in told["next_hour"]}["REPORT"] is False
    assert told["clock"]["overdue"] == []


def test_a_clock_that_only_an_event_starts_has_no_date_before_it(assessor: Assessor) -> None:
    told = answer(assessor, {**CALM, "oil": True, "flag": "red"})
    file = entry(told, "FILE")
    assert (file["due_at"], file["within"]) == (None, "2 working days")
    assert [one["fact"] for one in file["starts_with"]] == ["spill.judged"]
    assert "spill.judged" in [one["fact"] for one in told["unknowns"]]
    later = entry(answer(assessor, {**CALM, "oil": True, "flag": "red", "judged": SEEN}), "FILE")
    assert later["due_at"] == "2026-09-17T23:59:59Z"
    assert not later["starts_with"]


def test_a_clock_that_only_an_event_starts_has_no_date_when_the_action_is_asked_for_again(
    pack: Pack, assessor: Assessor
) -> None:
    facts = {**CALM, "oil": True}
    done = answer(assessor, {**facts, "flag": "red"}, carried_out={"FILE": SEEN})
    previous, mistakes = previous_reader(pack).load({**done, "assessment_id": "1"})
    assert mistakes == []
    again = entry(answer(assessor, {**facts, "flag": "white"}, previous=previous), "FILE")
    assert (again["again_at"], again["due_at"]) == ("2026-09-15T12:00:00Z", None)
    assert [one["fact"] for one in again["starts_with"]] == ["spill.judged"]
    judged = SEEN - timedelta(days=1)
    told = answer(assessor, {**facts, "flag": "white", "judged": judged}, previous=previous)
    assert entry(told, "FILE")["due_at"] == "2026-09-17T23:59:59Z"
    judged = AS_OF + timedelta(days=1)
    told = answer(assessor, {**facts, "flag": "white", "judged": judged}, previous=previous)
    assert entry(told, "FILE")["due_at"] == "2026-09-18T23:59:59Z"


def test_a_year_that_the_calendar_does_not_have_makes_a_deadline_unsure(assessor: Assessor) -> None:
    facts = {**CALM, "oil": True, "flag": "red", "judged": datetime(2025, 3, 3, tzinfo=UTC)}
    assert entry(answer(assessor, facts), "FILE")["due_unsure"] is True
    facts["judged"] = SEEN
    assert entry(answer(assessor, facts), "FILE")["due_unsure"] is False


def test_a_possible_duty_is_left_out_where_it_is_blocked_and_held_where_it_may_be(
    assessor: Assessor,
) -> None:
    blocked = answer(assessor, {"storm": True})
    assert [one["code"] for one in blocked["actions"]] == ["REPORT"]
    open_guard = answer(assessor, {})
    held = {one["code"]: one["until"] for one in open_guard["held"]}
    assert held == {"FILE": ["spill.oil", "spill.storm"]}


@pytest.mark.parametrize(
    ("flag", "guard", "forbidden"),
    [
        ("red", "Prudence", "Red law 2"),
        ("green", "Green law 9", "Decency"),
        (None, "Prudence", "Decency"),
    ],
)
def test_a_guard_cites_the_law_of_a_place_that_is_known_otherwise_its_principle(
    assessor: Assessor, flag: str | None, guard: str, forbidden: str
) -> None:
    told = answer(assessor, {"storm": True, "oil": True, "flag": flag})
    assert {one["code"]: one["ground"] for one in told["blocked"]} == {
        "FILE": guard,
        "DUMP": forbidden,
    }


def test_the_shortest_of_several_deadlines_was_no_promise(pack: Pack, assessor: Assessor) -> None:
    """As soon as the place is known its own deadline counts, though the one before was shorter."""
    before = answer(assessor, {**CALM, "flag": "red"})
    previous, mistakes = previous_reader(pack).load({**before, "assessment_id": "1"})
    assert mistakes == []
    later = answer(assessor, {**CALM, "oil": True, "flag": "white"}, previous=previous)
    assert parse_datetime(entry(later, "REPORT")["due_at"]) == SEEN + timedelta(hours=12)
    assert "REPORT" in [one["code"] for one in later["changes"]["actions"]["added"]]
    again = answer(assessor, {**CALM, "oil": False}, previous=previous)
    assert {one["code"]: one["now"] for one in again["changes"]["actions"]["dropped"]} == {
        "REPORT": "not asked",
        "FILE": "not asked",
    }


def test_no_duty_goes_when_any_facts_are_left_out(assessor: Assessor) -> None:
    """Brute force: every incident, and the same with any of its facts unknown."""
    values: dict[str, list[Any]] = {
        "oil": [True, False],
        "flag": ["red", "green", "white"],
        "storm": [True, False],
        "seen": [SEEN],
        "judged": [SEEN],
    }
    found: dict[tuple[Any, ...], set[str]] = {}
    for point in itertools.product(*([*known, None] for known in values.values())):
        told = answer(assessor, dict(zip(values, point, strict=True)))
        asked = [one["code"] for one in told["actions"] if one["statutory"]]
        found[point] = {*asked, *(one["code"] for one in told["held"])}
    for point, duties in found.items():
        for position, value in enumerate(point):
            if value is not None:
                less = (*point[:position], None, *point[position + 1 :])
                assert duties <= found[less], (point, less)
