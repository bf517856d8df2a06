"""Which moments a fact can be: those between its bounds, or those that incidents have. It must not read a clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from marshmallow import ValidationError

from schemas.field_error import entry
from schemas.moment_hints import EPOCH, NULL_IS_UNKNOWN
from schemas.scalars import format_datetime
from schemas.vocabulary import Fact

AHEAD = timedelta(days=1)
"""How much later than `as_of` a fact without `max` may be: clocks differ, and so do time zones that a caller got wrong."""
YEAR_2 = datetime(2, 1, 1, tzinfo=UTC)


def check_moment(moment: datetime, given: str, fact: Fact, as_of: datetime | None) -> None:
    """Raises ValidationError if the fact cannot be this moment. Without `as_of` no moment is too late."""
    limit = _limit(moment, fact, as_of)
    if limit:
        raise ValidationError(
            [
                entry(
                    "out-of-range",
                    f"must be {limit}",
                    given,
                    f"a date-time, {limit}",
                    NULL_IS_UNKNOWN,
                )
            ]
        )


def can_be(moment: datetime, fact: Fact, as_of: datetime) -> bool:
    """Whether a caller can post this moment."""
    return not _limit(moment, fact, as_of)


def bounds_of(fact: Fact) -> str:
    """The bounds of a fact that is a moment, in words. "" if it has none."""
    bounds = (("at least", fact.earliest), ("at most", fact.latest))
    return " and ".join(
        f"{way} {format_datetime(bound)}" for way, bound in bounds if bound is not None
    )


def _limit(moment: datetime, fact: Fact, as_of: datetime | None) -> str:
    """The limit that this moment does not keep, in words; "" if it keeps all. A declared bound replaces the limit on its side."""
    low, high = fact.earliest, fact.latest
    if low is not None:
        if moment < low:
            return bounds_of(fact)
    elif moment < YEAR_2:
        return "later than the year 1"
    elif moment == EPOCH:
        return "another moment than the start of 1970, which programs send for 'not yet'"
    if high is not None:
        return bounds_of(fact) if moment > high else ""
    if as_of is not None and moment - as_of > AHEAD:
        return "at most a day later than as_of"
    return ""
