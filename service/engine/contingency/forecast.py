"""Forecasts the figures some hours ahead if they keep growing at the present rate."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from schemas.requested_parts import NO_FORECAST
from schemas.scalars import INT64_MAX, INT64_MIN
from schemas.vocabulary import Fact
from service.engine.expressions.layout import ABSENT_SLOT, AS_OF_SLOT, Environment, Layout
from service.engine.judging.dates.spans import later
from service.language.model import Growth, Pack

UNDECLARED, RATE_UNKNOWN, NO_GROWTH, FIGURES_UNKNOWN, BUDGET_EXCEEDED = NO_FORECAST


@dataclass(frozen=True, slots=True)
class Ahead:
    """The moment `hours` hours ahead, and the facts (by name) that have a different value then."""

    hours: int
    as_of: datetime
    facts: dict[str, Any]


def forecast(
    pack: Pack, layout: Layout, environment: Environment
) -> tuple[list[Ahead], str | None]:
    """The figures at each hour of the forecast, or the reason why there is no forecast."""
    growth = pack.contingency.growth if pack.contingency else None
    if growth is None:
        return [], UNDECLARED
    rate = environment[layout.facts[growth.rate]]
    if rate is None:
        return [], RATE_UNKNOWN
    if rate <= 0:
        return [], NO_GROWTH
    absent = {one.name for one in environment[ABSENT_SLOT]}  # what does not apply does not grow
    known = [
        name
        for name in growth.of
        if environment[layout.facts[name]] is not None and name not in absent
    ]
    if not known:
        return [], FIGURES_UNKNOWN
    return list(_ahead(pack, layout, environment, growth, known)), None


def _ahead(
    pack: Pack, layout: Layout, environment: Environment, growth: Growth, known: list[str]
) -> Iterator[Ahead]:
    rate = environment[layout.facts[growth.rate]]
    for hours in growth.hours:
        facts = {}
        for name in known:
            before = environment[layout.facts[name]]
            after = grown(pack.vocabulary.facts[name], before, rate, hours)
            if after != before:
                facts[name] = after
        yield Ahead(hours, later(environment[AS_OF_SLOT], timedelta(hours=hours)), facts)


def grown(fact: Fact, value: int | float, rate: float, hours: int) -> int | float:
    """The value after compound growth. It stops at the bounds of the fact."""
    if not value:
        return value
    whole = fact.type.name == "integer"
    try:
        exact = value * (1 + rate / 100) ** hours
    except OverflowError:
        exact = math.copysign(math.inf, value)
    low, high = (INT64_MIN, INT64_MAX) if whole else (-sys.float_info.max, sys.float_info.max)
    low = low if fact.minimum is None else fact.minimum
    high = high if fact.maximum is None else fact.maximum
    if exact >= high or exact <= low:
        end = high if exact >= high else low
        return math.floor(end) if whole else float(end)
    return round(exact) if whole else float(f"{exact:.6g}")
