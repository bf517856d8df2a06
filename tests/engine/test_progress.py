"""Done is done, and comes back by a change alone: single requests, and random courses of them against a second definition."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from schemas.incident import load_incident
from schemas.scalars import format_datetime, parse_datetime
from service.asking.posted import Posted
from service.serving.served_pack import RefusedIncident, ServedPack
from tests.engine.progress_oracle import Ledger, Request
from tests.packs import PLAIN_ACTIONS, PLAIN_FACTS, PLAIN_PACK, plain_pack
from tests.previous_forms import shortest

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
PACK = PLAIN_PACK + "review: {within: 1h, action: LOOK}\n"
FACTS = PLAIN_FACTS + (
    "  c.points: {type: list, of: string, text: {en: Points}}\n"
    "  c.given: {type: list, of: enum, values: [word, more], text: {en: Given}}\n"
)
ACTIONS = (
    PLAIN_ACTIONS
    + """
  WORD:
    text: {en: Say a word}
    due: {from: a.seen, within: 2h}
    done_when: '"word" in c.given'
    again_when:
      - {worse: level}
      - {changed: c.points, text: {en: a new point}}
      - when: 'b.count > 5'
      - after: 48h
  PLAIN: {text: {en: Plain}, due: {from: a.seen, within: 2h}}
  ASKED: {text: {en: Asked}, due: {from: asked, by: level, high: 1h, middle: 3h, low: 9h}}
  SEEN: {text: {en: Seen}, due: {from: [a.seen, asked], within: 1h}}
  ROUND: {text: {en: Round}, every: 6h, done_when: '"more" in c.given'}
  LOOK: {text: {en: Look again}}
"""
)
RULES = """
rules:
  - {id: ask, when: "a.flag", then: {actions: [WORD, PLAIN, ASKED, SEEN, ROUND, LOOK]}, because: {en: asked}}
  - {id: high, when: "a.count > 8", then: {level: high}, because: {en: high}}
  - {id: middle, when: "a.count > 4", then: {level: middle}, because: {en: middle}}
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedPack]:
    folder: Path = tmp_path_factory.mktemp("progress")
    found = ServedPack.of(
        plain_pack(folder, RULES, pack=PACK, facts=FACTS, actions=ACTIONS), "reference"
    )
    yield found
    found.close()


class Course:
    """Requests about one incident. Each sends the answer before in its shortest form, or whole."""

    def __init__(self, served: ServedPack, *, is_whole: bool = False) -> None:
        self.served, self.is_whole = served, is_whole
        self.last: dict[str, Any] | None = None

    def ask(self, hours: float, *, responses: Any = (), done: Any = (), **facts: Any) -> Any:
        as_of = NOON + hours * HOUR
        known = {"a_flag": True, "a_count": 1, **facts}
        body: dict[str, Any] = {"facts": nested(known), "as_of": text(as_of)}
        if self.last is not None:
            sent = {**self.last, "assessment_id": "one"} if self.is_whole else shortest(self.last)
            body["previous"] = {**sent, "responses": list(responses)}
        if done:
            body["done"] = [{"code": code, "at": text(NOON + at * HOUR)} for code, at in done]
        self.last = assessed(self.served, body)
        return self.last


def assessed(served: ServedPack, body: dict[str, Any], now: datetime = NOON) -> dict[str, Any]:
    incident, errors = load_incident(body)
    answer: dict[str, Any] = served.assess(incident, errors, Posted(body, now)).answer
    return answer


def nested(facts: dict[str, Any]) -> dict[str, Any]:
    groups: dict[str, Any] = {}
    for name, value in facts.items():
        group, _, rest = name.partition("_")
        groups.setdefault(group, {})[rest] = value
    return groups


def text(moment: datetime) -> str:
    return format_datetime(moment)


def dated(value: Any, hours: float) -> dict[str, Any]:
    return {"value": value, "measured_at": text(NOON + hours * HOUR)}


def action(answer: dict[str, Any], code: str = "WORD") -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in answer["actions"] if one["code"] == code)
    return found


def is_done(answer: dict[str, Any], code: str = "WORD") -> bool:
    return bool(action(answer, code)["done"])


LONG_AGO = text(NOON - 9 * HOUR)


def test_what_a_fact_shows_is_done_and_not_overdue(served: ServedPack) -> None:
    late = Course(served).ask(0, a_seen=LONG_AGO, c_given=[])
    assert late["clock"]["overdue"] == ["SEEN", "WORD", "PLAIN"]
    given = Course(served).ask(0, a_seen=LONG_AGO, c_given=["word"])
    assert given["clock"]["overdue"] == ["SEEN", "PLAIN"]
    assert (is_done(given), action(given)["done_at"]) == (True, text(NOON))


