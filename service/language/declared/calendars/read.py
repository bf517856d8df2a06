"""Reads calendars from the folder `calendars` of a pack, and checks the days in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from schemas.closest import did_you_mean
from schemas.files.calendar_file import WEEKDAYS
from service.language.collector import BoundValue
from service.language.declared.whole_pack import read_timezone
from service.language.model import Calendar

CALENDARS_FOLDER = "calendars"
YEARS = re.compile(r"(\d{4})\.\.(\d{4})")
DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def is_calendar(name: str) -> bool:
    """Whether a pack's file of this name is a calendar."""
    return name.startswith(f"{CALENDARS_FOLDER}/") and name.count("/") == 1


def read_calendar(data: Mapping[str, Any], name: str, here: BoundValue) -> Calendar:
    """`name` is that of the file without its ending: the calendar must have the same."""
    if data["calendar"] != name:
        here.at("calendar").error("calendar-form", f"this file is the calendar '{name}'")
    years = read_years(data["years"])
    if years is None:
        here.at("years").error("calendar-form", "'years' must be like 2026..2027")
    first, last = years or (1, 9998)
    days = {
        key: _days(data.get(key, ()), first, last, here.at(key))
        for key in ("holidays", "working", "no_trading", "trading")
    }
    weekend = _weekend(data["weekend"], here.at("weekend"))
    for position, text in enumerate(data.get("working", ())):
        if text in data["holidays"]:
            message = f"{text} is a holiday and a day of work"
            here.at("working", position).error("calendar-form", message)
    for position, text in enumerate(data.get("trading", ())):
        if text not in data["holidays"] or text in data.get("no_trading", ()):
            message = f"{text} must be a holiday that is not listed under no_trading"
            here.at("trading", position).error("calendar-form", message)
    for position, year in enumerate(data.get("tentative", ())):
        if not first <= year <= last:
            message = f"{year} is not in the years of this calendar"
            here.at("tentative", position).error("calendar-form", message)
    return Calendar(
        name=name,
        zone=read_timezone(data["zone"], here.at("zone")),
        years=(first, last),
        weekend=weekend,
        tentative=frozenset(data.get("tentative", ())),
        source=data.get("source", ""),
        **days,
    )


def read_years(text: str) -> tuple[int, int] | None:
    """The first and the last year of `2026..2027`; None if it is written otherwise."""
    found = YEARS.fullmatch(text)
    first, last = (int(found[1]), int(found[2])) if found else (0, 0)
    return (first, last) if 1 <= first <= last <= 9998 else None


def _weekend(names: Sequence[str], here: BoundValue) -> frozenset[int]:
    for position, name in enumerate(names):
        if name not in WEEKDAYS:
            hint = did_you_mean(name, WEEKDAYS)
            here.at(position).error("calendar-form", f"'{name}' is not a day of the week", hint)
    return frozenset(WEEKDAYS.index(name) for name in names if name in WEEKDAYS)


def _days(texts: Iterable[str], first: int, last: int, here: BoundValue) -> frozenset[date]:
    found = set()
    for position, text in enumerate(texts):
        day = _day(text)
        if day is None:
            here.at(position).error("calendar-form", f"'{text}' is not a date such as 2026-10-01")
        elif not first <= day.year <= last:
            here.at(position).error("calendar-form", f"{text} is not in the years of this calendar")
        else:
            found.add(day)
    return frozenset(found)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if DATE.fullmatch(text) else None
    except ValueError:
        return None
