"""Keeps and compares what the cases of a pack answer, in the file snapshot.txt beside them. It affects no answer: the digest is without it."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from service.authoring.cases import CaseResult
from service.authoring.kept_answers import (
    FormError,
    Kept,
    case_key,
    changes,
    kept_of,
    lines_of,
    read_lines,
)
from service.language.collector import one_error
from service.language.files.look import CASES_FOLDER, printable
from service.language.files.pack_files import read_regular_file
from service.language.files.pack_folder import unreadable
from service.language.model import Pack
from service.language.place import Place
from service.language.problem import Problem

FILE = "snapshot.txt"
BEGINNING = "# What the cases beside this file answer. `tocsin test` compares it, `tocsin test --update` writes it again.\n"
MOST_COUNTED = 12
"""The most changes that a line of the summary has."""


class _Answered(NamedTuple):
    """A case with what is to be kept of its answer: None if it has none."""

    place: Place
    kept: Kept | None


class _BrokenError(Exception):
    """A snapshot that cannot be read, or whose lines have not the form of one."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class ComparedAnswers:
    """The answers of the cases beside their snapshots. `files` has the text that each snapshot should have."""

    files: Mapping[Path, str]
    problems: list[Problem] = field(default_factory=list)
    counted: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How many cases have a change: by section, and what happened."""
    unanswered: int = 0
    """The cases without an answer. They are not compared."""

    @property
    def differing(self) -> int:
        return sum(1 for problem in self.problems if problem.code == "snapshot-differs")

    def summary(self) -> Iterator[str]:
        """How often each change occurs, a line for each section. The review of a changed rule can begin with it."""
        for section in sorted({section for section, _ in self.counted}):
            found = [(what, n) for (of, what), n in self.counted.most_common() if of == section]
            listed = ", ".join(f"{what} in {number}" for what, number in found[:MOST_COUNTED])
            more = len(found) - MOST_COUNTED
            yield f"  {section}: {listed}" + (f", and {more} more" if more > 0 else "")


def compare(folder: Path, pack: Pack, results: Iterable[CaseResult]) -> ComparedAnswers:
    """Compares the answers with each snapshot that there is. A case that is new or gone is a difference too."""
    by_file = _by_file(folder, pack, results)
    unanswered = sum(one.kept is None for answered in by_file.values() for one in answered.values())
    files = {file: _text(answered) for file, answered in by_file.items()}
    comparison = ComparedAnswers(files, unanswered=unanswered)
    for file, answered in by_file.items():
        try:
            _compare_file(file, answered, comparison)
        except _BrokenError as broken:
            comparison.problems.append(broken.problem)
    comparison.problems.sort()
    return comparison


def keep(compared: ComparedAnswers, *, update: bool) -> list[Path]:
    """Writes the snapshots that are not there yet, with `update` all that have changed. Raises OSError."""
    written = []
    for file, text in compared.files.items():
        if not os.path.lexists(file) or (update and not _has(file, text)):
            _write(file, text)
            written.append(file)
    return written


def _has(file: Path, text: str) -> bool:
    try:
        return _read(file) == text
    except _BrokenError:
        return False


def _write(file: Path, text: str) -> None:
    """Replaces the file in one step: a reader sees the old text or the new one. Raises OSError."""
    new = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with new.open("x", encoding="utf-8", newline="\n") as opened:
            opened.write(text)
            opened.flush()
            os.fsync(opened.fileno())
        new.replace(file)
    except OSError:
        new.unlink(missing_ok=True)
        raise


def _by_file(
    folder: Path, pack: Pack, results: Iterable[CaseResult]
) -> dict[Path, dict[str, _Answered]]:
    """For each snapshot the cases that belong in it, by name. Two cases of one name get numbers."""
    own = folder / CASES_FOLDER / FILE
    files: dict[Path, dict[str, _Answered]] = {own: {}} if os.path.lexists(own) else {}
    for result in results:
        file, place = Path(result.case.place.file), result.case.place
        answered = files.setdefault(file.with_name(FILE), {})
        key = one = case_key(file.name, result.case.name)
        number = 1
        while one in answered:
            number += 1
            one = f"{key} #{number}"
        kept = None if result.answer is None else kept_of(one, result.answer, pack)
        answered[one] = _Answered(place, kept)
    return files


def _text(answered: Mapping[str, _Answered]) -> str:
    kept = sorted((one.kept for one in answered.values() if one.kept), key=_in_order)
    return BEGINNING + "".join(map(lines_of, kept))


def _in_order(kept: Kept) -> list[Any]:
    """By name, numbers by their value: step 10 comes after step 9."""
    return [int(part) if part.isdecimal() else part for part in re.split(r"([0-9]+)", kept.case)]


def _compare_file(file: Path, answered: Mapping[str, _Answered], into: ComparedAnswers) -> None:
    """Raises _BrokenError."""
    if not os.path.lexists(file):
        return
    text = _read(file)
    if text == into.files[file]:
        return
    stored = _stored(text, file)
    found = list(_differences(file, stored, answered))
    into.problems.extend(problem for problem, _ in found)
    into.counted.update(change for _, made in found for change in made)
    if not found:
        raise _BrokenError(_wrong_form(file, 1, "its lines are not in the order of their names"))


def _read(file: Path) -> str:
    """Raises _BrokenError."""
    try:
        if file.is_symlink():
            raise OSError("it is a link")
        return read_regular_file(file).decode("utf-8").replace("\r\n", "\n")
    except OSError as error:
        code, message = unreadable(error if error.errno else str(error))
    except UnicodeDecodeError:
        code, message = "not-utf8", "the file is not UTF-8"
    hint = "`tocsin test --update` writes it again"
    raise _BrokenError(one_error(Place(printable(file)), code, message, hint))


def _stored(text: str, file: Path) -> dict[str, tuple[int, Kept]]:
    """Each case with the number of its line. Raises _BrokenError."""
    found: dict[str, tuple[int, Kept]] = {}
    lines = [(n, line) for n, line in enumerate(text.split("\n"), 1) if line and line[0] != "#"]
    for (number, first), (_, second) in zip(lines[::2], [*lines[1::2], (0, "")], strict=False):
        try:
            kept = read_lines(first, second)
        except FormError:
            raise _BrokenError(_wrong_form(file, number, f"not a case: {first[:80]!r}")) from None
        if kept.case in found:
            raise _BrokenError(_wrong_form(file, number, f"'{kept.case}' is there twice"))
        found[kept.case] = (number, kept)
    return found


def _wrong_form(file: Path, line: int, why: str) -> Problem:
    hint = "read the differences to its last version, then write it again: `tocsin test --update`"
    return one_error(Place(printable(file), line), "snapshot-form", why, hint)


def _differences(
    file: Path, stored: Mapping[str, tuple[int, Kept]], answered: Mapping[str, _Answered]
) -> Iterator[tuple[Problem, list[tuple[str, str]]]]:
    for key, (place, kept) in answered.items():
        if kept is None:
            continue
        if key not in stored:
            yield _differs(place, f"'{key}' is new: it is not in {FILE}"), [("cases", "new")]
        elif made := list(changes(stored[key][1], kept)):
            said = "; ".join(change.words for change in made)
            yield _differs(place, f"'{key}': {said}"), [change.counted_as for change in made]
    for key, (line, _) in stored.items():
        if key not in answered:
            place = Place(printable(file), line)
            yield _differs(place, f"'{key}' is gone: it is no case any more"), [("cases", "gone")]


def _differs(place: Place, message: str) -> Problem:
    return one_error(place, "snapshot-differs", message)
