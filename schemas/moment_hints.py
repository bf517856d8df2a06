"""Hints for texts and numbers that are no moment: the right form of what was most likely meant. It must not read a moment."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

from schemas.scalars import format_datetime, parse_datetime

NULL_IS_UNKNOWN = "send null if it is unknown or has not happened yet: null means unknown"
OFFSETS = "offsets go from -23:59 to +23:59, with minutes from 00 to 59"
NO_OFFSET = "a local time needs its offset from UTC"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
YEARS = (100_000_000, 4_200_000_000)
"""Seconds of the epoch that are taken for a moment: from 1973 to 2103. In no two units is a number in this range."""
UNITS = {"seconds": 1, "milliseconds": 10**3, "microseconds": 10**6, "nanoseconds": 10**9}

_NUMBER = re.compile(r"-?\d{1,20}(?:\.\d{1,20})?", re.ASCII)
_PARTS = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:[Tt ]\s*(\d{2}:\d{2})(:\d{2})?(?:[.,](\d+))?)?\s*(Z|z|UTC|GMT|[+-]\d{1,2}(?::?\d{2})?)?",
    re.ASCII,
)
_ZERO_YEARS = re.compile(r"000[01]-", re.ASCII)
MOST_CHARACTERS = 64


def moment_hint(given: Any, for_none: str = "") -> str:
    """What to send instead of something that `parse_datetime` refuses, or "".

    `for_none` is the hint for what programs write if there is no moment: zero, and dates in the years 0 and 1.
    """
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        return ""
    text = str(given).strip()
    if len(text) > MOST_CHARACTERS:
        return ""
    if _NUMBER.fullmatch(text):
        return _epoch_hint(Fraction(text)) if float(text) else for_none
    if _ZERO_YEARS.match(text):
        return for_none
    found = _PARTS.fullmatch(text)
    return _written_hint(*found.groups()) if found else ""


def _epoch_hint(number: Fraction) -> str:
    """The moment that a number of an epoch stands for, in the unit in which it lies in our years."""
    for unit, parts in UNITS.items():
        seconds = number / parts
        if YEARS[0] <= abs(seconds) < YEARS[1]:
            moment = EPOCH + timedelta(microseconds=int(seconds * 1_000_000))
            return f"{unit} since 1970 are written {format_datetime(moment)}"
    return ""


def _written_hint(
    day: str, minutes: str | None, seconds: str | None, fraction: str | None, offset: str | None
) -> str:
    """The same moment in the right form; for a local time two moments that it can be."""
    time = f"{minutes or '00:00'}{seconds or ':00'}{f'.{fraction[:9]}' if fraction else ''}"
    local = f"{day}T{time}"
    if not _is_moment(f"{local}Z"):
        return ""
    if offset is None:
        return f"{NO_OFFSET}: {local}+08:00 for China, {local}Z for UTC"
    written = local + _offset(offset)
    return f"write {written}" if _is_moment(written) else OFFSETS


def _offset(written: str) -> str:
    """An offset as RFC 3339 writes it."""
    if written[0] not in "+-":
        return "Z"
    hours, minutes = written[1:3].rstrip(":"), written[3:].lstrip(":")
    return f"{written[0]}{hours:0>2}:{minutes or '00'}"


def _is_moment(text: str) -> bool:
    try:
        parse_datetime(text)
    except ValueError:
        return False
    return True
