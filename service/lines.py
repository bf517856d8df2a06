"""Answers lines of incidents, one JSON body per line: each gets an answer, or a problem with its line number. It must not write output."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import IO, Any

from schemas.field_error import FieldError
from schemas.incident import named, sent_keys
from schemas.scalars import MOMENT
from schemas.strict_json import Json, read_json
from service.answering import Observers, answer, problem, report_entry
from service.asking.posted import Post
from service.problem_details import ASSESSMENT_ERRORS, IncidentTooLong
from service.reporting.profiles import Profile
from service.serving.packs import Packs
from service.serving.served_pack import RefusedIncident

MAX_LINE_BYTES = 1024 * 1024
AS_OF = "as_of"
NO_MOMENT = datetime.min.replace(tzinfo=UTC)
"""The present moment of a run in which each body has its own: no answer depends on it."""


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


def without_moment(body: Any) -> bool:
    """Whether it is a body that does not say which moment it is about."""
    return isinstance(body, dict) and body.get(AS_OF) is None


def with_own_moment(body: Any, message: str, hint: str) -> Any:
    """The body, of a run that has no moment. Raises RefusedIncident if the body has none either."""
    if without_moment(body):
        raise RefusedIncident([FieldError(AS_OF, "missing", message, None, MOMENT, hint)])
    return body


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
