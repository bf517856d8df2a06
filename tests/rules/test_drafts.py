"""Drafts of the default pack on random incidents: nothing comes out that is not established, or that may not be said."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from schemas.reported import Reported
from service.engine.assess import Assessor
from service.language.texts.placeholders import names_in_order
from tests.packs import default_assessor, default_pack
from tests.rules.incidents import AS_OF, Incident, Incidents
from tests.server import ROOT

INCIDENTS = 80
FACT = re.compile(r"\b[a-z]+\.[a-z_0-9]+\b")
PLACEHOLDER = re.compile(r"\{([a-z]+\.[a-z_0-9]+)(?:\.[a-z_]+)?\}")
FOLDER = ROOT / "rules" / "pr_crisis" / "drafts"
WORRIES = (None, None, "disputed", "old")
Drawn = tuple[Incident, Mapping[str, Reported]]


@cache
def written(folder: Path = FOLDER) -> dict[str, list[Mapping[str, Any]]]:
    """The sentences as their author wrote them."""
    return {
        path.stem: yaml.safe_load(path.read_text("utf-8"))["sentences"]
        for path in sorted(folder.glob("*.yaml"))
    }


def drawn() -> Iterator[Drawn]:
    """Random incidents in which some facts are disputed, or were measured long ago."""
    incidents, chance = Incidents(default_pack(), seed=8), random.Random(8)
    for _ in range(INCIDENTS):
        incident = incidents.draw()
        reported = {}
        for name, value in incident.facts.items():
            worry = chance.choice(WORRIES)
            if worry and value is not None:
                at = AS_OF - timedelta(days=900) if worry == "old" else AS_OF
                reported[name] = Reported(value, "a source", at, worry == "disputed")
        yield incident, reported


@pytest.fixture(scope="module")
def assessor() -> Assessor:
    return default_assessor()


@pytest.fixture(scope="module")
def answers(assessor: Assessor) -> list[tuple[Drawn, dict[str, Any]]]:
    return [(one, ask(assessor, one[0].facts, one)) for one in drawn()]


def ask(assessor: Assessor, facts: Mapping[str, Any], one: Drawn) -> dict[str, Any]:
    incident, reported = one
    return assessor.assess(
        facts, AS_OF, "zh", previous=incident.previous, reported=reported, drafts=True
    )


def is_established(name: str, one: Drawn) -> bool:
    incident, reported = one
    if incident.facts.get(name) is None:
        return False
    fact, said = default_pack().vocabulary.facts[name], reported.get(name)
    if said is None:
        return True
    was_long_ago = said.measured_at is not None and said.measured_at < AS_OF
    return not said.disputed and not (was_long_ago and fact.stale_after is not None)


def is_by_output(when: str) -> bool:
    """Whether an output alone can make the condition true: then facts that stand elsewhere establish it."""
    names = set(re.findall(r"(?<![.\w])[a-z_]+(?![.\w(])", when))
    return "||" in when and not names.isdisjoint(default_pack().outputs)


def test_no_sentence_comes_out_whose_facts_are_assumed_disputed_old_or_unknown(
    answers: list[tuple[Drawn, dict[str, Any]]],
) -> None:
    sentences, seen = written(), Counter[str]()
    for one, answer in answers:
        for draft in answer["drafts"]:
            for told in draft["sentences"]:
                source = sentences[draft["code"]][told["number"] - 1]
                seen[told["why"] or told["state"]] += 1
                if told["state"] != "left out":
                    when = source.get("when", "")
                    read = [
                        name
                        for name in FACT.findall(when)
                        if name in default_pack().vocabulary.facts
                    ]
                    enough = any if "||" in when else all
                    assert (
                        not read
                        or is_by_output(when)
                        or enough(is_established(name, one) for name in read)
                    ), told
                    for name in PLACEHOLDER.findall(source["text"]["zh"]):
                        assert is_established(name, one) or one[0].facts.get(name) is None
    assert min(seen[key] for key in ("said", "bracketed", "not established", "does not hold")) > 4


def is_dated(told: Mapping[str, Any], draft: Mapping[str, Any]) -> bool:
    """Whether the sentence has the moment of the next review: it follows the plan, which counts disputed facts."""
    text = written()[draft["code"]][told["number"] - 1]["text"]["zh"]
    return "{next_review}" in text


def test_what_is_forbidden_or_not_allowed_is_never_said(
    answers: list[tuple[Drawn, dict[str, Any]]],
) -> None:
    sentences, said = written(), 0
    for _, answer in answers:
        outputs = answer["outputs"]
        for draft in answer["drafts"]:
            for told in draft["sentences"]:
                codes = sentences[draft["code"]][told["number"] - 1].get("says", ())
                if told["state"] != "left out":
                    said += len(codes)
                    assert set(codes) <= set(outputs["may_say"]["value"])
                    assert not set(codes) & set(outputs["may_not_say"]["can_be"]["possible"])
    assert said > INCIDENTS


def test_drafts_are_those_of_the_plan_in_its_order(
    answers: list[tuple[Drawn, dict[str, Any]]],
) -> None:
    known = written()
    for _, answer in answers:
        codes = [action["code"] for action in answer["actions"] if action["code"] in known]
        assert [one["code"] for one in answer["drafts"]] == codes


def test_the_value_of_a_disputed_fact_changes_no_sentence(
    assessor: Assessor, answers: list[tuple[Drawn, dict[str, Any]]]
) -> None:
    incidents, chance, compared = Incidents(default_pack(), seed=9), random.Random(9), 0
    for one, answer in answers:
        disputed = sorted(name for name, said in one[1].items() if said.disputed)
        if not disputed or not answer["drafts"]:
            continue
        name = chance.choice(disputed)
        other = incidents.value(default_pack().vocabulary.facts[name])
        now = ask(assessor, {**one[0].facts, name: other}, one)
        before = {draft["code"]: draft for draft in answer["drafts"]}
        for draft in now["drafts"]:
            if draft["code"] in before:
                compared += 1
                pairs = zip(draft["sentences"], before[draft["code"]]["sentences"], strict=True)
                for after, told in pairs:
                    if "blocked" not in (after["why"], told["why"]) and not is_dated(told, draft):
                        assert (after["state"], after["text"]) == (told["state"], told["text"])
    assert compared > 20


def test_a_clarification_has_at_most_140_characters(
    answers: list[tuple[Drawn, dict[str, Any]]],
) -> None:
    told = [
        one["text"] for _, answer in answers for one in answer["drafts"] if one["code"] == "CLARIFY"
    ]
    assert told
    assert max(map(len, told)) <= 140


def test_every_figure_of_harm_in_a_draft_has_who_reported_it_in_both_languages() -> None:
    figure, seen = re.compile(r"\{(harm\.[a-z_]+)\.with_unit\}|\{(harm\.[a-z_]+)\}"), 0
    for code, sentences in written().items():
        for sentence in sentences:
            for language in ("en", "zh"):
                text = sentence["text"][language]
                for names in figure.findall(text):
                    seen += 1
                    assert f"{{{''.join(names)}.reported_by}}" in text, (code, text)
    assert seen > 20


def test_a_sentence_has_the_same_placeholders_in_both_languages() -> None:
    for code, sentences in written().items():
        for sentence in sentences:
            en, zh = (sorted(set(names_in_order([sentence["text"][one]]))) for one in ("en", "zh"))
            assert en == zh, (code, sentence["text"])


HOSPITAL = "county hospital"
DEATH = {
    "identity.sector": "catering",
    "finding.claim": "open",
    "harm.deaths": 1,
    "signal.reporter_call": True,
    "time.known_at": AS_OF - timedelta(minutes=35),
}
LEAK = {
    "identity.sector": "internet",
    "identity.jurisdiction": ("cn", "eu"),
    "finding.claim": "open",
    "harm.deaths": 0,
    "harm.records_leaked": 820_000,
    "time.known_at": AS_OF - timedelta(minutes=35),
}
TRUE = {
    "identity.sector": "food",
    "content.topic": "safety",
    "finding.claim": "confirmed",
    "finding.basis": "regulator",
    "harm.deaths": 0,
    "harm.injuries": 30,
    "harm.continuing_danger": True,
    "media.tiers": ("national_commercial",),
    "time.known_at": AS_OF - timedelta(minutes=35),
}
FALSE = {
    "identity.sector": "food",
    "content.status": "false_fact",
    "content.topic": "safety",
    "content.reach": 5_800_000,
    "finding.claim": "refuted",
    "finding.basis": "third_party",
    "finding.confidence": 0.95,
    "finding.accounts_conflict": False,
    "finding.evidence": ("report",),
    "harm.deaths": 0,
    "harm.injuries": 0,
    "harm.alleged_deaths": 0,
    "harm.alleged_injuries": 0,
    "harm.continuing_danger": False,
    "harm.regulator_action": "none",
    "harm.groups": (),
    "media.tiers": ("central",),
    "social.reach": 60_000_000,
    "social.hot_listed": True,
    "trend.reversal": "none",
    "response.own_statement_contradicted": False,
    "response.clarification_reach": 0,
    "time.known_at": AS_OF - timedelta(hours=2),
}
SAID = {
    "HOLDING_STATEMENT": (
        DEATH,
        ("county hospital tells us that 1 person died", "condolences", "<At [time] we closed"),
        ("password", "[source] tells us", "stranded"),
    ),
    "ANSWER_CALL": (DEATH, ("Ask first", "nor about any person or supplier"), ("It is true",)),
    "DECISION_BRIEF": (
        DEATH,
        ("1 person dead (county hospital", "A. (advised) A holding statement now", "[time]: A, B"),
        ("Withdraw today", "ask the medium to correct"),
    ),
    "STAFF_BRIEF": (DEATH, ("Dear colleagues", "whistle-blower line"), ("It is true",)),
    "REGULATOR_REPORT": (
        LEAK,
        ("820,000 records", "Kinds of data", "what persons can do"),
        ("batch",),
    ),
    "NOTIFY_INDIVIDUALS": (
        LEAK,
        ("What leaked", "What it can mean", "What to do now", "Call [number]"),
        ("only a few",),
    ),
    "CUSTOMER_CARE_SCRIPT": (
        DEATH,
        ("We feel with the families", "see a doctor at once"),
        ("password", "It is true"),
    ),
    "CLARIFY": (
        FALSE,
        ("is not true. Proof", "Found by [who found it]", "We understand the worry"),
        ("liar", "police", "always"),
    ),
    "APOLOGY_FULL": (
        TRUE,
        ("we apologise without reserve", "30 people", "<At [time] we stopped"),
        (" if we ", "but", "password"),
    ),
    "APOLOGY_SHORT": (TRUE, ("Dear [name]", "It is our fault"), ("password", "stranded")),
}


@pytest.mark.parametrize("code", SAID)
def test_a_draft_in_english_says_what_its_kind_of_incident_needs(
    assessor: Assessor, code: str
) -> None:
    facts, contains, lacks = SAID[code]
    reported = {
        name: Reported(value, HOSPITAL, AS_OF, False)
        for name, value in facts.items()
        if name in ("harm.deaths", "harm.injuries") and value
    }
    answer = assessor.assess(facts, AS_OF, "en", reported=reported, drafts=True)
    texts = {one["code"]: one["text"] for one in answer["drafts"]}
    assert code in texts, sorted(texts)
    for part in contains:
        assert part in texts[code], (part, texts[code])
    for part in lacks:
        assert part not in texts[code], (part, texts[code])
