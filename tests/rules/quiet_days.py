"""Days without an incident: a second definition, and random days around it. It reads no rule of the pack."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from schemas.previous import Previous
from schemas.reported import Reported
from tests.rules.incidents import AS_OF, Incident, Incidents

NONE = "none"
COUNTS = ("trend.mentions_24h", "trend.mean_7d", "trend.sd_7d")
CALM_IF_TOLD: Mapping[str, tuple[Any, ...]] = {
    "harm.deaths": (0,),
    "harm.injuries": (0,),
    "harm.alleged_deaths": (0,),
    "harm.alleged_injuries": (0,),
    "harm.people_affected": (0,),
    "harm.records_leaked": (0,),
    "harm.continuing_danger": (False,),
    "harm.children": (False,),
    "harm.vulnerable_group": (False,),
    "harm.environment": (False,),
    "harm.environment_level": ("none",),
    "harm.work_accident": (False,),
    "harm.legal_breach": ("none",),
    "harm.regulator_action": ("none",),
    "harm.cyber_incident": ("none",),
    "harm.recall_class": ("none",),
    "harm.medical_recall_class": ("none",),
    "harm.loss_cny": (0.0,),
    "response.made": (False,),
    "response.count": (0,),
    "response.given": ((),),
    "response.demands": ((),),
    "response.promises_open": (0,),
    "trend.new_points": ((),),
    "finding.evidence": ((),),
    "social.hot_listed": (False,),
    "media.mainstream_reports_24h": (0,),
    "media.front_page": (False,),
    "media.tiers": ((), ("self_media",)),
    "finding.claim": ("open",),
    "finding.dispute": ("facts",),
    "source.documents_with_press": (False,),
    "signal.reporter_call": (False,),
    "signal.regulator_call": (False,),
    "response.own_statement_contradicted": (False,),
    "response.concealment_exposed": (False,),
    "response.critic_arrested": (False,),
    "adversary.kind": ("none",),
    "adversary.motive": ("none",),
    "adversary.coordinated": (False,),
    "adversary.pay_to_delete_demand": (False,),
    "trend.reversal": ("none",),
    "finding.self_disclosed": (False,),
    "finding.accounts_conflict": (False,),
    "response.failed": ((),),
    "response.clarification_reach": (0,),
    "response.advice_overruled": (False,),
    "adversary.identified": (False,),
    "history.warning_ignored": (False,),
    "harm.groups": ((),),
    "harm.new_cases_24h": (0,),
    "finding.suspected_cause": ((),),
    "media.tiers_24h": ((), ("self_media",)),
    "media.top_reports_24h": (0,),
    "signal.weak": ((),),
    "content.topic": ("praise", "launch", "joke"),
    "food.batch_traced": (False,),
    "retail.goods_fault": ((),),
    "retail.supplier_batch": (False,),
    "retail.off_the_shelf": (False,),
    "retail.customer_treated": ("none",),
    "internet.leaked_data": ((),),
    "internet.outage_hours": (0.0,),
    "internet.restored": (True,),
    "internet.harmful_content": ((),),
    "internet.price_by_profile": (False,),
    "travel.stranded": (0,),
    "travel.overnight": (False,),
    "travel.accident": (False,),
    "travel.families_told": (False,),
    "travel.cancelled_24h": (0,),
    "vehicles.assisted_driving_on": (False,),
    "vehicles.fire": (False,),
    "vehicles.similar_cases": (0,),
    "vehicles.defect_confirmed": (False,),
    "vehicles.data_sealed": (False,),
}
"""Facts that may be told on a quiet day, with the values that they then have."""
ALWAYS = {
    *COUNTS,
    *("finding.basis", "finding.confidence", "history.prior_incidents_24m", "history.reputation"),
    *("trend.negative_mean_7d", "trend.mentions_prior_24h", "trend.peak_24h"),
    *("trend.growth_1h_pct", "trend.complaints_mean_7d", "social.reach", "social.reach_24h"),
    *("social.weibo_reposts", "social.wechat_reads", "social.video_plays", "social.comments_24h"),
    *("social.platforms", "social.search_index", "social.search_index_mean_7d"),
    "food.registered_us",
}
"""Facts whose value tells nothing of an incident: usual figures, and those whose size the exposure weighs. Those of the identity too."""
MEASURED = {
    *("social.negative_share", "trend.negative_24h", "media.reposts", "trend.phase"),
    *("trend.danger_word_authors_1h", "trend.complaints_24h", "trend.same_complaint_authors"),
    *("trend.keywords", "social.hot_rank", "social.kol_max_followers", "harm.market_cap_drop_pct"),
}
"""Facts that `_signs` looks at."""
DANGER_WORDS = {
    *[
        "中毒",
        "食物中毒",
        "死亡",
        "致死",
        "起火",
        "自燃",
        "爆炸",
        "呕吐",
        "腹泻",
        "晕倒",
        "住院",
        "致癌",
        "异物",
        "虫子",
        "过期",
        "变质",
        "假货",
        "偷拍",
        "泄露",
        "召回",
        "维权",
        "曝光",
        "避雷",
        "翻车",
        "骗局",
    ],
    *[
        "poison",
        "poisoning",
        "dead",
        "death",
        "died",
        "fire",
        "explosion",
        "vomiting",
        "sick",
        "hospital",
        "cancer",
        "expired",
        "fake",
        "scam",
        "leak",
        "breach",
        "recall",
        "boycott",
    ],
}
FRIENDLY_TOPICS = ("praise", "launch", "joke")
OF_A_FRIENDLY_WAVE = {
    *("source.kind", "source.first_post", "content.claim", "content.status", "content.reach"),
    *("time.known_at", "time.first_exposure", "finding.evidence"),
    *("social.hot_listed", "social.hot_rank", "social.kol_max_followers"),
    *("media.tiers", "media.tiers_24h", "media.mainstream_reports_24h"),
    *("media.reposts", "media.front_page", "media.top_reports_24h"),
}
"""Facts that tell nothing of an incident while all speak well of us."""


def is_calm(facts: Mapping[str, Any]) -> bool:
    """Whether nothing that is told is of an incident, and the counts are known or all speak well of us.

    A fact that is in no list here is of an incident once it is told. Null may be one.
    """
    told = {name: value for name, value in facts.items() if value is not None}
    friendly = _is_friendly_wave(told)
    unknown = {name for name in facts if name not in told and not _is_always_calm(name)}
    if unknown or not (friendly or told.keys() >= {*COUNTS}):
        return False
    if friendly:
        told = {name: value for name, value in told.items() if name not in OF_A_FRIENDLY_WAVE}
        told |= {"finding.claim": "open"} if told.get("finding.claim") == "confirmed" else {}
    if not all(_may_be_told(name, told) for name in told):
        return False
    return (friendly or _few_or_hardly_negative(told)) and not _signs(told)


def _may_be_told(name: str, told: Mapping[str, Any]) -> bool:
    if name in CALM_IF_TOLD:
        return told[name] in CALM_IF_TOLD[name]
    return name in MEASURED or _is_always_calm(name)


def _is_always_calm(name: str) -> bool:
    return name in ALWAYS or name.startswith("identity.")


def _few_or_hardly_negative(told: Mapping[str, Any]) -> bool:
    mentions = told["trend.mentions_24h"]
    few = mentions < 200 or mentions < 1.5 * told["trend.mean_7d"]
    return bool(few or _negative_at_most(0.1, told))


def _is_friendly_wave(told: Mapping[str, Any]) -> bool:
    harmless = (
        told[name] in CALM_IF_TOLD[name]
        for name in told
        if name in CALM_IF_TOLD and name.startswith("harm.") and name not in NO_HARM_TO_OTHERS
    )
    return (
        told.get("content.topic") in FRIENDLY_TOPICS
        and "social.negative_share" in told
        and _negative_at_most(0.1, told)
        and told.get("finding.claim") != "refuted"
        and not told.get("signal.reporter_call")
        and not told.get("signal.regulator_call")
        and all(harmless)
    )


NO_HARM_TO_OTHERS = ("harm.loss_cny", "harm.recall_class")


def _negative_at_most(most: float, told: Mapping[str, Any]) -> bool:
    """Whether a figure of negative posts is known, and none that is known is higher."""
    share, counted = told.get("social.negative_share"), told.get("trend.negative_24h")
    mentions = told.get("trend.mentions_24h")
    if share is None and (counted is None or mentions is None):
        return False
    low = share is None or share <= most
    return low and (counted is None or (mentions is not None and counted <= most * mentions))


def _signs(told: Mapping[str, Any]) -> bool:
    usual = max(told.get("trend.complaints_mean_7d", 0.0), 1.0)
    complaints = told.get("trend.complaints_24h")
    return (
        _is_negative(told)
        or told.get("media.reposts", 0) >= 100
        or told.get("trend.same_complaint_authors", 0) >= 3
        or not DANGER_WORDS.isdisjoint(told.get("trend.keywords", ()))
        or told.get("trend.danger_word_authors_1h", 0) >= 3
        or told.get("trend.phase") == "rebound"
        or told.get("social.kol_max_followers", 0) >= 1_000_000
        or told.get("harm.market_cap_drop_pct", 0.0) >= 5.0
        or ("social.hot_rank" in told and "social.hot_listed" not in told)
        or (complaints is not None and "trend.complaints_mean_7d" not in told)
        or (complaints is not None and complaints >= 3 * usual)
    )


def _is_negative(told: Mapping[str, Any]) -> bool:
    """More than three in ten are negative."""
    share, counted = told.get("social.negative_share", 0.0), told.get("trend.negative_24h", 0)
    return bool(share > 0.3 or counted > 0.3 * told.get("trend.mentions_24h", 0))


def is_open(previous: Previous | None) -> bool:
    if previous is None:
        return False
    grade, stage = (previous.outputs.get(name) for name in ("grade", "stage"))
    return grade != NONE and stage != "concluded"


def quiet_day(incidents: Incidents) -> Incident:
    """Counts and some calm facts; in half of the days also one or two facts of any value, or a previous answer."""
    chance = incidents.random
    facts: dict[str, Any] = {
        "trend.mentions_24h": chance.choice((0, 20, 110, 199, 200, 1499, 6300)),
        "trend.mean_7d": chance.choice((0.0, 100.0, 1000.0)),
        "trend.sd_7d": chance.choice((0.0, 12.0, 200.0)),
    }
    if chance.random() < 0.5:
        facts["social.negative_share"] = chance.choice((0.0, 0.1, 0.11, 0.3, 0.31))
    if chance.random() < 0.25:
        facts |= _wave(chance)
    for name in chance.sample(sorted(CALM_IF_TOLD), chance.randint(0, 12)):
        facts[name] = chance.choice(CALM_IF_TOLD[name])
    if chance.random() < 0.5:
        for name in chance.sample(sorted(incidents.values), chance.randint(1, 2)):
            facts[name] = incidents.value(incidents.pack.vocabulary.facts[name])
    previous = incidents.draw().previous if chance.random() < 0.3 else None
    if previous is not None and chance.random() < 0.5:
        previous = replace(previous, outputs={**previous.outputs, "grade": NONE})
    return Incident(facts, previous)


def _wave(chance: random.Random) -> dict[str, Any]:
    """Many talk of it, most of them in a friendly way; half of the time the mentions were not counted."""
    facts: dict[str, Any] = {
        "content.topic": chance.choice((*FRIENDLY_TOPICS, "other")),
        "social.negative_share": chance.choice((0.02, 0.1, 0.11)),
        "social.reach": 80_000_000,
        "social.hot_listed": True,
        "finding.claim": chance.choice(("open", "confirmed", "refuted")),
    }
    return facts | ({"trend.mentions_24h": None} if chance.random() < 0.5 else {})


def less_sure(name: str, said: Reported, stale_after: timedelta | None) -> dict[str, Reported]:
    """The ways in which a posted value is less sure, or from another reporter."""
    ways = {
        "of one page": replace(said, scope="page"),
        "disputed": replace(said, disputed=True),
        "from another": replace(said, reported_by="another"),
    }
    if stale_after is not None:
        ways["old"] = replace(said, measured_at=AS_OF - 2 * stale_after)
    return ways
