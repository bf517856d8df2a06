"""Days of a deadline: rows with their source, and all days of two years against a list of the open days.

Civil Code of the PRC, art. 201: the day of the event does not count; art. 203: the last day ends at 24:00. Regulation
(EEC) 1182/71, art. 3 says the same. Form 8-K, B.1: after an event on a closed day the first open day is day one.
"""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from service.engine.judging.dates.day_count import end_of
from service.language.load import load_pack
from service.language.model import Calendar, DayKind, Days, Pack

ROOT = Path(__file__).parents[2]
CALENDARS = ROOT / "rules" / "pr_crisis" / "calendars"
ZONES = {"cn": ZoneInfo("Asia/Shanghai"), "us": ZoneInfo("America/New_York")}

# The days off of 2026 that the State Council announced on 2025-11-04, and those of the New York Stock Exchange.
ROWS = [
    (
        "cn",
        "2026-09-29T10:00",
        2,
        "working",
        "2026-10-08",
    ),  # 30 September, then 1-7 October are off
    ("cn", "2026-09-30T23:59", 1, "trading", "2026-10-08"),
    ("cn", "2026-10-08T00:00", 2, "working", "2026-10-10"),  # a Saturday on which people work
    ("cn", "2026-10-08T00:00", 2, "trading", "2026-10-12"),  # without trading
    ("cn", "2026-10-01T09:00", 1, "working", "2026-10-08"),  # an event on a day off
    ("cn", "2026-09-11T12:00", 3, "calendar", "2026-09-14"),
    ("us", "2026-09-04T10:00", 4, "working", "2026-09-11"),  # Labor Day on the 7th
    ("us", "2026-09-05T10:00", 4, "working", "2026-09-11"),  # a Saturday: Tuesday is day one
    ("us", "2026-04-02T10:00", 1, "trading", "2026-04-06"),  # Good Friday: no trading
    ("us", "2026-04-02T10:00", 1, "working", "2026-04-03"),
    ("us", "2026-10-09T10:00", 1, "trading", "2026-10-12"),  # Columbus Day: trading
    ("us", "2026-10-09T10:00", 1, "working", "2026-10-13"),
    ("us", "2026-11-10T10:00", 2, "trading", "2026-11-12"),  # Veterans Day: trading
    ("us", "2026-03-06T23:30", 1, "working", "2026-03-09"),  # clocks go forward on the 8th
    ("us", "2026-10-30T23:30", 1, "working", "2026-11-02"),  # clocks go back on the 1st
]


@pytest.fixture(scope="module")
def pack() -> Pack:
    pack, _ = load_pack(ROOT / "rules" / "pr_crisis")
    assert pack is not None
    return pack


def last_day(pack: Pack, name: str, start: datetime, number: int, kind: DayKind) -> date:
    end, _ = end_of(start, Days(number, kind), pack.calendars[name], UTC)
    local = end.astimezone(ZONES[name])
    assert local.time() == time(23, 59, 59)
    return local.date()


@pytest.mark.parametrize(("name", "start", "number", "kind", "end"), ROWS)
def test_days_are_counted_in_the_zone_of_the_calendar_without_the_day_of_the_event(
    pack: Pack, name: str, start: str, number: int, kind: DayKind, end: str
) -> None:
    at = datetime.fromisoformat(start).replace(tzinfo=ZONES[name]).astimezone(UTC)
    assert last_day(pack, name, at, number, kind) == date.fromisoformat(end)


def open_days(name: str, kind: str) -> list[date]:
    """Every open day of the file, read without the code of the calendar."""
    data: dict[str, Any] = yaml.safe_load((CALENDARS / f"{name}.yaml").read_text("utf-8"))
    listed = {
        key: set(map(str, data[key])) for key in ("holidays", "working", "no_trading", "trading")
    }
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(730)]
    week = {"saturday": 5, "sunday": 6}
    weekend = {week[day] for day in data["weekend"]}
    closed = listed["holidays"]
    if kind == "trading":
        closed = closed - listed["trading"] | listed["no_trading"]
    made_up = listed["working"] if kind == "working" else set()
    return [
        day
        for day in days
        if str(day) in made_up or (day.weekday() not in weekend and str(day) not in closed)
    ]


@pytest.mark.parametrize("name", ["cn", "us"])
@pytest.mark.parametrize("kind", ["working", "trading"])
def test_the_last_day_is_the_nth_open_day_after_the_event(
    pack: Pack, name: str, kind: DayKind
) -> None:
    days, chance = open_days(name, kind), random.Random(1)
    for _ in range(500):
        start = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=chance.randint(0, 24 * 690))
        after = [day for day in days if day > start.astimezone(ZONES[name]).date()]
        number = chance.randint(1, 20)
        assert last_day(pack, name, start, number, kind) == after[number - 1]


def calendar(**changes: Any) -> Calendar:
    fields: dict[str, Any] = {
        "weekend": frozenset(),
        "holidays": frozenset(),
        "years": (2026, 2026),
    }
    return Calendar("port", ZoneInfo("UTC"), **{**fields, **changes})


@pytest.mark.parametrize(
    ("start", "tentative", "unsure"),
    [
        ("2026-12-01", frozenset(), False),
        ("2026-12-30", frozenset(), True),  # ends in 2027, which the calendar does not have
        ("2025-12-30", frozenset(), True),  # begins before it
        ("2025-12-31", frozenset(), False),  # the day of the event does not count
        ("2026-12-01", frozenset([2026]), True),
    ],
)
def test_days_of_a_year_that_the_calendar_does_not_have_are_unsure(
    start: str, tentative: frozenset[int], unsure: bool
) -> None:
    at = datetime.fromisoformat(start).replace(tzinfo=UTC)
    told = end_of(at, Days(3, "working"), calendar(tentative=tentative), UTC)
    assert told[1] is unsure
    assert end_of(at, Days(3, "calendar"), None, UTC)[1] is False


def test_a_calendar_without_open_days_ends_a_count() -> None:
    closed = calendar(weekend=frozenset(range(7)))
    at = datetime(2026, 1, 1, tzinfo=UTC)
    assert end_of(at, Days(1, "working"), closed, UTC)[1] is True
