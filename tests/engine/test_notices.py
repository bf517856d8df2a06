"""Notices stand at the top of the answer and change nothing else in it. A sentence of the verdict is said only if its condition is true."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from schemas.facts import FactsSchema
from schemas.scalars import parse_datetime
from service.engine.assess import Assessor
from service.engine.errors import BudgetExceeded
from service.engine.expressions.budget import Budget
from service.language.model import BOTH, Pack
from tests.packs import HARBOUR, PLAIN_PACK, copy_of_harbour, loaded, plain_pack
from tests.server import ROOT

AS_OF = parse_datetime("2026-05-01T12:00:00+08:00")
CRISIS = ROOT / "rules" / "pr_crisis"
RULES = """
rules:
  - {id: level.high, when: 'a.count >= 10', then: {level: high}, because: {en: high, zh: 高}}
  - {id: alarm.loud, when: 'b.count >= 10', then: {alarm: loud}, because: {en: loud, zh: 响}}
  - {id: alarm.soft, when: 'b.count >= 5', then: {alarm: soft}, because: {en: soft, zh: 轻}}
  - {id: alarm.flag, when: 'b.flag', then: {alarm: loud, rung: true}, because: {en: flag, zh: 旗}}
  - {id: score.unsaid, when: '!has(a.count)', then: {score: 1}, because: {en: unsaid, zh: 未说}}
"""
NOTICES = """notices: [alarm, rung]
outputs:
  alarm: {type: enum, hit: priority, default: none, values: {loud: {level: 1, text: {en: Loud, zh: 响}}, soft: {level: 2, text: {en: Soft, zh: 轻}}, none: {}}}
  rung: {type: boolean, hit: any, default: false}
"""
QUIET = {"a.count": 1, "b.count": 1, "b.flag": False}
Assess = Callable[..., dict[str, Any]]


@pytest.fixture
def assess(tmp_path: Path) -> Assess:
    """Assesses facts by the plain pack with two notices and these sentences."""

    def assessed(*sentences: str, facts: dict[str, Any], locale: str = "en") -> dict[str, Any]:
        verdict = "".join(["verdict:\n", *sentences]) if sentences else ""
        about = PLAIN_PACK.replace("outputs:\n", verdict + NOTICES)
        about = about.replace("title: {en: Plain}", "title: {en: Plain, zh: 素}")
        pack = plain_pack(tmp_path / "plain", RULES, pack=about)
        return Assessor(pack, "reference").assess(facts, AS_OF, locale)

    return assessed


def test_notices_have_the_form_of_lifted_outputs_and_stand_after_them(assess: Assess) -> None:
    answer = assess(facts={**QUIET, "b.flag": True})
    assert list(answer)[1:6] == ["pack", "level", "alarm", "rung", "verdict"]
    assert answer["alarm"] == {"code": "loud", "level": 1, "text": "Loud"}
    assert answer["rung"] == {"value": True, "text": "true"}


def test_an_open_notice_makes_no_firm_answer_provisional(assess: Assess) -> None:
    answer = assess(facts={"a.count": 1})
    assert answer["outputs"]["alarm"]["can_be"] == ["loud", "soft", "none"]
    assert answer["provisional"] is False
    for key in ("since", "at_worst", "at_best"):
        assert list(answer[key]) == ["level"], key


def test_the_notices_of_the_default_pack_change_nothing_else_in_its_answers() -> None:
    """A case that follows another is assessed without a previous answer here."""
    named = loaded(CRISIS, with_cases=True)
    with_notices, without = (
        list(answers_to_cases(one)) for one in (named, replace(named, notices=()))
    )
    assert len(without) > 100
    for answer, expected in zip(with_notices, without, strict=True):
        assert {name: answer.pop(name)["code"] for name in named.notices} == {
            name: expected["outputs"][name]["value"] for name in named.notices
        }
        assert answer == expected


def answers_to_cases(pack: Pack) -> Iterator[dict[str, Any]]:
    assessor, facts = Assessor(pack, "reference"), FactsSchema(pack.vocabulary)
    for case in pack.cases[::13]:
        yield assessor.assess(facts.load(case.facts).values, case.as_of, pack.locale)


SAID = '  - text: {en: "Said.", zh: 说。}\n'
OTHER = '  - text: {en: "It is {alarm}.", zh: "{alarm}。"}\n'


def only_if(when: str, sentence: str = SAID) -> str:
    return f"{sentence}    when: {when}\n"


@pytest.mark.parametrize(
    ("when", "facts", "is_said"),
    [
        ("a.count >= 2", {"a.count": 2}, True),
        ("a.count >= 2", {"a.count": 1}, False),
        ("a.count >= 2", {}, False),
        ("'!(a.count >= 2)'", {}, False),
        ("'!has(a.count)'", {}, True),
        ('alarm == "loud"', {**QUIET, "b.count": 10}, True),
        ('alarm == "soft"', {"b.count": 5}, False),
        ('alarm != "loud"', {"b.count": 5}, False),
        ("'at_least(alarm, \"soft\")'", {"b.count": 5}, True),
        ("rung", {"b.count": 5}, False),
        ("'!rung'", {"b.count": 5}, False),
        ("'!rung'", QUIET, True),
        ("always", {}, True),
    ],
)
def test_a_sentence_is_said_only_if_its_condition_is_true_not_if_it_is_unknown(
    assess: Assess, when: str, facts: dict[str, Any], is_said: bool
) -> None:
    """An alarm that facts can still raise is open, so only what holds for each of its values is true."""
    verdict = assess(only_if(when), facts=facts)["verdict"]
    assert verdict == ("Said." if is_said else None)


@pytest.mark.parametrize(
    ("locale", "verdict"),
    [
        ("en", "Said. It is Soft."),
        ("zh", "说。轻。"),
        (BOTH, "Said. It is Soft. / 说。轻。"),
    ],
)
def test_sentences_are_joined_as_each_language_writes_them(
    assess: Assess, locale: str, verdict: str
) -> None:
    told = assess(SAID, only_if("rung"), OTHER, facts={**QUIET, "b.count": 5}, locale=locale)
    assert told["verdict"] == verdict


@pytest.mark.parametrize("locale", ["en", BOTH])
def test_where_no_sentence_is_true_there_is_no_verdict(assess: Assess, locale: str) -> None:
    assert assess(only_if("rung"), facts={}, locale=locale)["verdict"] is None


def test_the_steps_of_a_sentence_are_counted_with_those_of_the_rules(tmp_path: Path) -> None:
    about = (HARBOUR / "pack.yaml").read_text("utf-8").split("verdict:")[0]
    loop = "ships.names.exists(a, ships.names.exists(b, a == b + b))"
    about += f"verdict: [{{when: '{loop}', text: Twice}}]\n"
    assessor = Assessor(loaded(copy_of_harbour(tmp_path, {"pack.yaml": about})), "reference")
    facts = {"ships.names": tuple(str(number) for number in range(100))}
    assert assessor.assess(facts, AS_OF, "en", budget=Budget(40_000))["verdict"] == "Twice"
    with pytest.raises(BudgetExceeded) as caught:
        assessor.assess(facts, AS_OF, "en", budget=Budget(2_000))
    assert caught.value.rules == ("verdict",)
