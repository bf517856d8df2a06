"""Moments and durations are read exactly, within the ranges of RFC 3339 and CEL."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from schemas.scalars import (
    MAX_DURATION,
    becomes_zero,
    format_datetime,
    format_duration,
    in_zone,
    local_time,
    parse_datetime,
    parse_duration,
    written_offset,
)

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("4h", 4 * 3600 * SECOND),
        ("1h30m", 5400 * SECOND),
        ("-90s", -90 * SECOND),
        ("0", 0 * SECOND),
        ("-0", 0 * SECOND),
        ("1.5h", 5400 * SECOND),
        ("0.1s", timedelta(milliseconds=100)),
        ("1ms", timedelta(milliseconds=1)),
        ("1us", timedelta(microseconds=1)),
        ("1999ns", timedelta(microseconds=1)),
        ("9007199255.000001s", timedelta(seconds=9007199255, microseconds=1)),
        ("315576000000s", MAX_DURATION),
        ("-315576000000s", -MAX_DURATION),
    ],
)
def test_a_duration_is_read_exactly(text: str, value: timedelta) -> None:
    assert parse_duration(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "h",
        "4",
        "4 h",
        "4H",
        "00",
        "0.0",
        "1h0",
        "h4",
        "1d",
        "４h",
        "1e3s",
        "--1s",
        "+1s",
        "315576000000.000001s",
        "9" * 5000 + "h",
    ],
)
def test_a_text_that_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_duration(text)


def test_days_are_for_authors_only() -> None:
    assert parse_duration("2d", days=True) == timedelta(days=2)


def test_authors_write_a_unit_after_every_number() -> None:
    with pytest.raises(ValueError):
        parse_duration("0", days=True)


@pytest.mark.parametrize("text", ["0s", "4h", "1h30m", "1.5s", "-90m", "100h"])
def test_a_duration_is_written_as_it_is_read(text: str) -> None:
    assert parse_duration(format_duration(parse_duration(text))) == parse_duration(text)


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-01",
        "2026-01-01T00:00:00",
        "2026-01-01 00:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:00:00+25:00",
        "2026-01-01T00:00:00+24:00",
        "2026-01-01T00:00:00+08:60",
        "2026-01-01T00:00:00-05:99",
        "2026-01-01T00:00:00+0860",
        "2026-01-01T00:00:00+08",
        "2026-01-01T00:00:00 +08:00",
        "0001-01-01T00:00:00+14:00",
        "２026-01-01T00:00:00Z",
        "2026-01-01T00:00Z",
    ],
)
def test_a_text_that_is_no_rfc_3339_moment_with_offset_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_datetime(text)


def test_small_letters_and_fractions_are_rfc_3339() -> None:
    assert parse_datetime("2026-01-01t00:00:00.123456789z").microsecond == 123456


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York", "UTC"])
@pytest.mark.parametrize(
    "text",
    [
        "0001-01-01T00:00:00Z",
        "1345-01-15T00:23:14.8+14:22",
        "1900-12-31T15:54:16Z",
        "2026-01-01T00:00:00Z",
        "9999-12-31T23:59:59.999999Z",
    ],
)
def test_every_moment_can_be_written_in_every_zone_and_read_back(text: str, zone: str) -> None:
    """Before about 1900 time zones have offsets with seconds, which RFC 3339 does not allow."""
    moment = parse_datetime(text)
    assert parse_datetime(format_datetime(in_zone(moment, ZoneInfo(zone)))) == moment


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("2026-01-01T00:00:00Z", None),
        ("2026-01-01T00:00:00z", None),
        ("2026-01-01T00:00:00-00:00", None),
        ("2026-01-01T00:00:00-0000", None),
        ("2026-01-01T00:00:00+00:00", "+00:00"),
        ("2026-01-01T00:00:00+0530", "+05:30"),
        ("2026-01-01T00:00:00-00:30", "-00:30"),
        ("2026-01-01T00:00:00-23:59", "-23:59"),
    ],
)
def test_an_offset_is_a_zone_of_its_own_and_z_names_none(text: str, name: str | None) -> None:
    """RFC 3339 4.3: Z and -00:00 say what time it is in UTC, not where; +00:00 is an offset like any other."""
    zone = written_offset(text)
    assert (None if zone is None else str(zone)) == name
    moment = parse_datetime(text)
    if zone is not None:
        assert zone.utcoffset(None) == moment.utcoffset()
        assert format_datetime(in_zone(moment, zone)) == f"2026-01-01T00:00:00{name}"


@pytest.mark.parametrize(
    ("written", "lost"),
    [
        ("1e-999", True),
        ("-0.1E-400", True),
        ("2.4e-324", True),
        ("2.5e-324", False),
        ("0e-999", False),
        ("-0.0", False),
        ("0.000e5", False),
        ("1e-320", False),
    ],
)
def test_a_number_that_is_not_zero_is_not_read_as_zero(written: str, lost: bool) -> None:
    assert becomes_zero(written, float(written)) is lost


@pytest.mark.parametrize(
    ("moment", "zone", "written"),
    [
        ("2026-11-01T05:30:00Z", "America/New_York", "01:30 (-04:00)"),
        ("2026-11-01T06:30:00Z", "America/New_York", "01:30 (-05:00)"),
        ("2026-11-01T07:30:00Z", "America/New_York", "02:30"),
        ("2026-03-08T07:30:00Z", "America/New_York", "03:30"),
        ("2026-11-01T05:30:00Z", "Asia/Shanghai", "13:30"),
    ],
)
def test_an_hour_that_clocks_run_through_twice_is_written_with_its_offset(
    moment: str, zone: str, written: str
) -> None:
    assert local_time(in_zone(parse_datetime(moment), ZoneInfo(zone)), "%H:%M") == written
