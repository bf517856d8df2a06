"""Values of facts that mean more harm, or that more people speak against us."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from schemas.vocabulary import Fact

NEGATIVE = ("social.negative_share", "trend.negative_24h")


def worse(fact: Fact, value: Any) -> Any:
    """A value of the fact that means more harm, or None. The values of an enum are ordered worst first."""
    if value is None:
        return None
    match fact.type.name:
        case "boolean":
            return True if value is False else None
        case "integer" | "number":
            more = value * 10 + 1
            return more if fact.maximum is None or more <= fact.maximum else None
        case "enum":
            position = fact.type.values.index(value)
            return fact.type.values[position - 1] if position else None
    return None


def more_negative(facts: Mapping[str, Any], name: str, chance: random.Random) -> Any:
    """A larger figure of what is negative, or None if all of it is."""
    value = facts[name]
    if name == "social.negative_share":
        return (
            None if value == 1.0 else chance.choice((min(1.0, value + 0.01), (value + 1) / 2, 1.0))
        )
    return chance.choice((value + 1, 2 * value + 5, 10 * value + 100))
