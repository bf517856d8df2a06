"""Counts days from a moment by a calendar. It takes the moment from the caller and must not read a clock.

The day of the event does not count. The last day ends as late as the calendar's zone allows: at 23:59:59. Working and
trading days are counted one by one, so an event on a closed day has the next open day as its first. Calendar days are not
made longer where the last one is closed: the earlier deadline is never too late.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo

from service.language.model import Calendar, Days

DAY = timedelta(days=1)
LAST_SECOND = time(23, 59, 59)
MOST_DAYS = 4000
"""A count ends there: a calendar without open days has none."""


def end_of(
    start: datetime, days: Days, calendar: Calendar | None, zone: tzinfo
) -> tuple[datetime, bool]:
    """The end of the last of these days after `start`, in UTC, and whether it is unsure.

    It is unsure if a day after the event is in a year that the calendar does not have, or only tentatively.
    """
    zone = calendar.zone if calendar else zone
    first = start.astimezone(zone).date()
    if days.kind == "calendar" or calendar is None:
        return _end(first + days.number * DAY, zone), False
    is_open = calendar.is_worked if days.kind == "working" else calendar.is_traded
    day, left = first, days.number
    while left and (day - first).days < MOST_DAYS:
        day += DAY
        left -= is_open(day)
    unsure = not all(calendar.knows(year) for year in range((first + DAY).year, day.year + 1))
    return _end(day, zone), unsure


def _end(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, LAST_SECOND, zone).astimezone(UTC)
