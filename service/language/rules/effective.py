"""Reads the dates between which a rule is in force."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from schemas.scalars import parse_moment
from service.language.collector import BoundValue


def read_effective(
    entry: Mapping[str, str], timezone: ZoneInfo, here: BoundValue
) -> tuple[datetime | None, datetime | None]:
    """The first moment, and the end, which is not included. Each is None if there is none."""
    start = _moment(entry.get("from_"), timezone, here.at("from"))
    end = _moment(entry.get("until"), timezone, here.at("until"))
    if start and end and start >= end:
        here.error(
            "bad-date", "'until' must be later than 'from': otherwise the rule is never in force"
        )
    return start, end


def _moment(raw: str | None, timezone: ZoneInfo, here: BoundValue) -> datetime | None:
    try:
        return None if raw is None else parse_moment(raw, timezone)
    except ValueError:
        message = f"'{raw}' is not a date such as 2026-01-01, nor a date-time with offset"
        here.error("bad-date", message)
        return None
