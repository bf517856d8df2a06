"""The plan as data: deadlines that a later assessment never postpones, the next hour, approvals, recurring actions, the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from schemas.previous import Previous
from schemas.scalars import parse_datetime
from service.engine.assess import Assessor
from tests.packs import PLAIN_ACTIONS, PLAIN_PACK, plain_pack

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
PACK = (
    PLAIN_PACK
    + "review: {by: level, high: 1h, middle: 2h, low: 1d, action: LOOK}\nclock: [a.seen]\n"
)
ACTIONS = (
    PLAIN_ACTIONS
    + """
  WATCH: {text: {en: Watch}, kind: look, owner: guard, every: 2h, until: {en: it is over}}
  LOOK: {text: {en: Look again}, due: {from: a.seen, within: 1h}, every: 2h}
  ROUND: {text: {en: Round}, due: {from: a.seen, within: 1h}, every: 4h}
  ASKING: {text: {en: Asking}, owner: guard, approval: [boss], approve_before: 20m, due: {from: a.seen, within: 1h}}
roles: {guard: {text: {en: The guard}, deputy: boss}, boss: {text: {en: The boss}}}
kinds: {look: {text: {en: Looking}}}
"""
)
RULES = """
rules:
  - {id: ask.all, when: "a.count > 0", then: {actions: [FIRST, SECOND, THIRD, WATCH, ASKING]}, because: {en: asked}}
  - {id: ask.round, when: "b.flag", then: {actions: [ROUND]}, because: {en: round}}
  - {id: ask.look, when: "a.flag", then: {actions: [LOOK]}, because: {en: look}}
  - {id: ask.sooner, when: "a.count > 5", then: {actions: {action: FIRST, due: 10m}}, because: {en: sooner}}
  - {id: ask.later, when: "a.count > 6", then: {actions: {action: FIRST, due: 9h}}, because: {en: later}}
  - {id: level.high, when: "b.count > 0", then: {level: high}, because: {en: high}}
