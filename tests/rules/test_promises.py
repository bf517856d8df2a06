"""The promises of the default pack, on some hundred random incidents; `make properties` uses many more."""

from __future__ import annotations

import random
from typing import Any

import pytest

from schemas.facts import FactsSchema
from tests.packs import default_pack
from tests.rules.campaign import IN_95_OF_100, MEDIAN, shares
from tests.rules.incidents import AS_OF, Incident, Incidents, thresholds
from tests.rules.less_known import closed_by_less
from tests.rules.plausible import names, plausible
from tests.rules.promised_answers import (
    BEFORE_VERIFYING,
    NEEDS,
    SEEN,
    asked_for,
    beyond_what_is_free,
    contradictions,
    late_though_done,
    off_the_page,
    opposites,
)
from tests.rules.promises import Promises
from tests.rules.worse_facts import NEGATIVE, more_negative
from tests.rules.wrong_facts import posted, wrong_facts

SLACK = 2
"""How many more actions due within the hour pass here, as the incidents are few."""
FEW = {"source.kind": "consumer", "harm.alleged_injuries": 2, "social.hot_listed": True}


def test_no_promise_is_broken_by_some_hundred_random_incidents_of_every_kind() -> None:
    promises = Promises.of(default_pack(), seed=1)
    assert list(promises.broken(400)) == []
    assert len(promises.actions) == 400
    assert [kind for kind in SEEN if not promises.seen[kind]] == []
    half, most = shares(promises.first_hours)
    assert half <= MEDIAN + SLACK
    assert most <= IN_95_OF_100 + SLACK


def test_incidents_are_drawn_around_the_thresholds() -> None:
    values = Promises.of(default_pack(), seed=1).incidents.values
    assert {9, 10, 11} <= set(values["harm.alleged_injuries"])
    assert len(thresholds(default_pack())) > 20


def test_each_wrong_value_of_each_fact_is_found_and_counts_as_null() -> None:
    schema = FactsSchema(default_pack().vocabulary)
    found = [
        (name, schema.load(posted({name: wrong}))) for name, wrong in wrong_facts(default_pack())
    ]
    assert len(found) > 7 * len(default_pack().vocabulary.facts)
    assert [name for name, read in found if not read.mistakes or read.values != {name: None}] == []


ENTRY = {"code": "RECALL", "kind": "safety", "statutory": False}
EITHER = {"sure": [], "possible": ["RECALL"]}


@pytest.mark.parametrize(
    ("less", "sentence"),
    [
        ({"can_be": ["blue"]}, "grade can be ['blue'], no longer ['orange']"),
        ({"at_worst": "blue"}, "grade is better at worst"),
        ({"blocked": [ENTRY]}, "RECALL is blocked, which was required"),
        (
            {"actions": [], "asked": {"sure": [], "possible": []}},
            "required actions are dropped: ['RECALL']",
        ),
        ({"actions": []}, "no unknown fact is listed that could bring back ['RECALL']"),
    ],
)
def test_an_answer_that_gets_milder_because_less_is_known_is_caught(
    less: dict[str, Any], sentence: str
) -> None:
    pack_ = default_pack()

    def made(
        can_be: Any = ("orange",),
        at_worst: str = "orange",
        actions: Any = (ENTRY,),
        blocked: Any = (),
        asked: Any = EITHER,
    ) -> dict[str, Any]:
        nothing: Any = {"can_be": {"sure": [], "possible": []}}
        outputs = dict.fromkeys(pack_.outputs, nothing)
        outputs |= {"grade": {"can_be": list(can_be)}, "actions": {"can_be": asked}}
        worst = {name: {"code": pack_.outputs[name].type.values[0]} for name in pack_.lifted}
        return {
            "outputs": outputs,
            "at_worst": {**worst, "grade": {"code": at_worst}},
            "actions": list(actions),
            "blocked": list(blocked),
            "held": [],
            "unknowns": [],
        }

    assert sentence in list(closed_by_less(pack_, made(asked=EITHER), made(**less)))


RED: dict[str, Any] = {"grade": {"code": "red"}}


def test_a_day_without_an_incident_needs_no_answer() -> None:
    quiet = {"grade": {"code": "none"}, "actions": [], "blocked": [], "held": []}
    assert list(contradictions(quiet)) == []
    (found,) = contradictions({**quiet, **RED})
    assert found == "no action answers the people concerned or the public"


def test_an_answer_that_asks_for_an_action_and_blocks_it_is_caught() -> None:
    entry = {"code": "CLARIFY", "kind": "correct", "if": None, "instead": ["REPLY_ONE_TO_ONE"]}
    answer = {**RED, "actions": [entry], "blocked": [entry], "held": []}
    assert list(contradictions(answer)) == ["both asked for and kept back: ['CLARIFY']"]


def test_an_alternative_that_is_held_itself_is_caught() -> None:
    asked = [{"code": "HOLDING_STATEMENT", "kind": "holding", "if": None}]
    held = [{"code": "MEDIA_OUTREACH"}]
    for instead in ([], ["MEDIA_OUTREACH"]):
        blocked = [{"code": "BOUGHT_ENGAGEMENT", "instead": instead}]
        found = list(contradictions({**RED, "actions": asked, "blocked": blocked, "held": held}))
        assert found == [f"no allowed alternative for BOUGHT_ENGAGEMENT: {instead}"]


