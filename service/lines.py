"""Many incidents, one JSON body a line: each line gets its answer, or its problem with its number. No output here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import IO, Any

from schemas.strict_json import read_json
from service.problem_details import ASSESSMENT_ERRORS, details, details_of
from service.serving.packs import Packs

MAX_LINE_BYTES = 1024 * 1024


def numbered_lines(file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Lines with their numbers from 1, without empty ones. One that is too long is cut just beyond its limit."""
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
    now: datetime,
    new_id: Callable[[], str],
    failed: Callable[[Exception], None] = lambda error: None,
) -> tuple[dict[str, Any], bool]:
    """The assessment, or the problem with its line number; and whether it is an assessment. `failed` is told why not."""
    if len(line) > MAX_LINE_BYTES:
        return details(413, "an incident may have 1 MiB", line=number), False
    try:
        answer = packs.assess(read_json(line), now)
    except ASSESSMENT_ERRORS as error:
        failed(error)
        return {**details_of(error), "line": number}, False
    return {"assessment_id": new_id(), **answer}, True
