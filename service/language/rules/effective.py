"""Reads the dates between which a rule is in force."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from service.language.collector import BoundValue
from service.language.files.dates import read_date


def read_effective(
    entry: Mapping[str, str], timezone: ZoneInfo, here: BoundValue
) -> tuple[datetime | None, datetime | None]:
    """The first moment, and the end, which is not included. Each is None if there is none."""
    start = _moment(entry, "from_", timezone, here.at("from"))
    end = _moment(entry, "until", timezone, here.at("until"))
    if start and end and start >= end:
        here.error(
            "bad-date", "'until' must be later than 'from': otherwise the rule is never in force"
        )
    return start, end


def _moment(
    entry: Mapping[str, str], key: str, timezone: ZoneInfo, here: BoundValue
) -> datetime | None:
    return read_date(entry[key], timezone, here) if key in entry else None
