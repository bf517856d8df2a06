"""Writes a calendar of a pack from the library `holidays`, which only this command needs.

The file belongs to the pack, so that a later version of the library changes no date of a pack in force.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from importlib.metadata import version
from typing import Any, NamedTuple

from schemas.files.calendar_file import WEEKDAYS


class CalendarSource(NamedTuple):
    """A place as the library names it, its exchange (an ISO 10383 code) and its zone."""

    country: str
    exchange: str | None
    zone: str
    weekend: tuple[str, ...] = ("saturday", "sunday")


PLACES = {
    "cn": CalendarSource("CN", "XSHG", "Asia/Shanghai"),
    "hk": CalendarSource("HK", "XHKG", "Asia/Hong_Kong"),
    "us": CalendarSource("US", "XNYS", "America/New_York"),
    "gb": CalendarSource("GB", "XLON", "Europe/London"),
    "sg": CalendarSource("SG", "XSES", "Asia/Singapore"),
    "jp": CalendarSource("JP", "XJPX", "Asia/Tokyo"),
    "kr": CalendarSource("KR", "XKRX", "Asia/Seoul"),
    "ca": CalendarSource("CA", "XTSE", "America/Toronto"),
}


def calendar_file(name: str, first: int, last: int) -> str:
    """The text of calendars/<name>.yaml. Raises ImportError without the library."""
    import holidays

    place, years = PLACES[name], range(first, last + 1)
    # Asked as a whole, a year also has the days that the year before moves into it.
    closed: Any = holidays.country_holidays(place.country, years=years)
    days = [day for day in sorted(closed) if day.year in years]
    weekend = {WEEKDAYS.index(day) for day in place.weekend}
    working = [day for day in sorted(closed.weekend_workdays) if day.year in years]
    exchange: Any = (
        holidays.financial_holidays(place.exchange, years=years) if place.exchange else ()
    )
    no_trading = [
        day
        for day in sorted(exchange)
        if day.year in years and day.weekday() not in weekend and day not in closed
    ]
    trading = [
        day for day in days if exchange and day.weekday() not in weekend and day not in exchange
    ]
    tentative = [year for year in years if _is_tentative(name, closed, year)]
    return "\n".join(
        [
            f"# Written by `tocsin calendar {name} {first}..{last}`. Compare it with what the state announced.",
            f"calendar: {name}",
            f"source: holidays {version('holidays')}",
            f"zone: {place.zone}",
            f"years: {first}..{last}",
            *([f"tentative: [{', '.join(map(str, tentative))}]"] if tentative else ()),
            f"weekend: [{', '.join(place.weekend)}]",
            *_listed("holidays", days),
            *_listed("working", working),
            *_listed("no_trading", no_trading),
            *_listed("trading", trading),
            "",
        ]
    )


def _is_tentative(name: str, closed: Any, year: int) -> bool:
    """Whether the state announces each year's days, and the library does not have them yet: in mainland China in November."""
    return name == "cn" and year not in closed.special_public_holidays


def _listed(key: str, days: Iterable[date]) -> Iterator[str]:
    """A line a day: a reader compares them with the announcement."""
    lines = [f"  - {day.isoformat()}" for day in days]
    yield from (f"{key}:", *lines) if lines else (f"{key}: []",)
