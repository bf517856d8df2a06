"""Reads deadlines as authors write them: a span, or `from` moments and a span for each value of an output.

Hours, calendar days, working days, trading days and "at once" are different units: none is turned into another one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, cast

from schemas.closest import did_you_mean
from schemas.scalars import parse_duration
from schemas.vocabulary import Fact
from service.language.collector import BoundValue
from service.language.model import (
    ASKED_AT,
    AtOnce,
    Calendar,
    DayKind,
    Days,
    Due,
    Output,
    TimeSpan,
)

DUE_KEYS = ("from", "by", "within", "calendar")
DAYS = re.compile(r"([1-9]\d{0,2}) (?:(working|trading) )?days?")
AT_ONCE = "at once"


def read_due(raw: Any, here: BoundValue) -> Due | None:
    """A deadline as its author wrote it; None if there is none."""
    if raw is None:
        return None
    if not isinstance(raw, dict):
        return Due(within=_span(raw, here))
    by, within = raw.get("by"), raw.get("within")
    spans = {key: value for key, value in raw.items() if key not in DUE_KEYS}
    _check_form(by, within, spans, here)
    start = raw.get("from", [])
    only = isinstance(start, dict) and list(start) == ["only"]
    calendar = raw.get("calendar")
    if calendar is not None and not isinstance(calendar, str):
        here.at("calendar").error("due-form", "'calendar' must name a calendar of this pack")
    return Due(
        start=_start(start["only"], here.at("from", "only"))
        if only
        else _start(start, here.at("from")),
        within=None if within is None else _span(within, here.at("within")),
        by=by if isinstance(by, str) else None,
        within_by={key: _span(value, here.at(key)) for key, value in spans.items()},
        only=only,
        calendar=calendar if isinstance(calendar, str) else None,
    )


def read_interval(raw: Any, here: BoundValue) -> Due | None:
    """An interval: a deadline in hours, from the moment of the answer."""
    due = read_due(raw, here)
    if due is not None and not all(isinstance(span, timedelta) for span in due.spans):
        here.error("due-form", "an interval is a duration such as 30m, 4h or 3d")
        return None
    return due


def _start(raw: Any, here: BoundValue) -> tuple[str, ...]:
    names = [raw] if isinstance(raw, str) else raw
    if isinstance(names, list) and all(isinstance(name, str) for name in names):
        if ASKED_AT in names[:-1]:
            message = f"what stands after '{ASKED_AT}' never counts: that moment is always known"
            here.error("due-form", message, f"put '{ASKED_AT}' last")
        return tuple(names)
    here.error(
        "due-form",
        "'from' must name facts: [group.moment], or the only ones: {only: [group.moment]}",
    )
    return ()


def _check_form(by: Any, within: Any, spans: Mapping[str, Any], here: BoundValue) -> None:
    if by is not None and not isinstance(by, str):
        here.at("by").error("due-form", "'by' must name an output")
    if (by is None) == (within is None):
        here.error(
            "due-form",
            "a deadline needs either 'within: 4h' or 'by: an_output' with a duration for each value",
        )
    if by is None and spans:
        key = next(iter(spans))
        here.at(key).key.error("unknown-key", f"'{key}' is not a known key here")


def _span(raw: Any, here: BoundValue) -> TimeSpan:
    """A duration, a number of days such as `4 working days`, or `at once`."""
    text = str(raw)
    if text == AT_ONCE:
        return AtOnce()
    if days := DAYS.fullmatch(text):
        return Days(int(days[1]), cast(DayKind, days[2] or "calendar"))
    return read_span(raw, here, or_days=True)


def read_span(raw: Any, here: BoundValue, *, or_days: bool = False) -> timedelta:
    """A duration such as 30m, 4h or 3d. Anything else is reported, and zero is returned."""
    try:
        span = parse_duration(str(raw), days=True)
    except ValueError:
        span = None
    if span is None or span < timedelta():
        hint = "or write: at once, 3 days, 4 working days, 2 trading days" if or_days else ""
        here.error("due-form", f"'{raw}' is not a duration such as 30m, 4h or 3d", hint)
    return span or timedelta()


def check_due(
    due: Due | None,
    facts: Mapping[str, Fact],
    outputs: Mapping[str, Output],
    calendars: Mapping[str, Calendar],
    here: BoundValue,
) -> None:
    """Check that a deadline names facts that are moments, has a span for every value of its output, and has its calendar."""
    if due is None:
        return
    _check_calendar(due, calendars, here)
    if due.only and not due.start:
        here.at("from").error("due-form", "'only' must name the facts that start the clock")
    moments = [name for name, fact in facts.items() if fact.type.name == "datetime"]
    for position, name in enumerate(due.start):
        if name not in moments and (due.only or name != ASKED_AT):
            message = f"'{name}' is not a datetime fact of this pack"
            at = here.at("from", "only", position) if due.only else here.at("from", position)
            at.error(
                "unknown-fact",
                message,
                did_you_mean(name, moments if due.only else [*moments, ASKED_AT]),
            )
    if due.by is not None:
        _check_by(due, due.by, outputs, here)


def _check_by(due: Due, by: str, outputs: Mapping[str, Output], here: BoundValue) -> None:
    output = outputs.get(by)
    graded = output is not None and output.type.name == "enum" and not output.policy.is_collected
    if output is None or not graded:
        message = f"'{by}' is not an enum output of this pack"
        here.at("by").error("unknown-output", message, did_you_mean(by, outputs))
        return
    values = output.type.values
    needed = [value for value in values if value not in output.below_scale]
    lacking = [value for value in needed if value not in due.within_by]
    lacking += [value for value in due.within_by if value not in values]
    if lacking:
        message = f"the durations and the values of '{by}' differ in: {', '.join(lacking)}"
        here.error("due-form", message)


def _check_calendar(due: Due, calendars: Mapping[str, Calendar], here: BoundValue) -> None:
    if due.calendar is not None and due.calendar not in calendars:
        message = f"'{due.calendar}' is not a calendar of this pack"
        hint = did_you_mean(due.calendar, calendars) or "add calendars/NAME.yaml"
        here.at("calendar").error("unknown-calendar", message, hint)
        return
    counted = [span for span in due.spans if isinstance(span, Days) and span.kind != "calendar"]
    if counted and due.calendar is None and len(calendars) != 1:
        message = f"'{counted[0]}' needs a calendar"
        hint = f"name one: {', '.join(calendars)}" if calendars else "add calendars/NAME.yaml"
        here.error("unknown-calendar", message, hint)
