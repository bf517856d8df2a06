"""More that is negative never makes an answer of the default pack milder: not the grade, not the exposure, not the warning."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import pytest

from tests.packs import default_assessor, default_pack
from tests.rules.incidents import AS_OF, Incident, Incidents

LOOKED_AT = ("grade", "exposure", "warning", "judged", "impact")
NEGATIVE = ("social.negative_share", "trend.negative_24h")
SHARES = (0.0, 0.02, 0.1, 0.11, 0.3, 0.31, 0.7, 1.0)
TOPICS = ("praise", "launch", "joke", "safety", None)


def wave(incidents: Incidents) -> Incident:
    """An incident about which many talk, in most of them in a friendly way."""
    chance, drawn = incidents.random, incidents.draw()
    mentions = chance.choice((0, 19, 140, 1000, 9000, 20000))
    facts = {name: value for name, value in drawn.facts.items() if chance.random() < 0.5}
    if chance.random() < 0.7:
        facts = {name: value for name, value in facts.items() if not name.startswith("harm.")}
    facts |= {
        "content.topic": chance.choice(TOPICS),
        "social.negative_share": chance.choice((*SHARES, None)),
        "trend.mentions_24h": chance.choice((mentions, None)),
        "trend.negative_24h": chance.choice((int(mentions * chance.choice(SHARES)), None)),
        "trend.negative_mean_7d": chance.choice((0.0, 5.0, 50.0, None)),
        "trend.mean_7d": chance.choice((4.0, 100.0, 1000.0, None)),
        "trend.sd_7d": chance.choice((1.0, 12.0, 200.0)),
        "social.reach": chance.choice((0, 10**6, 10**7, 10**8, None)),
        "social.hot_listed": chance.choice((True, False, None)),
    }
    return Incident(facts, drawn.previous)


def more(facts: Mapping[str, Any], chance: random.Random) -> dict[str, Any]:
    """The facts with one figure of what is negative higher."""
    told = [name for name in NEGATIVE if facts.get(name) is not None]
    if not told:
        return dict(facts)
    name = chance.choice(told)
    value = facts[name]
    if name == "trend.negative_24h":
        return {**facts, name: value + chance.choice((1, 20, 500, 5000))}
    return {**facts, name: chance.choice([share for share in SHARES if share >= value])}


@pytest.mark.parametrize("seed", range(4))
def test_more_that_is_negative_never_makes_an_answer_milder(seed: int) -> None:
    incidents = Incidents(default_pack(), seed)
    assess = default_assessor().assess
    moved = dict.fromkeys(LOOKED_AT, 0)
    for _ in range(100):
        incident = wave(incidents)
        worse = more(incident.facts, incidents.random)
        before, after = (
            assess(facts, AS_OF, "en", previous=incident.previous)["outputs"]
            for facts in (incident.facts, worse)
        )
        for name in LOOKED_AT:
            rank = default_pack().outputs[name].type.values.index
            steps = rank(before[name]["value"]) - rank(after[name]["value"])
            assert steps >= 0, f"{name} is milder with {worse} than with {dict(incident.facts)}"
            moved[name] += steps > 0
    assert moved["impact"] == 0, "sentiment touches impact"
    assert moved["exposure"]
    assert moved["warning"]


def test_sentiment_never_lowers_the_grade_where_somebody_is_harmed() -> None:
    assess = default_assessor().assess
    loud = {"social.reach": 10**8, "social.hot_listed": True, "content.topic": "praise"}
    for harm in ({"harm.deaths": 1}, {"harm.injuries": 1}, {"harm.children": True}):
        for share in (0.0, 1.0):
            facts = {**loud, **harm, "social.negative_share": share}
            answer = assess(facts, AS_OF, "en")
            assert answer["outputs"]["exposure"]["value"] == "red"