@pytest.mark.parametrize("given", [None, ["more"]])
def test_unknown_is_never_done(served: ServedPack, given: Any) -> None:
    assert not is_done(Course(served).ask(0, c_given=given))


def test_a_fact_with_a_date_tells_when_it_was_done(served: ServedPack) -> None:
    assert action(Course(served).ask(0, c_given=dated(["word"], -2)))["done_at"] == (
        text(NOON - 2 * HOUR)
    )


@pytest.mark.parametrize("is_whole", [False, True])
def test_a_new_point_asks_again_once_and_the_old_fact_answers_it_not(
    served: ServedPack, *, is_whole: bool
) -> None:
    course = Course(served, is_whole=is_whole)
    assert is_done(course.ask(0, a_seen=LONG_AGO, c_given=["word"], c_points=["x"]))
    again = course.ask(5, a_seen=LONG_AGO, c_given=["word"], c_points=["y", "x"])
    assert not is_done(again)
    assert action(again)["due_at"] == text(NOON + 7 * HOUR)
    assert again["clock"]["overdue"] == ["SEEN", "PLAIN"]
    assert again["changes"]["reopened"] == [
        {
            "code": "WORD",
            "text": "Say a word",
            "done_at": text(NOON),
            "because": [{"by": "changed", "name": "c.points", "text": "a new point"}],
        }
    ]
    same = course.ask(6, a_seen=LONG_AGO, c_given=["word"], c_points=["y"])
    assert (is_done(same), same["changes"]["reopened"]) == (False, [])
    assert action(same)["due_at"] == text(NOON + 7 * HOUR)
    late = course.ask(8, a_seen=LONG_AGO, c_given=["word"])
    assert "WORD" in late["clock"]["overdue"]


@pytest.mark.parametrize(
    ("more", "closed"),
    [
        ({}, False),
        ({"responses": ["WORD"]}, True),
        ({"done": [("WORD", 5.5)]}, True),
        ({"done": [("WORD", 4.5)]}, False),
        ({"c_given": dated(["word"], 5.5)}, True),
        ({"c_given": dated(["word"], 4.5)}, False),
    ],
)
def test_what_was_asked_for_again_is_done_by_what_is_dated_after_the_change(
    served: ServedPack, more: dict[str, Any], *, closed: bool
) -> None:
    course = Course(served)
    course.ask(0, c_given=["word"], c_points=[])
    assert not is_done(course.ask(5, c_given=["word"], c_points=["x"]))
    after = course.ask(6, **{"c_given": ["word"], "c_points": ["x"], **more})
    assert is_done(after) is closed
    assert [one["code"] for one in after["changes"]["done"]] == ["WORD"] * closed
    assert is_done(course.ask(7, c_given=["word"], c_points=["x"])) is closed


def test_a_higher_grade_asks_again_and_a_lower_one_or_the_same_does_not(
    served: ServedPack,
) -> None:
    course = Course(served)
    assert is_done(course.ask(0, c_given=["word"], a_count=5))
    assert is_done(course.ask(1, c_given=["word"], a_count=1))
    assert is_done(course.ask(2, c_given=["word"], a_count=5))
    assert not is_done(course.ask(3, c_given=["word"], a_count=9))
    assert is_done(course.ask(4, responses=["WORD"], a_count=9))


def test_words_given_before_a_new_point_of_the_same_request_are_asked_for_again(
    served: ServedPack,
) -> None:
    course = Course(served)
    course.ask(0, c_points=[])
    day_two = course.ask(24, responses=["WORD"], c_points=["x", "y"])
    assert (is_done(day_two), action(day_two)["due_at"]) == (False, text(NOON + 26 * HOUR))


def test_a_point_measured_before_the_words_asks_for_nothing(served: ServedPack) -> None:
    course = Course(served)
    course.ask(0, c_points=[])
    assert is_done(course.ask(3, done=[("WORD", 2)], c_points=dated(["x"], 1)))
    assert not is_done(course.ask(6, done=[("WORD", 4)], c_points=dated(["x", "y"], 5)))


def test_a_condition_asks_again_when_it_becomes_true(served: ServedPack) -> None:
    course = Course(served)
    assert is_done(course.ask(0, c_given=["word"], b_count=9))
    assert is_done(course.ask(1, b_count=9))
    assert is_done(course.ask(2, b_count=None))
    assert is_done(course.ask(3, b_count=9))
    assert is_done(course.ask(4, b_count=1))
    again = course.ask(5, b_count=9)
    assert again["changes"]["reopened"][0]["because"] == [
        {"by": "when", "name": None, "text": "b.count > 5"}
    ]


