"""Answers lines of incidents, one JSON body per line: each gets an answer, or a problem with its line number. It must not write output."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

from schemas.strict_json import Json, read_json
from service.answering import Observers, answer, problem
from service.asking.posted import Post
from service.problem_details import ASSESSMENT_ERRORS, IncidentTooLong
from service.serving.packs import Packs

MAX_LINE_BYTES = 1024 * 1024


def numbered_lines(file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """The lines that are not empty, with their numbers from 1. A line that is too long is cut one byte after its limit."""
    for number, line in enumerate(iter(lambda: file.readline(MAX_LINE_BYTES + 1), b""), start=1):
        if len(line) > MAX_LINE_BYTES:
            _skip_line(file, line)
        if line.strip():
            yield number, line


def _skip_line(file: IO[bytes], start: bytes) -> None:
    while start and not start.endswith(b"\n"):
        start = file.readline(MAX_LINE_BYTES)


def assess_line(
    line: bytes,
    number: int,
    packs: Packs,
    post: Post,
    observers: Observers = (),
) -> tuple[Json, bool]:
    """The answer and True, or the problem with its line number and False."""
    try:
        return answer(packs, post(_read(line)), observers), True
    except ASSESSMENT_ERRORS as error:
        return problem(error, observers, line=number), False


def _read(line: bytes) -> Any:
    if len(line) > MAX_LINE_BYTES:
        raise IncidentTooLong
    return read_json(line)
