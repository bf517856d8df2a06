"""Assesses a file of incidents for the command, one answer per line, with a progress bar; or writes the report of one incident."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import IO, Any

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from schemas.strict_json import write_json
from service.answering import problem, report
from service.asking.posted import Post
from service.clock import utc_now
from service.lines import MAX_LINE_BYTES, assess_line, numbered_lines, read_line, with_keys
from service.problem_details import ASSESSMENT_ERRORS
from service.reporting.profiles import Profile
from service.serving.packs import Packs


def assess_file(file: IO[bytes], packs: Packs, lenient: bool, more: Mapping[str, Any]) -> int:
    """Writes one line for each incident to standard output. Returns the number of problems.

    `more` are keys that each body gets, unless it has them itself.
    """
    failed, post = 0, Post(utc_now, lenient, partial(with_keys, more))
    with _progress(file) as advance:
        for number, line in _incidents(file):
            answer, well = assess_line(line, number, packs, post)
            failed += not well
            sys.stdout.buffer.write(write_json(answer) + b"\n")
            sys.stdout.buffer.flush()  # a caller may wait for it before it sends the next line
            advance(len(line))
    return failed


def report_file(
    file: IO[bytes], packs: Packs, lenient: bool, more: Mapping[str, Any], profile: Profile = "full"
) -> bool:
    """Writes the report of the one incident in the file to standard output, or its problem. Returns whether it is a report.

    `more` are keys that the body gets, unless it has them itself.
    """
    post = Post(utc_now, lenient, partial(with_keys, more))
    try:
        posted = post(read_line(_read_incident(file), lenient))
        text = report(packs, posted, profile=profile)
    except ASSESSMENT_ERRORS as error:
        sys.stdout.buffer.write(write_json(problem(error)) + b"\n")
        return False
    sys.stdout.buffer.write(text.encode())
    return True


def _incidents(file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    if str(getattr(file, "name", "")).endswith(".json"):
        return iter([(1, _read_incident(file))])
    return numbered_lines(file)


def _read_incident(file: IO[bytes]) -> bytes:
    """All of it, or enough that it is refused as too long."""
    return file.read(MAX_LINE_BYTES + 1)


@contextmanager
def _progress(file: IO[bytes]) -> Iterator[Callable[[int], object]]:
    """Shows a bar on standard error if that is a terminal and standard output is not. The bar advances by bytes."""
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
