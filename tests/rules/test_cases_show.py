"""The cases of the default pack show each guard and each action with and without effect, and the alternatives."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from service.authoring.cases import CaseResult
from service.language.model import BLOCKED, Rule
from tests.packs import default_pack
from tests.rules.promised_answers import codes
from tests.rules.test_pr_crisis import fired, results

WHATEVER_IS_KNOWN = {"MONITOR"}
ONLY_OFFERED_INSTEAD = {"REPLY_WITH_FACTS"}
GUARDS = [rule for rule in default_pack().rules if any(one.output == BLOCKED for one in rule.then)]
ACTIONS = [code for code, action in default_pack().actions.items() if not action.forbidden]


def blocked_by(rule: Rule, result: CaseResult) -> set[str]:
    assert result.answer is not None
    return {entry["code"] for entry in result.answer["blocked"] if rule.id in entry["because"]}


def let_pass(rule: Rule, result: CaseResult) -> Iterator[str]:
    """The actions that the guard can block and that are allowed here, or forbidden but not blocked here."""
    assert result.answer is not None
    if rule.id not in fired(result):
        kept_back = codes(result.answer["blocked"])
        asked = codes(result.answer["actions"])
        for one in rule.then:
            if one.value in asked or (
                default_pack().actions[one.value].forbidden and one.value not in kept_back
            ):
                yield one.value


@pytest.mark.parametrize("rule", GUARDS, ids=lambda rule: rule.id)
def test_a_guard_blocks_an_action_in_one_case_and_allows_it_in_another(rule: Rule) -> None:
    blocks = set[str]().union(*(blocked_by(rule, result) for result in results()))
    passes = {code for result in results() for code in let_pass(rule, result)}
    assert blocks & passes


@pytest.mark.parametrize("code", ACTIONS)
def test_an_action_is_asked_for_in_one_case_and_not_in_another(code: str) -> None:
    answers = [result.answer for result in results() if result.answer is not None]
    asked = {code in codes(answer["actions"]) for answer in answers}
    offered = any(code in entry["instead"] for answer in answers for entry in answer["blocked"])
    if code in ONLY_OFFERED_INSTEAD:
        assert (asked, offered) == ({False}, True)
    else:
        assert asked == ({True} if code in WHATEVER_IS_KNOWN else {True, False})


def test_every_guard_has_a_ground_and_an_alternative_that_is_never_blocked_or_held() -> None:
    """No rule blocks or holds the last alternative of each."""
    blocked_or_held = {
        one.value
        for rule in default_pack().rules
        for one in rule.then
        if one.output in ("blocked", "held")
    }
    for rule in GUARDS:
        for one in rule.then:
            action = default_pack().actions[one.value]
            assert one.ground or action.ground, (rule.id, one.value)
            instead = one.instead or action.instead
            assert instead, (rule.id, one.value)
            assert instead[-1] not in blocked_or_held, (rule.id, one.value)


def test_in_every_case_a_blocked_action_has_a_ground_and_an_allowed_alternative() -> None:
    for result in results():
        assert result.answer is not None
        kept_back = codes(result.answer["held"]) | codes(result.answer["blocked"])
        for entry in result.answer["blocked"]:
            assert entry["ground"]
            assert entry["instead"]
            assert not kept_back & set(entry["instead"])


def test_no_text_of_an_action_has_a_semicolon_because_lists_use_it_as_separator() -> None:
    texts = [text for action in default_pack().actions.values() for text in action.text.values()]
    assert [text for text in texts if ";" in text or "；" in text] == []
