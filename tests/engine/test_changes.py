"""The changes since the previous answer are complete, and nothing is told as changed that the previous answer did not carry."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from schemas.previous import Previous
from schemas.previous_reader import PreviousReader
from service.engine.assess import Assessor
from service.engine.errors import RuleConflict
from service.engine.judging.previous import previous_reader
from service.language.model import Pack
from tests.changes_oracle import expected, told
from tests.packs import default_pack
from tests.previous_forms import shortest
from tests.rules.incidents import AS_OF, CALM, Incidents
from tests.semantics.completions import NOW, random_incident
from tests.semantics.random_packs import RandomPack, random_pack

NOTHING: dict[str, Any] = {
    "outputs": [],
    **{part: {"added": [], "dropped": []} for part in ("actions", "blocked", "held")},
    "done": [],
    "reopened": [],
    "figures": [],
    "deadlines": [],
    "next_review": None,
}
HOUR = timedelta(hours=1)
Answer = dict[str, Any]


class Caller:
    """Assesses by one pack, and sends each answer back in its shortest form."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.assessor = Assessor(pack, "reference")
        self.reader: PreviousReader = previous_reader(pack)

    def ask(
        self, facts: Any, as_of: datetime, previous: Any = None, done: list[str] | None = None
    ) -> Answer:
        sent = None if previous is None else {**previous, "responses": done or []}
        read, errors = self.reader.load(sent)
        assert errors == []
        return self.assessor.assess(facts, as_of, "en", previous=read)


@pytest.fixture(scope="module")
def caller() -> Caller:
    return Caller(default_pack())


def test_new_prohibitions_are_told_each_with_its_reasons(caller: Caller) -> None:
    before = caller.ask({}, AS_OF)
    facts = {
        "harm.deaths": 1,
        "content.status": "true_fact",
        "finding.claim": "confirmed",
        "finding.basis": "court",
        "source.kind": "media",
        "adversary.pay_to_delete_demand": True,
    }
    after = caller.ask(facts, AS_OF + HOUR, shortest(before))
    new = {entry["code"]: entry for entry in after["blocked"]}
    new = {code: new[code] for code in new if code not in shortest(before)["blocked"]}
    assert len(new) >= 5
    keys = ("code", "text", "ground", "because")
    assert after["changes"]["blocked"]["added"] == [
        {key: entry[key] for key in keys} for entry in new.values()
    ]
    again = caller.ask({}, AS_OF + HOUR, shortest(after))
    dropped = again["changes"]["blocked"]["dropped"]
    assert [one["code"] for one in dropped] == list(new)
    assert {one["now"] for one in dropped} <= {"not asked", "allowed", "held"}


def test_an_action_that_is_no_longer_held_says_what_it_is_now_and_why(caller: Caller) -> None:
    held = caller.ask({"harm.injuries": 3}, AS_OF)
    code = held["held"][0]["code"]
    facts = {
        "harm.injuries": 3,
        "finding.claim": "confirmed",
        "finding.basis": "court",
        "finding.accounts_conflict": False,
    }
    freed = caller.ask(facts, AS_OF, shortest(held))
    (one,) = [one for one in freed["changes"]["held"]["dropped"] if one["code"] == code]
    asked = {action["code"]: action["because"] for action in freed["actions"]}
    assert (one["now"], one["because"]) == ("allowed", asked[code])
    again = caller.ask({"harm.injuries": 3}, AS_OF, shortest(freed))
    added = {one["code"]: one["because"] for one in again["changes"]["held"]["added"]}
    assert added[code] == held["held"][0]["because"]


def test_deadlines_and_the_review_move_with_the_grade_but_not_with_the_time(
    caller: Caller,
) -> None:
    blue = {**CALM, "finding.claim": "open", "content.claim": "something"}
    before = caller.ask(blue, AS_OF)
    later = caller.ask(blue, AS_OF + HOUR, shortest(before))
    assert later["changes"] == NOTHING
    worse = caller.ask({**blue, "harm.deaths": 3}, AS_OF + HOUR, shortest(before))
    assert worse["grade"]["code"] == "red"
    old = {action["code"]: action for action in before["actions"]}
    new = {action["code"]: action for action in worse["actions"]}
    moved = worse["changes"]["deadlines"]
    assert moved
    for one in moved:
        code = one["code"]
        for key in ("due_at", "approve_by"):
            ends = {"from": old[code][key], "to": new[code][key]}
            assert one[key] == (ends if ends["from"] != ends["to"] else None)
        assert one["because"] == new[code]["because"]
    assert worse["changes"]["next_review"] == {
        "from": before["next_review"],
        "to": worse["next_review"],
    }


