"""Renders problems: as text with the line and a caret, as JSON, or as GitHub annotations."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Literal, assert_never

from service.language.files.pack_files import read_regular_file
from service.language.problem import Problem
from service.language.problem_codes import ProblemCode

Format = Literal["text", "json", "github"]
FORMATS: tuple[Format, ...] = ("text", "json", "github")


OF_WHOLE_FILES: frozenset[ProblemCode] = frozenset(
    {"unreadable-file", "file-too-large", "pack-too-large", "being-written", "too-many-packs"}
)
"""Problems of files that were not read. No line of them is shown."""
LONGEST_LINE = 1_000
"""The most characters of a line that is shown."""


def render(problems: Iterable[Problem], style: Format) -> str:
    """All problems in one text. Without problems it is "", in JSON an empty list."""
    match style:
        case "text":
            return _text(problems)
        case "json":
            return _json(problems)
        case "github":
            return _github(problems)
        case _:
            assert_never(style)


def _text(problems: Iterable[Problem]) -> str:
    return "\n".join(line for problem in problems for line in _text_lines(problem))


def _text_lines(problem: Problem) -> Iterator[str]:
    mark = "warning: " if problem.severity == "warning" else ""
    place = f"{problem.file}:{problem.line}:{problem.column}"
    yield f"{place}: {mark}{problem.code}: {problem.message}"
    source_line = None if problem.code in OF_WHOLE_FILES else _line(problem.file, problem.line)
    if source_line is not None:
        number = f"{problem.line:>5} | "
        yield f"{number}{source_line}"
        before, marked = source_line[: problem.column - 1], source_line[problem.column - 1 :]
        width = max(1, _columns(marked[: problem.length]))
        yield f"{' ' * 5} | {' ' * _columns(before)}{'^' * width}"
    if problem.hint:
        yield f"  hint: {problem.hint}"


def _columns(text: str) -> int:
    """How many terminal columns a text takes: wide characters such as 死 take two."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


@lru_cache(maxsize=256)
def _lines(file: str) -> tuple[str, ...]:
    try:
        return tuple(read_regular_file(Path(file)).decode("utf-8-sig").split("\n"))
    except (OSError, UnicodeDecodeError):
        return ()


def _line(file: str, number: int) -> str | None:
    lines = _lines(file)
    line = lines[number - 1].rstrip("\r") if 0 < number <= len(lines) else None
    return line if line is not None and len(line) <= LONGEST_LINE else None


def _json(problems: Iterable[Problem]) -> str:
    return json.dumps([asdict(problem) for problem in problems], ensure_ascii=False, indent=2)


def _github(problems: Iterable[Problem]) -> str:
    return "\n".join(map(_annotation, problems))


def _annotation(problem: Problem) -> str:
    """https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions"""
    fields = {
        "file": problem.file,
        "line": problem.line,
        "col": problem.column,
        "title": problem.code,
    }
    properties = ",".join(f"{key}={_escaped(str(value), ':,')}" for key, value in fields.items())
    text = problem.message + (f"\nhint: {problem.hint}" if problem.hint else "")
    return f"::{problem.severity} {properties}::{_escaped(text)}"


def _escaped(text: str, more: str = "") -> str:
    for character in "%\r\n" + more:
        text = text.replace(character, f"%{ord(character):02X}")
    return text
