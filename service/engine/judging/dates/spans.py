"""How long a deadline or an interval is, and the moment after it. It counts no days of a calendar."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from schemas.scalars import format_duration
from service.language.declared.open_values import Options
from service.language.model import AtOnce, Days, Due, TimeSpan

FAR = datetime.max.replace(tzinfo=UTC)


def later(moment: datetime, span: timedelta) -> datetime:
    """The moment after this span, or the last moment of the calendar if that is earlier."""
    try:
        return moment + span
    except OverflowError:
        return FAR


def spans_of(due: Due, can_be: Mapping[str, Any]) -> list[TimeSpan]:
    """The span of time; several if it depends on an open output."""
    if due.by is None:
        return [due.within or timedelta()]
    value = can_be[due.by]
    if isinstance(value, Options):
        return [_of_value(due, option) for option in value.values]
    return [_of_value(due, value)]


def _of_value(due: Due, value: Any) -> TimeSpan:
    """The span for this value of the output. A value below the scale for which none is written has the longest."""
    span = due.within_by.get(value)
    return max(due.within_by.values(), key=_rough) if span is None else span


def _rough(span: TimeSpan) -> timedelta:
    if isinstance(span, Days):
        return timedelta(days=span.number)
    return timedelta() if isinstance(span, AtOnce) else span


def within(interval: Due, can_be: Mapping[str, Any]) -> timedelta:
    """The length of an interval. If it depends on an open output, the shortest that the output's values give."""
    return min(span for span in spans_of(interval, can_be) if isinstance(span, timedelta))


@cache
def written(span: TimeSpan) -> str:
    """A span as authors write it, such as 72h, 4 working days or at once."""
    return format_duration(span) if isinstance(span, timedelta) else str(span)
