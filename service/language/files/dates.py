"""Reads dates and moments from an author's file: a date begins in the pack's time zone."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from schemas.moment_hints import moment_hint
from schemas.scalars import parse_moment
from service.language.collector import BoundValue


def read_date(raw: str, timezone: ZoneInfo, here: BoundValue) -> datetime | None:
    """The moment that is written, or the first moment of the date. Anything else is reported."""
    try:
        return parse_moment(raw, timezone)
    except ValueError:
        message = f"'{raw}' is not a date such as 2026-01-01, nor a date-time with offset"
        here.error("bad-date", message, moment_hint(raw))
        return None
