"""From when until when a rule is in force, as its author wrote it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from schemas.scalars import parse_moment
from service.language.files.source import Source
from service.language.place import Path
from service.language.problem import Problem


def read_effective(
    entry: Mapping[str, str],
    source: Source,
    path: Path,
    timezone: ZoneInfo,
    problems: list[Problem],
) -> tuple[datetime | None, datetime | None]:
    """The first moment and the one that is excluded; None where there is none."""
    start = _moment(entry, "from_", "from", source, path, timezone, problems)
    end = _moment(entry, "until", "until", source, path, timezone, problems)
    if start and end and start >= end:
        message = "'until' must be later than 'from': the rule would never hold"
        problems.append(source.problem(path, "bad-date", message))
    return start, end


def _moment(
    entry: Mapping[str, str],
    key: str,
    name: str,
    source: Source,
    path: Path,
    timezone: ZoneInfo,
    problems: list[Problem],
) -> datetime | None:
    try:
        return parse_moment(entry[key], timezone) if key in entry else None
    except ValueError:
        message = f"'{entry[key]}' is not a date such as 2026-01-01, nor a date-time with offset"
        problems.append(source.problem((*path, name), "bad-date", message))
        return None
