"""Incidents as they come to a department of a firm: of one kind, one trade and a few places, with figures that fit each other.

The other random incidents look for what no author thought of. These say how much the pack asks for on a working day.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from tests.rules.incidents import AS_OF, Incident, Incidents

Choices = Mapping[str, tuple[Any, ...]]
UNHARMED: Choices = {
    "harm.deaths": (0,),
    "harm.injuries": (0,),
    "harm.alleged_deaths": (0,),
    "harm.alleged_injuries": (0,),
    "harm.people_affected": (0, 3, 200, 20_000),
    "harm.records_leaked": (0,),
    "harm.continuing_danger": (False,),
    "harm.children": (False,),
    "harm.vulnerable_group": (False,),
    "harm.environment": (False,),
    "harm.legal_breach": ("none", "none", "suspected"),
    "harm.regulator_action": ("none", "none", "inquiry", "investigation"),
    "harm.groups": ((), ("customers",)),
}
GOODS = ("food", "catering", "consumer_goods", "pharma")
SERVICES = ("transport", "internet", "finance", "other")
KINDS: Mapping[str, Choices] = {
    "made ill": {
        "content.topic": ("safety",),
        "identity.sector": ("food", "catering"),
        "harm.deaths": (0, 0, 0, 1),
        "harm.injuries": (0, 2, 14, 60),
        "harm.alleged_injuries": (0, 3, 20),
        "harm.continuing_danger": (True, False, None),
        "harm.groups": (("customers",),),
        "finding.suspected_cause": (("product",), ("supplier",)),
    },
    "a dangerous product": {
        "content.topic": ("safety",),
        "identity.sector": ("consumer_goods", "pharma", "vehicles"),
        "harm.injuries": (0, 1, 4),
        "harm.alleged_injuries": (0, 2),
        "harm.continuing_danger": (True, None),
        "harm.groups": (("customers",),),
        "finding.cause": ("technical", "contractor"),
    },
    "an accident at work": {
        "content.topic": ("safety", "labour"),
        "identity.sector": ("consumer_goods", "vehicles", "other"),
        "harm.deaths": (0, 1, 3),
        "harm.injuries": (0, 2, 9),
        "harm.work_accident": (True,),
        "harm.groups": (("staff",),),
    },
    "a leak": {
        "content.topic": ("data",),
        "identity.sector": ("internet", "finance", "transport"),
        "harm.records_leaked": (300, 90_000, 2_000_000),
        "harm.cyber_incident": ("general", "larger", None),
        "harm.groups": (("data_subjects",),),
    },
    "stranded": {
        "content.topic": ("quality",),
        "identity.sector": ("transport",),
        "harm.people_affected": (200, 4_000, 60_000),
        "harm.groups": (("stranded",),),
    },
    "conduct": {
        "content.topic": ("conduct", "discrimination", "labour"),
        "identity.sector": ("internet", "fashion", "consumer_goods", "finance"),
        "harm.groups": ((), ("humiliated",), ("staff",)),
        "finding.dispute": ("standards", "facts"),
        "finding.cause": ("human", "misdeed"),
    },
    "spilled": {
        "content.topic": ("environment",),
        "identity.sector": ("consumer_goods", "other"),
        "harm.environment": (True,),
        "harm.groups": (("public",), ()),
    },
    "billed": {
        "content.topic": ("price", "advertising", "quality"),
        "identity.sector": (*GOODS, *SERVICES),
        "harm.people_affected": (1, 40, 3_000),
        "harm.groups": (("customers",), ()),
    },
    "accounts": {
        "content.topic": ("governance",),
        "identity.sector": ("finance", "internet", "food"),
        "identity.listed_company": (True,),
        "harm.market_cap_drop_pct": (0.0, 4.0, 12.0),
    },
    "a rumour": {
        "content.topic": ("safety", "quality", "conduct"),
        "identity.sector": (*GOODS, *SERVICES),
        "finding.claim": ("refuted", "refuted", "open"),
        "finding.basis": ("third_party", "regulator", "independent_internal"),
        "finding.evidence": ((), ("report",)),
        "finding.cause": ("external", "deepfake"),
        "content.status": ("false_fact", "unknown"),
        "adversary.coordinated": (True, False, False),
    },
    "one complaint": {
        "content.topic": ("quality", "price"),
        "identity.sector": (*GOODS, *SERVICES),
        "source.kind": ("consumer",),
        "harm.people_affected": (1,),
        "harm.groups": (("customers",),),
    },
    "talk of us": {
        "content.topic": ("launch", "praise", "joke", "other"),
        "identity.sector": (*GOODS, *SERVICES),
        "social.negative_share": (0.02, 0.1, 0.35),
    },
}
"""What each kind of incident may bring. The rest is as on a day without harm."""
ABOUT_US: Choices = {
    "identity.jurisdiction": (("cn",), ("cn",), ("cn", "hk"), ("us",), ("eu", "uk"), ("cn", "us")),
    "identity.listed_company": (True, False, False),
    "identity.critical_infrastructure": (False,),
    "identity.client_role": ("in_house",),
    "source.kind": ("consumer", "media", "employee", "anonymous", "regulator"),
    "finding.claim": ("open", "open", "confirmed", "partly_confirmed"),
    "finding.basis": ("own_unit", "independent_internal", "third_party", "regulator"),
    "finding.foreknowledge": (False, False, True),
    "finding.origin_internal": (True, False),
    "history.reputation": ("neutral", "good", "poor"),
}
SPREAD: tuple[Choices, ...] = (
    {
        "social.reach": (300, 4_000),
        "media.tiers": (("self_media",),),
        "media.mainstream_reports_24h": (0,),
        "social.hot_listed": (False,),
        "trend.mentions_24h": (4, 60),
    },
    {
        "social.reach": (90_000, 700_000),
        "media.tiers": (("self_media",), ("city", "self_media")),
        "media.mainstream_reports_24h": (0, 2),
        "social.hot_listed": (False,),
        "trend.mentions_24h": (150, 900),
    },
    {
        "social.reach": (1_200_000, 6_000_000),
        "media.tiers": (("provincial",), ("national_commercial", "trade")),
        "media.mainstream_reports_24h": (5, 25),
        "social.hot_listed": (False, True),
        "social.hot_rank": (30,),
        "trend.mentions_24h": (1_500, 6_000),
    },
    {
        "social.reach": (12_000_000, 80_000_000),
        "media.tiers": (("national_commercial", "wire"), ("central",)),
        "media.mainstream_reports_24h": (40, 90),
        "social.hot_listed": (True,),
        "social.hot_rank": (8, 20),
        "trend.mentions_24h": (9_000, 40_000),
    },
    {
        "social.reach": (150_000_000, 900_000_000),
        "media.tiers": (("central", "wire", "foreign"),),
        "media.mainstream_reports_24h": (150, 400),
        "social.hot_listed": (True,),
        "social.hot_rank": (1, 3),
        "trend.mentions_24h": (90_000, 400_000),
    },
)
"""How far it has spread, from hardly to everywhere."""
OFTEN = (10, 8, 6, 4, 2)
USUAL = (40.0, 300.0)
UNKNOWN = (0.05, 0.3, 0.6)
"""Shares of the facts that are not known yet."""
ALWAYS_KNOWN = ("time.known_at", "content.topic")


def plausible(incidents: Incidents) -> Incident:
    """The first hours of an incident, or in a third of them a later day on which something was done already."""
    chance = incidents.random
    told: dict[str, Any] = {}
    for choices in (UNHARMED, ABOUT_US, chance.choices(SPREAD, OFTEN)[0], _one_kind(chance)):
        told |= {name: chance.choice(values) for name, values in choices.items()}
    usual = chance.choice(USUAL)
    told |= {"trend.mean_7d": usual, "trend.sd_7d": usual / 5}
    is_later = chance.random() < 1 / 3
    told |= _later(chance, told) if is_later else _first_hours(chance)
    unknown = chance.choice(UNKNOWN)
    known = {
        name: value
        for name, value in told.items()
        if name in ALWAYS_KNOWN or (value is not None and chance.random() >= unknown)
    }
    return Incident(known, None, is_plausible=True, is_later=is_later)


def names() -> set[str]:
    """The facts that these incidents may tell."""
    kinds = (UNHARMED, ABOUT_US, *SPREAD, *KINDS.values())
    return {*ALWAYS_KNOWN, *(name for choices in kinds for name in choices)}


def _one_kind(chance: random.Random) -> Choices:
    return KINDS[chance.choice(sorted(KINDS))]


def _first_hours(chance: random.Random) -> dict[str, Any]:
    known_at = AS_OF - timedelta(hours=chance.choice((0, 0.25, 0.5, 1, 2)))
    return {
        "time.known_at": known_at,
        "time.first_exposure": known_at - timedelta(hours=chance.choice((0, 1, 6))),
        "trend.phase": chance.choice(("rising", "burst")),
        "response.made": False,
        "response.given": (),
    }


def _later(chance: random.Random, told: Mapping[str, Any]) -> dict[str, Any]:
    """A later day: something was said, and most of what people write is of the days before."""
    known_at = AS_OF - timedelta(hours=chance.choice((20, 30, 70, 200)))
    said = ("holding", "apology") if told["finding.claim"] == "confirmed" else ("holding",)
    return {
        "time.known_at": known_at,
        "time.first_exposure": known_at,
        "time.first_response": known_at + timedelta(hours=3),
        "trend.phase": chance.choice(("plateau", "decline", "decline", "rebound")),
        "trend.new_points": chance.choice(((), (), ("they knew",))),
        "trend.peak_24h": 3 * told["trend.mentions_24h"],
        "response.made": True,
        "response.count": chance.choice((1, 2)),
        "response.given": said,
        "response.promises_open": chance.choice((0, 1)),
        "social.reach_24h": told["social.reach"] // chance.choice((2, 20, 200)),
        "media.tiers_24h": chance.choice((told["media.tiers"], ("self_media",), ())),
    }