def test_time_asks_again_counted_from_when_it_was_done(served: ServedPack) -> None:
    course = Course(served)
    course.ask(0, done=[("WORD", -1)])
    assert is_done(course.ask(46.9))
    again = course.ask(60)
    assert (is_done(again), action(again)["again_at"]) == (False, text(NOON + 47 * HOUR))
    assert is_done(course.ask(61, done=[("WORD", 60.5)]))


def test_what_is_done_stays_done_while_no_rule_asks_for_it(served: ServedPack) -> None:
    course = Course(served)
    course.ask(0, c_given=["word"], c_points=["x"], done=[("PLAIN", -1)])
    away = course.ask(1, a_flag=False)
    assert [one["code"] for one in away["done_earlier"]] == ["WORD", "PLAIN"]
    back = course.ask(2, c_points=["x"], a_seen=LONG_AGO)
    assert is_done(back)
    assert is_done(back, "PLAIN")
    assert back["done_earlier"] == []
    course.ask(3, a_flag=False)
    assert not is_done(course.ask(4, c_points=["z"]))


def test_a_deadline_from_the_first_request_is_not_born_overdue_and_does_not_move(
    served: ServedPack,
) -> None:
    course = Course(served)
    course.ask(0, a_flag=False, a_seen=LONG_AGO)
    assert action(course.ask(20, a_seen=LONG_AGO), "ASKED")["due_at"] == text(NOON + 29 * HOUR)
    worse = course.ask(24, a_seen=LONG_AGO, a_count=9)
    assert action(worse, "ASKED")["due_at"] == text(NOON + 21 * HOUR)
    assert action(worse, "ASKED")["asked_at"] == text(NOON + 20 * HOUR)


def test_a_fact_that_stands_before_the_first_request_counts_first(served: ServedPack) -> None:
    course = Course(served)
    assert action(course.ask(0), "SEEN")["due_at"] == text(NOON + HOUR)
    assert action(course.ask(1, a_seen=LONG_AGO), "SEEN")["due_at"] == text(NOON - 8 * HOUR)


def test_a_recurring_action_is_due_one_interval_after_it_was_done(served: ServedPack) -> None:
    course = Course(served)
    course.ask(0)
    done = course.ask(5, done=[("ROUND", 4)])
    assert action(done, "ROUND")["due_at"] == text(NOON + 10 * HOUR)
    same = course.ask(11, done=[("ROUND", 4)])
    assert "ROUND" in same["clock"]["overdue"]
    shown = course.ask(12, c_given=dated(["more"], 11.5))
    assert action(shown, "ROUND")["due_at"] == text(NOON + 17.5 * HOUR)
    assert action(course.ask(13, c_given=["more"]), "ROUND")["due_at"] == text(NOON + 17.5 * HOUR)


def test_the_review_is_never_told_as_done(served: ServedPack) -> None:
    found = Course(served).ask(0, done=[("LOOK", -1)])
    assert (is_done(found, "LOOK"), action(found, "LOOK")["due_at"]) == (False, text(NOON + HOUR))


@pytest.mark.parametrize(
    ("done", "wrong"),
    [
        ("WORD", [("done", "wrong-type")]),
        (["WORD"], [("done[0]", "wrong-type")]),
        ([{}], [("done[0].code", "missing"), ("done[0].at", "missing")]),
        ([{"code": "WORDS", "at": LONG_AGO}], [("done[0].code", "not-allowed")]),
        ([{"code": "NEVER", "at": LONG_AGO}], [("done[0].code", "not-allowed")]),
        ([{"code": 3, "at": LONG_AGO}], [("done[0].code", "wrong-type")]),
        ([{"code": "WORD", "at": "noon"}], [("done[0].at", "bad-format")]),
        ([{"code": "WORD", "at": None}], [("done[0].at", "bad-format")]),
        ([{"code": "WORD", "at": text(NOON + HOUR / 50)}], [("done[0].at", "out-of-range")]),
        ([{"code": "WORD", "at": LONG_AGO, "by": "me"}], [("done[0].by", "unknown-key")]),
    ],
)
def test_a_wrong_entry_of_done_is_refused(served: ServedPack, done: Any, wrong: Any) -> None:
    body = {"facts": {}, "as_of": text(NOON), "done": done}
    with pytest.raises(RefusedIncident) as refused:
        assessed(served, body)
    assert [(error.path, error.code) for error in refused.value.errors] == wrong
    incident, errors = load_incident(body)
    with pytest.raises(RefusedIncident):
        served.assess(incident, errors, Posted(body, NOON, lenient=True))


def test_a_clock_that_is_a_little_ahead_is_taken_for_ours(served: ServedPack) -> None:
    entry = {"code": "WORD", "at": text(NOON + HOUR / 90)}
    body = {"facts": {"a": {"flag": True}}, "done": [entry]}
    assert action(assessed(served, body))["done_at"] == text(NOON)


