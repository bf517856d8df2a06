"""Deadlines as authors write them: a duration, or `from` moments and a duration for each value of an output."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from schemas.closest import did_you_mean
from schemas.scalars import parse_duration
from schemas.vocabulary import Fact
from service.language.files.source import Path, Source
from service.language.model import Due, Output
from service.language.problem import Problem


def read_due(raw: Any, source: Source, path: Path, problems: list[Problem]) -> Due | None:
    """A deadline as its author wrote it; None where there is none."""
    if raw is None:
        return None
    if not isinstance(raw, dict):
        return Due(within=read_span(raw, source, path, problems))
    start = raw.get("from", [])
    start = [start] if isinstance(start, str) else start
    if not isinstance(start, list) or not all(isinstance(name, str) for name in start):
        problems.append(
            source.problem((*path, "from"), "due-form", "'from' names facts: [group.moment]")
        )
        start = []
    by, within = raw.get("by"), raw.get("within")
    if by is not None and not isinstance(by, str):
        problems.append(source.problem((*path, "by"), "due-form", "'by' names an output"))
    if (by is None) == (within is None):
        problems.append(
            source.problem(
                path,
                "due-form",
                "a deadline has either 'within: 4h' or 'by: an_output' with a duration for each value",
            )
        )
    spans = {key: value for key, value in raw.items() if key not in ("from", "by", "within")}
    if by is None and spans:
        key = next(iter(spans))
        problems.append(
            source.problem(
                (*path, key), "unknown-key", f"'{key}' is not a key that is known here", key=True
            )
        )
    return Due(
        start=tuple(start),
        within=None if within is None else read_span(within, source, (*path, "within"), problems),
        by=by if isinstance(by, str) else None,
        within_by={
            key: read_span(value, source, (*path, key), problems) for key, value in spans.items()
        },
    )


def read_span(raw: Any, source: Source, path: Path, problems: list[Problem]) -> timedelta:
    """A duration such as 30m, 4h or 3d; zero where it is none, which is a problem."""
    try:
        span = parse_duration(str(raw), days=True)
    except ValueError:
        span = None
    if span is None or span < timedelta():
        message = f"'{raw}' is not a duration such as 30m, 4h or 3d"
        problems.append(source.problem(path, "due-form", message))
    return span or timedelta()


def due_problems(
    due: Due | None,
    facts: Mapping[str, Fact],
    outputs: Mapping[str, Output],
    source: Source,
    path: Path,
) -> Iterator[Problem]:
    """A deadline names moments that exist and gives every value of its output a duration."""
    if due is None:
        return
    moments = [name for name, fact in facts.items() if fact.type.kind == "datetime"]
    for position, name in enumerate(due.start):
        if name not in moments:
            message = f"'{name}' is not a datetime fact of this pack"
            place = (*path, "from", position)
            yield source.problem(place, "unknown-fact", message, did_you_mean(name, moments))
    if due.by is not None:
        yield from _by_problems(due, due.by, outputs, source, path)


def _by_problems(
    due: Due, by: str, outputs: Mapping[str, Output], source: Source, path: Path
) -> Iterator[Problem]:
    output = outputs.get(by)
    graded = output is not None and output.type.kind == "enum" and not output.policy.is_collected
    if output is None or not graded:
        message = f"'{by}' is not an enum output of this pack"
        yield source.problem((*path, "by"), "unknown-output", message, did_you_mean(by, outputs))
        return
    values = output.type.values
    lacking = [value for value in values if value not in due.within_by]
    lacking += [value for value in due.within_by if value not in values]
    if lacking:
        message = f"the durations and the values of '{by}' differ in: {', '.join(lacking)}"
        yield source.problem(path, "due-form", message)
