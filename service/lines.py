"""Answers lines of incidents, one JSON body per line: each gets an answer, or a problem with its line number. It must not write output."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import IO, Any

from schemas.incident import named, sent_keys
from schemas.strict_json import Json, read_json
from service.answering import Observers, answer, problem, report_entry
from service.asking.posted import Post
from service.problem_details import ASSESSMENT_ERRORS, IncidentTooLong
from service.reporting.profiles import Profile
from service.serving.packs import Packs

MAX_LINE_BYTES = 1024 * 1024


def numbered_lines(file: IO[bytes], read: int = 0) -> Iterator[tuple[int, bytes]]:
    """The lines that are not blank, without their ends, with their numbers. A line that is too long is cut after its limit.

    `read` is the number of the line before the first one.
    """
    with_end = MAX_LINE_BYTES + len(b"\r\n")
    for number, line in enumerate(iter(lambda: file.readline(with_end), b""), start=read + 1):
        has_more = len(line) == with_end and _skip_line(file, line)
        if has_more or line.strip():
            yield number, line.removesuffix(b"\n").removesuffix(b"\r")


def _skip_line(file: IO[bytes], start: bytes) -> bool:
    """Passes over the rest of the line. Returns whether that has more than blanks."""
    has_more = False
    while start and not start.endswith(b"\n"):
        start = file.readline(MAX_LINE_BYTES)
        has_more = has_more or bool(start.strip())
    return has_more


def assess_line(
    line: bytes,
    number: int,
    packs: Packs,
    post: Post,
    observers: Observers = (),
    profile: Profile | None = None,
) -> tuple[Json, bool]:
    """The answer and True, or the problem and False. Both have the number of the line. With a profile it is a report."""
    try:
        posted = post(read_line(line, post.lenient))
        if profile is None:
            return {**answer(packs, posted, observers), "line": number}, True
        return {**report_entry(packs, posted, observers, profile), "line": number}, True
    except ASSESSMENT_ERRORS as error:
        return line_problem(error, line, number, observers), False


def with_keys(more: Mapping[str, Any], body: Any) -> Any:
    """The body with these keys in addition, unless it has them itself."""
    return {**body, **more, **sent_keys(body)} if isinstance(body, dict) else body


def line_problem(error: Exception, line: bytes, number: int, observers: Observers = ()) -> Json:
    """The problem that the caller gets in place of the answer to a line."""
    return problem(error, observers, line=number, incident_id=incident_id_of(line))


def incident_id_of(line: bytes) -> str | None:
    """None if the line or its name cannot be read."""
    try:
        return named(read_line(line, lenient=True))
    except Exception:  # the line has its problem already
        return None


def read_line(line: bytes, lenient: bool) -> Any:
    if len(line) > MAX_LINE_BYTES:
        raise IncidentTooLong
    return read_json(line, lenient=lenient)