def test_a_previous_answer_that_was_done_in_its_future_is_refused(served: ServedPack) -> None:
    told = {"code": "WORD", "done_at": text(NOON)}
    body = {"facts": {}, "previous": {"as_of": text(NOON - HOUR), "actions": [told]}}
    with pytest.raises(RefusedIncident) as refused:
        assessed(served, body)
    assert [error.path for error in refused.value.errors] == ["previous.actions[0].done_at"]


def test_what_an_older_version_said_of_an_action_that_is_gone_is_passed_over(
    served: ServedPack,
) -> None:
    gone = {"code": "GONE", "done_at": LONG_AGO, "seen": {"x.y": [1]}}
    previous = {"as_of": text(NOON - HOUR), "done_earlier": [gone], "actions": [gone]}
    found = assessed(served, {"facts": {}, "previous": previous})
    assert [one["reason"] for one in found["previous_ignored"]] == ["unknown-action"] * 2
    assert found["done_earlier"] == []


@pytest.mark.parametrize("seen", [{"c.points": "x", "level": 7}, {"level": ["high"]}, {"no": None}])
def test_what_was_seen_in_a_form_that_cannot_be_compared_counts_as_not_seen(
    served: ServedPack, seen: Any
) -> None:
    told = {"code": "WORD", "done_at": LONG_AGO, "seen": seen}
    previous = {"as_of": text(NOON - HOUR), "actions": [told]}
    facts = {"a": {"flag": True, "count": 9}, "c": {"points": ["x"]}}
    assert is_done(assessed(served, {"facts": facts, "previous": previous}))


# --- Random courses ---


def random_request(draw: random.Random, hours: float, before: float | None) -> Request:
    def moment() -> float:
        low = (before if before is not None else hours - 5) - draw.choice((0, 0, 3))
        return round(draw.uniform(low, hours), 3)

    facts: dict[str, Any] = {"a_flag": draw.random() < 0.85}
    if draw.random() < 0.8:
        facts["a_count"] = draw.choice((1, 5, 9, None))
    if draw.random() < 0.6:
        facts["c_points"] = draw.sample("vwxyz", draw.choice((0, 0, 1, 1, 2)))
    if draw.random() < 0.4:
        facts["b_count"] = draw.choice((1, 9, None))
    if draw.random() < 0.5:
        facts["c_given"] = draw.choice((["word"], ["word"], [], ["more"], None))
    dates: dict[str, float] = {
        name: moment() for name in ("c_points", "c_given") if name in facts and draw.random() < 0.4
    }
    done = [moment()] if draw.random() < 0.25 else []
    responded = before is not None and draw.random() < 0.2
    return Request(hours, facts, dates, done, responded)


def test_random_courses_are_as_a_second_definition_has_them(served: ServedPack) -> None:
    """Nothing done is overdue, nothing comes back twice for one change, and done never comes back by itself."""
    reopened = closed = 0
    for seed in range(250):
        draw = random.Random(seed)
        course, ledger = Course(served, is_whole=seed % 2 == 0), Ledger()
        hours, before, was_done = 0.0, None, False
        for _ in range(10):
            hours = round(hours + draw.choice((0.5, 2, 7, 30)), 3)
            request = random_request(draw, hours, before)
            answer = course.ask(
                hours,
                responses=["WORD"] * request.responded,
                done=[("WORD", at) for at in request.done],
                a_seen=LONG_AGO,
                **{
                    name: dated(value, request.dates[name]) if name in request.dates else value
                    for name, value in request.facts.items()
                },
            )
            expected = ledger.take(request)
            asked = [one for one in answer["actions"] if one["code"] == "WORD"]
            assert [one["done"] for one in asked] == ([] if expected is None else [expected]), seed
            if before is not None:
                told = [one["code"] for one in answer["changes"]["reopened"]]
                assert (told == ["WORD"]) == ledger.reopened_now, seed
            overdue = answer["clock"]["overdue"]
            for one in answer["actions"]:
                assert not (one["done"] and one["code"] in overdue), seed
            reopened += ledger.reopened_now
            closed += bool(expected) and not was_done
            was_done, before = bool(expected), hours
    assert reopened > 100
    assert closed > 100


def test_a_course_sent_back_whole_and_in_short_gives_the_same(served: ServedPack) -> None:
    for seed in range(20):
        found = []
        for is_whole in (False, True):
            draw, course, hours, before = random.Random(seed), Course(served), 0.0, None
            course.is_whole = is_whole
            for _ in range(5):
                hours = round(hours + draw.choice((0.5, 2, 7, 30)), 3)
                request = random_request(draw, hours, before)
                last = course.ask(hours, responses=["WORD"] * request.responded, **request.facts)
                before = hours
            found.append(last)
        assert found[0] == found[1]
        assert parse_datetime(found[0]["as_of"])
