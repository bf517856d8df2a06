"""Calendars of a pack: in which zone days are counted, and which days are worked and traded, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

DayKind = Literal["calendar", "working", "trading"]
DAY_KINDS: tuple[DayKind, ...] = ("calendar", "working", "trading")


@dataclass(frozen=True, slots=True)
class Days:
    """A number of days of one kind. It is no number of hours: the day of the event does not count."""

    number: int
    kind: DayKind

    def __str__(self) -> str:
        kind = "" if self.kind == "calendar" else f"{self.kind} "
        return f"{self.number} {kind}day{'s' if self.number > 1 else ''}"


@dataclass(frozen=True, slots=True)
class AtOnce:
    """A duty to act at once: it has no number of hours, so it is never late by hours."""

    def __str__(self) -> str:
        return "at once"


TimeSpan = timedelta | Days | AtOnce
"""How long a deadline is."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """`holidays` are days without work, `working` are days of a weekend on which people work, `no_trading` further days
    without trading, `trading` are holidays with trading. There is no trading on a weekend.

    `years` are those that the file has, `tentative` those of them whose holidays the state has not yet announced.
    """

    name: str
    zone: ZoneInfo
    years: tuple[int, int]
    weekend: frozenset[int]
    holidays: frozenset[date]
    working: frozenset[date] = frozenset()
    no_trading: frozenset[date] = frozenset()
    trading: frozenset[date] = frozenset()
    tentative: frozenset[int] = frozenset()
    source: str = ""

    def knows(self, year: int) -> bool:
        return self.years[0] <= year <= self.years[1] and year not in self.tentative

    def is_worked(self, day: date) -> bool:
        return day in self.working or (
            day.weekday() not in self.weekend and day not in self.holidays
        )

    def is_traded(self, day: date) -> bool:
        return (
            day.weekday() not in self.weekend
            and day not in self.no_trading
            and (day not in self.holidays or day in self.trading)
        )