"""


@pytest.fixture(scope="module")
def assessor(tmp_path_factory: pytest.TempPathFactory) -> Assessor:
    folder: Path = tmp_path_factory.mktemp("plan")
    return Assessor(plain_pack(folder, RULES, pack=PACK, actions=ACTIONS))


def answer(
    assessor: Assessor, previous: Previous | None = None, as_of: datetime = NOW, **facts: Any
) -> dict[str, Any]:
    named = {name.replace("_", ".", 1): value for name, value in facts.items()}
    named.setdefault("b.count", 0)
    return assessor.assess(named, as_of, "en", previous=previous)


def action(got: dict[str, Any], code: str) -> dict[str, Any]:
    found: dict[str, Any] = next(entry for entry in got["actions"] if entry["code"] == code)
    return found


def test_the_earliest_deadline_of_all_rules_that_ask_for_an_action_counts(
    assessor: Assessor,
) -> None:
    assert action(answer(assessor, a_count=1), "FIRST")["due_at"] == "2026-01-01T13:00:00Z"
    sooner = action(answer(assessor, a_count=9), "FIRST")
    assert sooner["due_at"] == "2026-01-01T12:10:00Z"
    assert sooner["because"] == ["ask.all", "ask.sooner", "ask.later"]


def test_a_deadline_counts_from_the_first_moment_that_is_known(assessor: Assessor) -> None:
    seen = NOW - timedelta(hours=2)
    assert action(answer(assessor, a_count=1, a_seen=seen), "ASKING")["due_at"] == (
        "2026-01-01T11:00:00Z"
    )


def test_a_later_assessment_never_postpones_a_deadline_but_can_advance_it(
    assessor: Assessor,
) -> None:
    promised = Previous(NOW - timedelta(hours=1), actions={"FIRST": NOW + timedelta(minutes=5)})
    assert action(answer(assessor, promised, a_count=1), "FIRST")["due_at"] == (
        "2026-01-01T12:05:00Z"
    )
    generous = Previous(NOW - timedelta(hours=1), actions={"FIRST": NOW + timedelta(days=5)})
    assert action(answer(assessor, generous, a_count=1), "FIRST")["due_at"] == (
        "2026-01-01T13:00:00Z"
    )


def test_a_previous_action_without_its_deadline_counts_from_the_previous_answer(
    assessor: Assessor,
) -> None:
    """A caller that sends bare codes gains no time. A deadline of null means that there was none."""
    before = NOW - timedelta(minutes=40)
    codes = ["FIRST", "WATCH", "ASKING"]
    bare = Previous(before, actions=dict.fromkeys(codes), undated=frozenset(codes))
    got = answer(assessor, bare, a_count=1)
    assert [action(got, code)["due_at"] for code in codes] == [
        "2026-01-01T12:20:00Z",
        "2026-01-01T13:20:00Z",
        "2026-01-01T12:20:00Z",
    ]
    known = answer(assessor, bare, a_count=1, a_seen=NOW - timedelta(hours=2))
    assert action(known, "ASKING")["due_at"] == "2026-01-01T11:00:00Z"
    none = Previous(before, actions=dict.fromkeys(codes))
    assert action(answer(assessor, none, a_count=1), "FIRST")["due_at"] == "2026-01-01T13:00:00Z"


def test_a_recurring_action_keeps_its_due_time_until_it_is_done_and_is_then_due_one_interval_later(
    assessor: Assessor,
) -> None:
    before = NOW - timedelta(minutes=30)
    waiting = Previous(before, actions={"WATCH": before})
    assert action(answer(assessor, waiting, a_count=1), "WATCH")["due_at"] == "2026-01-01T11:30:00Z"
    done = Previous(before, actions={"WATCH": before}, responses=("WATCH",))
    again = action(answer(assessor, done, a_count=1), "WATCH")
    assert (again["due_at"], again["every"], again["done"]) == ("2026-01-01T14:00:00Z", "2h", False)


def test_a_recurring_action_is_not_postponed_by_a_caller_who_sends_all_responses_each_time(
    assessor: Assessor,
) -> None:
    """With an assessment every 30 minutes, its interval stays 2 h and no due time moves."""
    due, seen = NOW + timedelta(hours=2), []
    for halves in range(1, 9):
        now = NOW + timedelta(minutes=30 * halves)
        last = Previous(now - timedelta(minutes=30), actions={"WATCH": due}, responses=("WATCH",))
        due = parse_datetime(
            action(answer(assessor, last, now, a_count=1), "WATCH")["due_at"]
        ).astimezone(UTC)
        seen.append((due - NOW) / timedelta(hours=1))
    assert seen == [2, 2, 2, 4, 4, 4, 4, 6]


def test_a_recurring_action_that_was_done_counts_from_then_and_no_longer_from_its_first_moment(
    assessor: Assessor,
) -> None:
    seen = NOW - timedelta(hours=2)
    late = NOW - timedelta(hours=1)
    assert action(answer(assessor, b_flag=True, a_seen=seen), "ROUND")["due_at"] == (
        "2026-01-01T11:00:00Z"
    )
    done = Previous(late, actions={"ROUND": late}, responses=("ROUND",))
    assert action(answer(assessor, done, b_flag=True, a_seen=seen), "ROUND")["due_at"] == (
        "2026-01-01T16:00:00Z"
    )


def test_an_action_that_is_done_is_neither_due_nor_overdue(assessor: Assessor) -> None:
    before = NOW - timedelta(hours=3)
    late = Previous(before, actions={"FIRST": before + timedelta(hours=1), "THIRD": None})
    got = answer(assessor, late, a_count=1)
    assert got["clock"]["overdue"] == ["FIRST"]
    done = Previous(before, actions=late.actions, responses=("FIRST",))
    got = answer(assessor, done, a_count=1)
    assert action(got, "FIRST")["done"] is True
    assert got["clock"]["overdue"] == []
    assert "FIRST" not in [entry["code"] for entry in got["next_hour"]]


def test_the_next_hour_lists_the_actions_due_within_it_in_order(assessor: Assessor) -> None:
    got = answer(assessor, a_count=1, a_seen=NOW - timedelta(hours=2))
    assert [(due["code"], due["overdue"]) for due in got["next_hour"]] == [
        ("ASKING", True),
        ("FIRST", False),
        ("SECOND", False),
    ]
    assert [entry["sequence"] for entry in got["actions"]] == [1, 2, 3, 4, 5]


def test_approvals_are_wanted_before_the_deadline_but_not_in_the_past(assessor: Assessor) -> None:
    assert action(answer(assessor, a_count=1), "ASKING")["approve_by"] == "2026-01-01T12:40:00Z"
    tight = answer(assessor, a_count=1, a_seen=NOW - timedelta(minutes=50))
    assert action(tight, "ASKING")["approve_by"] == "2026-01-01T12:00:00Z"
    assert action(answer(assessor, a_count=1), "FIRST")["approve_by"] is None


def test_an_action_says_its_kind_owner_and_deputy(assessor: Assessor) -> None:
    watch = action(answer(assessor, a_count=1), "WATCH")
    said = {key: watch[key] for key in ("kind", "owner", "owner_text", "deputy", "deputy_text")}
    assert said == {
        "kind": "look",
        "owner": "guard",
        "owner_text": "The guard",
        "deputy": "boss",
        "deputy_text": "The boss",
    }
    assert watch["until"] == "it is over"


def test_the_next_review_is_that_of_the_worst_value_the_output_can_be(assessor: Assessor) -> None:
    assert answer(assessor)["next_review"] == "2026-01-02T12:00:00Z"
    assert answer(assessor, b_count=1)["next_review"] == "2026-01-01T13:00:00Z"
    assert answer(assessor, b_count=None)["next_review"] == "2026-01-01T13:00:00Z"


def test_the_review_action_is_due_at_the_next_review_whatever_its_previous_due_time(
    assessor: Assessor,
) -> None:
    """This answer is the review that was due, on time or late."""
    before = NOW - timedelta(hours=3)
    late = Previous(before, actions={"LOOK": NOW - timedelta(hours=1)})
    bare = Previous(before, actions={"LOOK": None}, undated=frozenset({"LOOK"}))
    told = Previous(before, actions=late.actions, responses=("LOOK",))
    for previous in (None, late, bare, told):
        got = answer(assessor, previous, a_flag=True, a_seen=NOW - timedelta(hours=9), b_count=1)
        look = action(got, "LOOK")
        assert look["due_at"] == got["next_review"] == "2026-01-01T13:00:00Z"
        assert (look["done"], got["clock"]["overdue"]) == (False, [])


def test_the_clock_lists_the_moments_that_are_known(assessor: Assessor) -> None:
    assert answer(assessor)["clock"]["since"] == {}
    got = answer(assessor, a_seen=NOW - timedelta(minutes=90))
    assert got["clock"]["since"] == {
        "a.seen": {"text": "Seen", "at": "2026-01-01T10:30:00Z", "hours": 1.5}
    }
