"""Reads and writes moments (RFC 3339) and durations (as in CEL, "1h30m"). It must not read a clock."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta, timezone, tzinfo
from fractions import Fraction

INT64_MIN = -(2**63)
INT64_MAX = 2**63 - 1

_RFC3339 = re.compile(
    r"(\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2})(\.\d{1,9})?(?:[Zz]|([+-](?:[01]\d|2[0-3])):?([0-5]\d))",
    re.ASCII,
)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DURATION_PART = re.compile(r"(\d+(?:\.\d+)?)(d|h|ms|m|s|us|ns)", re.ASCII)
_NANOSECONDS = {
    "d": 86_400_000_000_000,
    "h": 3_600_000_000_000,
    "m": 60_000_000_000,
    "s": 1_000_000_000,
    "ms": 1_000_000,
    "us": 1_000,
    "ns": 1,
}
MAX_DURATION = timedelta(seconds=315_576_000_000)
"""About 10,000 years, positive or negative: the limit of google.protobuf.Duration, the type of CEL's durations."""


ZERO = "+00:00"
MOMENT = "an RFC 3339 date-time with offset, such as 2026-01-01T09:30:00+08:00"
"""The accepted form of a moment, in words."""


def becomes_zero(written: str, value: float) -> bool:
    """Whether a number was written that is not zero, but is too small for a double."""
    return value == 0 and any(digit in "123456789" for digit in written.lower().partition("e")[0])


def parse_datetime(text: str) -> datetime:
    """Read an RFC 3339 date-time with offset (https://www.rfc-editor.org/rfc/rfc3339#section-5.6).

    An offset may also be written +0800, as ISO 8601 allows. Fractions finer than a microsecond are cut. Raises
    ValueError for anything else.
    """
    found = _RFC3339.fullmatch(text)
    if found is None:
        raise ValueError(text)
    whole, fraction, hours, minutes = found.groups()
    offset = f"{hours}:{minutes}" if hours else "+00:00"
    moment = datetime.fromisoformat(f"{whole.upper()}{(fraction or '')[:7]}{offset}")
    return _in_calendar(moment)


def is_moment(text: str) -> bool:
    """Whether `parse_datetime` reads it."""
    try:
        parse_datetime(text)
    except ValueError:
        return False
    return True


def written_offset(text: str) -> timezone | None:
    """The offset of a date-time that `parse_datetime` reads, as a zone named by it, such as +05:30.

    None for Z and -00:00, which name no local time (https://www.rfc-editor.org/rfc/rfc3339#section-4.3). +00:00 names one.
    """
    found = _RFC3339.fullmatch(text)
    if found is None or found[3] is None or found[3] + found[4] == "-0000":
        return None
    name = f"{found[3]}:{found[4]}"
    offset = timedelta(hours=int(found[3][1:]), minutes=int(found[4]))
    return timezone(-offset if name.startswith("-") else offset, name)


def parse_moment(text: str, zone: tzinfo) -> datetime:
    """Read a date-time with offset, or a bare date as its first moment in this zone."""
    if _DATE.fullmatch(text):
        day = datetime.strptime(text, "%Y-%m-%d").date()
        return _in_calendar(datetime.combine(day, time(), zone))
    return parse_datetime(text)


def _in_calendar(moment: datetime) -> datetime:
    """The moment. Raises ValueError if it is outside the calendar in UTC: its offset can cause this in the years 0001 and 9999."""
    try:
        moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(moment) from None
    return moment


def parse_duration(text: str, *, days: bool = False) -> timedelta:
    """Read a duration as CEL writes it: "4h", "1h30m", "-90s", "0"; with `days` also "3d", and not "0".

    Fractions finer than a microsecond are cut. Raises ValueError for anything else, also beyond MAX_DURATION.
    """
    unsigned = text.removeprefix("-")
    if unsigned == "0" and not days:
        return timedelta()
    parts = _DURATION_PART.findall(unsigned)
    if not parts or "".join(number + unit for number, unit in parts) != unsigned:
        raise ValueError(text)
    if not days and any(unit == "d" for _, unit in parts):
        raise ValueError(text)
    nanoseconds = sum(Fraction(number) * _NANOSECONDS[unit] for number, unit in parts)
    if nanoseconds > MAX_DURATION // timedelta(microseconds=1) * 1000:
        raise ValueError(text)
    total = timedelta(microseconds=int(nanoseconds // 1000))
    return -total if text.startswith("-") else total


def in_zone(moment: datetime, zone: tzinfo) -> datetime:
    """The moment in this zone, or in UTC if RFC 3339 cannot write it in this zone.

    It cannot if the local time is before year 1 or after year 9999, nor if the offset of the zone has seconds, as it
    had before about 1900.
    """
    try:
        local = moment.astimezone(zone)
    except OverflowError:
        return moment.astimezone(UTC)
    offset = local.utcoffset() or timedelta()
    return moment.astimezone(UTC) if offset % timedelta(minutes=1) else local


def local_time(moment: datetime, form: str) -> str:
    """The moment as the clocks of its zone show it; with its offset in an hour that they run through twice."""
    is_twice = moment.replace(fold=1 - moment.fold).utcoffset() != moment.utcoffset()
    return moment.strftime(form) + (f" ({moment.isoformat()[-6:]})" if is_twice else "")


def format_datetime(moment: datetime) -> str:
    """The moment in its own zone, as RFC 3339 writes it. UTC is Z, but the offset +00:00 of a caller stays as it was written."""
    written = moment.isoformat()
    if written.endswith(ZERO) and str(moment.tzinfo) != ZERO:
        return written.removesuffix(ZERO) + "Z"
    return written


def format_duration(duration: timedelta) -> str:
    """Write a duration the way `parse_duration` reads it: "4h", "1h30m", "1.5s", "0s"."""
    microseconds = round(duration / timedelta(microseconds=1))
    sign, microseconds = ("-", -microseconds) if microseconds < 0 else ("", microseconds)
    hours, rest = divmod(microseconds, 3_600_000_000)
    minutes, rest = divmod(rest, 60_000_000)
    seconds = f"{rest / 1_000_000:.6f}".rstrip("0").rstrip(".")
    parts = [f"{hours}h" if hours else "", f"{minutes}m" if minutes else ""]
    return sign + ("".join(parts) + (f"{seconds}s" if rest else "") or "0s")


def format_number(value: float) -> str:
    """A number with few digits: at most four after the point, and four significant ones below one."""
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:.4g}" if abs(value) < 1 else f"{round(value, 4):,.10g}"