@pytest.mark.parametrize("known", [{}, {"time.known_at": AS_OF - 3.6 * HOUR}])
def test_a_clock_that_is_a_little_behind_moves_nothing(
    caller: Caller, known: dict[str, Any]
) -> None:
    """After 3.6 hours some approvals are late, and so wanted at once."""
    facts = {**CALM, "harm.injuries": 3, **known}
    last = shortest(caller.ask(facts, AS_OF, shortest(caller.ask(facts, AS_OF))))
    assert caller.ask(facts, AS_OF - timedelta(seconds=50), last)["changes"] == NOTHING


def test_the_next_date_of_a_recurring_action_is_no_change(caller: Caller) -> None:
    facts = {"harm.deaths": 3}
    before = caller.ask(facts, AS_OF)
    recurring = [one["code"] for one in before["actions"] if one["every"]]
    assert recurring
    after = caller.ask(facts, AS_OF + 30 * HOUR, shortest(before), recurring)
    dates = [{one["code"]: one["due_at"] for one in got["actions"]} for got in (before, after)]
    assert all(dates[0][code] != dates[1][code] for code in recurring)
    assert [one["code"] for one in after["changes"]["deadlines"] if one["code"] in recurring] == []


def test_what_the_previous_answer_did_not_carry_is_not_told_as_changed(caller: Caller) -> None:
    before = shortest(caller.ask({}, AS_OF))
    parts = ("outputs", "actions", "blocked", "held", "next_review")
    facts = {"harm.deaths": 3, "finding.claim": "confirmed"}
    assert caller.ask(facts, AS_OF, {"as_of": before["as_of"]})["changes"] == NOTHING
    for part in parts:
        carried = {"as_of": before["as_of"], part: before[part]}
        changes = caller.ask(facts, AS_OF, carried)["changes"]
        touched = {key for key in NOTHING if changes[key] != NOTHING[key]}
        assert touched <= ({"actions", "deadlines"} if part == "actions" else {part})
    bare = [action["code"] for action in before["actions"]]
    undated = caller.ask(facts, AS_OF, {"as_of": before["as_of"], "actions": bare})["changes"]
    assert undated["deadlines"] == []


def test_a_collected_output_is_told_with_the_rules_of_its_new_values(caller: Caller) -> None:
    before = caller.ask({}, AS_OF)
    after = caller.ask({"harm.deaths": 3}, AS_OF, shortest(before))
    collected = [
        one
        for one in after["changes"]["outputs"]
        if isinstance(after["outputs"][one["name"]]["value"], list)
    ]
    assert collected
    given = {(rule.id, one.output, one.value) for rule in default_pack().rules for one in rule.then}
    for one in collected:
        new = Counter(one["to"]) - Counter(one["from"])
        for rule in one["because"]:
            assert any((rule, one["name"], value) in given for value in new)
        assert bool(new) == bool(one["because"])


def test_changes_are_what_differs_between_two_answers_of_the_default_pack(caller: Caller) -> None:
    """The same facts at the same moment change nothing, unless a rule reads the previous answer and decides otherwise."""
    incidents, chance = Incidents(default_pack(), 7), random.Random(7)
    declared = default_pack().review
    review = declared.action if declared else None
    for _ in range(60):
        facts = incidents.draw().facts
        before = caller.ask(facts, AS_OF)
        same = caller.ask(facts, AS_OF, shortest(before))
        assert told(same["changes"]) == expected(before, same, (), review)
        fed_back = caller.ask(facts, AS_OF, shortest(same))
        assert fed_back["changes"] == NOTHING
        done = [one["code"] for one in before["actions"] if chance.random() < 0.2]
        hours = chance.choice((0.5, 3, 30, 100)) * HOUR
        other = caller.ask(incidents.draw().facts, AS_OF + hours, shortest(before), done)
        assert told(other["changes"]) == expected(before, other, done, review)


