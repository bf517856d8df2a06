"""Which posted values count as unknown because they are old, of one page of results alone, or disputed.

Such a value is null before anything is judged, so conditions, bounds and both matchers treat it like any unknown fact.
Nothing else makes a condition depend on where a fact comes from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from schemas.reported import Reported
from schemas.vocabulary import Fact, UnknownReason, Vocabulary


def is_old(fact: Fact, said: Reported, as_of: datetime) -> bool:
    """Whether the figure was measured longer ago than its fact allows. One without a moment is not known to be old."""
    if said.measured_at is None or fact.stale_after is None:
        return False
    return as_of - said.measured_at > fact.stale_after


def unknown_because(fact: Fact, said: Reported, as_of: datetime) -> list[UnknownReason]:
    """The reasons for which the value counts as unknown: those that the fact declares and that hold."""
    holds = _holds(fact, said, as_of)
    return [reason for reason in fact.unknown_if if holds[reason]]


def any_unsure(vocabulary: Vocabulary, reported: Mapping[str, Reported], as_of: datetime) -> bool:
    """Whether a posted fact is old, of one page alone or disputed, whether it counts or not."""
    facts = vocabulary.facts
    return any(any(_holds(facts[name], said, as_of).values()) for name, said in reported.items())


def _holds(fact: Fact, said: Reported, as_of: datetime) -> Mapping[UnknownReason, bool]:
    return {
        "old": is_old(fact, said, as_of),
        "page": said.scope == "page",
        "disputed": said.disputed,
    }


def counted(
    facts: Mapping[str, Any],
    reported: Mapping[str, Reported],
    may_not_count: Iterable[Fact],
    as_of: datetime,
) -> Mapping[str, Any]:
    """The facts as they count: null for each value that counts as unknown. `may_not_count` are the facts with `unknown_if`."""
    unknown = [
        fact.name
        for fact in may_not_count
        if fact.name in reported and unknown_because(fact, reported[fact.name], as_of)
    ]
    return {**facts, **dict.fromkeys(unknown)} if unknown else facts
