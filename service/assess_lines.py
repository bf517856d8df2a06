"""Assesses a file of incidents for the command: a line in, a line out, a progress bar on a terminal."""

from __future__ import annotations

import os
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import IO, Any

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from schemas.strict_json import read_json, write_json
from service.engine.packs import Packs
from service.problem_details import ASSESSMENT_ERRORS, details, details_of

MAX_LINE_BYTES = 1024 * 1024


def assess_file(file: IO[bytes], packs: Packs) -> int:
    """Writes one line for each incident to standard output; returns how many were problems."""
    failed = 0
    with _progress(file) as advance:
        for number, line in _incidents(file):
            answer = _answer(line, number, packs)
            failed += "assessment_id" not in answer
            sys.stdout.buffer.write(write_json(answer) + b"\n")
            advance(len(line))
    sys.stdout.buffer.flush()
    return failed


def _incidents(file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    if str(getattr(file, "name", "")).endswith(".json"):
        yield 1, file.read()
        return
    for number, line in enumerate(iter(lambda: file.readline(MAX_LINE_BYTES + 1), b""), start=1):
        if len(line) > MAX_LINE_BYTES:
            _skip_line(file, line)
        if line.strip():
            yield number, line


def _skip_line(file: IO[bytes], start: bytes) -> None:
    while start and not start.endswith(b"\n"):
        start = file.readline(MAX_LINE_BYTES)


def _answer(line: bytes, number: int, packs: Packs) -> dict[str, Any]:
    if len(line) > MAX_LINE_BYTES:
        return details(413, "an incident may have 1 MiB", line=number)
    try:
        answer = packs.assess(read_json(line), datetime.now(UTC).replace(microsecond=0))
    except ASSESSMENT_ERRORS as error:
        return {**details_of(error), "line": number}
    return {"assessment_id": str(uuid.uuid4()), **answer}


@contextmanager
def _progress(file: IO[bytes]) -> Iterator[Callable[[int], object]]:
    """A bar on standard error where that is a terminal and the answers go elsewhere; else nothing."""
    if not sys.stderr.isatty() or sys.stdout.isatty():
        yield lambda count: None
        return
    columns = (TextColumn("assessing"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("assessing", total=_size(file))
        yield lambda count: bar.advance(task, count)


def _size(file: IO[bytes]) -> int | None:
    try:
        status = os.fstat(file.fileno())
    except (OSError, ValueError):
        return None
    return status.st_size or None