ACTIONS = {
    "FIRST": {"due": {"by": "grade", "red": "1h", "amber": "2h", "green": "8h"}, "approval": ["boss"], "approve_before": "30m"},
    "SECOND": {"every": "2h"},
    "THIRD": {"due": {"by": "grade", "red": "3h", "amber": "4h", "green": "5h"}, "approval": ["boss"], "approve_before": "2h", "again_when": [{"worse": "grade"}]},
}  # fmt: skip
DONE = ["SECOND", "THIRD"]
NUMERIC = ("integer", "number")
REVIEW = {"by": "grade", "red": "1h", "amber": "2h", "green": "1d"}


def with_deadlines(source: RandomPack) -> RandomPack:
    """The same pack with deadlines, approvals, a recurring action, a review and a trend."""
    files = {name: yaml.safe_load(text) for name, text in source.files.items()}
    for code, more in ACTIONS.items():
        files["actions.yaml"]["actions"][code] |= more
    files["actions.yaml"]["roles"] = {"boss": {"text": {"en": "The boss"}}}
    files["pack.yaml"]["review"] = REVIEW
    numbers = [name for name, one in files["facts.yaml"]["facts"].items() if one["type"] in NUMERIC]
    files["pack.yaml"]["trend"] = numbers
    texts = {name: yaml.safe_dump(data, allow_unicode=True, sort_keys=False) for name, data in files.items()}  # fmt: skip
    return replace(source, files=texts)


def is_open_again(after: Answer, code: str) -> bool:
    return any(one["code"] == code for one in after["changes"]["reopened"])


def is_worse(before: Answer, after: Answer, code: str) -> bool:
    grades = [answer["outputs"]["grade"]["value"] for answer in (before, after)]
    order = ["red", "amber", "green"]
    asked = any(one["code"] == code for one in after["actions"])
    return asked and order.index(grades[1]) < order.index(grades[0])


def random_pairs(folder: Path) -> Iterator[tuple[Caller, Any, Any]]:
    """Callers of random packs, each with two incidents: in every second pair all facts are known."""
    for seed in range(40):
        source = with_deadlines(random_pack(seed, with_holds=True))
        pack, chance = source.loaded(folder / str(seed)), random.Random(seed)
        caller = None if pack is None else Caller(pack)
        for number in range(12 if caller else 0):
            assert caller is not None
            pair = [random_incident(source, chance) for _ in range(2)]
            if number % 2:
                known = source.domains.items()
                pair = [{name: chance.choice(values) for name, values in known} for _ in pair]
            yield caller, pair[0], pair[1]


def test_changes_are_what_differs_between_two_answers_of_random_packs(tmp_path: Path) -> None:
    seen: dict[str, int] = dict.fromkeys(NOTHING, 0)
    for caller, facts, others in random_pairs(tmp_path):
        try:
            before = caller.ask(facts, NOW)
            assert caller.reader.load({"assessment_id": "a", **before})[1] == []
            assert caller.ask(facts, NOW, shortest(before))["changes"] == NOTHING
            after = caller.ask(others, NOW + HOUR / 12, shortest(before), DONE)
        except RuleConflict:
            continue
        changes = after["changes"]
        assert told(changes) == expected(before, after, DONE, None)
        assert is_open_again(after, "THIRD") == is_worse(before, after, "THIRD")
        for part in NOTHING:
            seen[part] += changes[part] != NOTHING[part]
    assert min(seen.values()) >= 1, seen


def test_a_null_deadline_was_carried_and_can_move(caller: Caller) -> None:
    code = next(one["code"] for one in caller.ask({}, AS_OF)["actions"] if one["due_at"])
    none = {"as_of": AS_OF.isoformat(), "actions": [{"code": code, "due_at": None}]}
    (moved,) = caller.ask({}, AS_OF, none)["changes"]["deadlines"]
    assert (moved["code"], moved["due_at"]["from"]) == (code, None)
    read = caller.reader.load(none)[0]
    assert isinstance(read, Previous)