def test_silence_beside_a_statement_is_caught() -> None:
    asked = [
        {"code": code, "kind": "holding", "if": None} for code in ("NO_PUBLIC_STATEMENT", "CLARIFY")
    ]
    found = list(contradictions({**RED, "actions": asked, "blocked": [], "held": []}))
    assert found == ["silence beside ['CLARIFY']"]


def entry(code: str, **told: Any) -> dict[str, Any]:
    plain = {"code": code, "kind": "holding", "if": None, "statutory": False, "done": False}
    return {**plain, **told}


def test_a_statement_withdrawn_and_repeated_in_one_plan_is_caught() -> None:
    answer = {"actions": [entry("RETRACT_OWN_STATEMENT"), entry("CLARIFY")]}
    assert {*opposites(default_pack(), answer)} == {"RETRACT_OWN_STATEMENT beside CLARIFY"}
    assert list(opposites(default_pack(), {"actions": [entry("CLARIFY")]})) == []


def test_a_safety_action_and_a_duty_off_the_page_are_caught() -> None:
    due = [entry("STOP_SALE", kind="safety"), entry("FILE_8K", statutory=True)]
    rest = [entry("RECALL", kind="safety", done=True), entry("CLARIFY")]
    brief = {"lines": [{"row": "stop", "actions": ["STOP_SALE"]}]}
    state = {"grade": {"code": "blue"}, "stage": {"code": "ongoing"}}
    answer = {**state, "actions": due + rest, "brief": brief}
    assert list(off_the_page(answer)) == ["not on the page: ['FILE_8K']"]
    in_doubt = {"if": {"asked": False}}
    quiet = {**answer, "grade": {"code": "none"}, "actions": [{**due[1], **in_doubt}]}
    closed = {**quiet, **state, "stage": {"code": "concluded"}}
    assert list(off_the_page(quiet)) == list(off_the_page(closed)) == []


def test_what_is_done_and_still_due_and_what_was_given_and_is_not_done_are_caught() -> None:
    held = entry("HOLDING_STATEMENT", done=True)
    lines = [{"row": row, "actions": ["HOLDING_STATEMENT"]} for row in ("changes", "word")]
    answer = {"actions": [held], "next_hour": [held], "brief": {"lines": lines}}
    assert list(late_though_done(Incident({}, None), answer)) == [
        "done and still due: ['HOLDING_STATEMENT']",
        "done and still on the page: ['HOLDING_STATEMENT']",
    ]
    given = Incident({"response.given": ("recall",)}, None)
    answer = {"actions": [entry("RECALL")], "next_hour": [], "brief": {"lines": []}}
    assert list(late_though_done(given, answer)) == ["given and not done: ['RECALL']"]


def test_words_and_a_strategy_whose_actions_are_held_are_caught() -> None:
    outputs: dict[str, dict[str, Any]] = {name: {"value": []} for name, _ in NEEDS}
    outputs |= {"strategy": {"value": "refute"}, "may_say": {"value": ["evidence"]}}
    held = [{"code": "REFUTE_EVIDENCE"}]
    found = list(beyond_what_is_free({"outputs": outputs, "blocked": [], "held": held}))
    assert found == [
        "strategy refute while ['REFUTE_EVIDENCE'] is kept back",
        "may_say evidence while ['REFUTE_EVIDENCE'] is kept back",
    ]


def test_the_pack_has_the_needed_actions_and_the_values_that_need_them() -> None:
    for (name, value), needed in NEEDS.items():
        kind = default_pack().outputs[name].type
        assert value in (kind.item.values if kind.item else kind.values)
        assert needed <= set(default_pack().actions)


def test_plausible_incidents_tell_facts_and_values_that_the_pack_has() -> None:
    facts, incidents = default_pack().vocabulary.facts, Incidents(default_pack(), seed=3)
    assert [name for name in names() if name not in facts] == []
    drawn = [plausible(incidents) for _ in range(200)]
    schema = FactsSchema(default_pack().vocabulary)
    assert [
        read.mistakes for one in drawn if (read := schema.load(posted(one.facts))).mistakes
    ] == []
    assert {one.is_later for one in drawn} == {True, False}


@pytest.mark.parametrize(("share", "more"), [(0.5, {0.51, 0.75, 1.0}), (1.0, {None})])
def test_a_larger_share_of_negative_posts_is_drawn(share: float, more: set[Any]) -> None:
    told, chance = {NEGATIVE[0]: share}, random.Random(1)
    assert {more_negative(told, NEGATIVE[0], chance) for _ in range(40)} == more


def test_three_known_facts_get_an_answer_with_few_actions_for_the_first_hour() -> None:
    answer = Promises.of(default_pack(), seed=1).served.assessor.assess(FEW, AS_OF, "en")
    assert answer["provisional"] is True
    assert answer["grade"]["code"] == "orange"
    assert 10 <= len(asked_for(answer)) <= 25
    assert {action["kind"] for action in asked_for(answer)} <= BEFORE_VERIFYING
    assert all(hold["questions"] for hold in answer["held"])
