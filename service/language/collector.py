"""The one way to say what is wrong in a file: a collector for each load, bound to places and values. It must not read files."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Protocol

from service.language.place import Path, Place
from service.language.problem import Problem, Severity, has_errors
from service.language.problem_codes import ProblemCode

MOST_PROBLEMS = 200
"""The most problems that are listed for one pack. One more problem then says that there are more."""
MOST_CHARACTERS = 1_000
"""The most characters of a message or hint."""


class FullError(Exception):
    """There are more errors than are listed. Whatever looks for problems ends here."""


class Places(Protocol):
    """A file that was read. It knows the places of its values."""

    def place(self, path: Path) -> Place:
        """The place of the value at `path`; if there is none, of the nearest value around it."""
        ...

    def key_place(self, path: Path) -> Place:
        """The place of the key of the value at `path`."""
        ...

    def written(self, path: Path) -> Any:
        """The value at `path` as its author wrote it. None if there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Collector:
    """The problems found so far: at most MOST_PROBLEMS errors and as many warnings.

    One error more raises FullError, so that no check goes on without a limit. More warnings are dropped.
    """

    problems: list[Problem] = field(default_factory=list)
    _found: Counter[Severity] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._found.update(problem.severity for problem in self.problems)

    def at(self, place: Place) -> BoundPlace:
        return BoundPlace(self, place)

    def of(self, source: Places) -> BoundValue:
        """Bound to the whole file."""
        return BoundValue(self, source)

    def has_errors(self, since: int = 0) -> bool:
        """Whether any problem is an error, not counting the first `since` problems."""
        return has_errors(self.problems[since:])

    @property
    def takes_warnings(self) -> bool:
        return self._found["warning"] < MOST_PROBLEMS

    def drop_warning(self) -> None:
        """Counts a warning that is not listed."""
        self._found["warning"] += 1

    def add(self, problem: Problem) -> None:
        """Raises FullError."""
        self._found[problem.severity] += 1
        if self._found[problem.severity] <= MOST_PROBLEMS:
            self.problems.append(problem)
        elif problem.severity == "error":
            raise FullError

    def listed(self) -> list[Problem]:
        """The problems sorted by place, each once. Of more than MOST_PROBLEMS, errors are listed before warnings."""
        found = sorted(problem for problem in set(self.problems) if problem.code != MORE)
        if len(found) <= MOST_PROBLEMS and max(self._found.values(), default=0) <= MOST_PROBLEMS:
            return found
        errors_first = sorted(found, key=lambda problem: problem.severity != "error")
        listed = sorted(errors_first[:MOST_PROBLEMS])
        return [*listed, _more(listed)]


def one_error(place: Place, code: ProblemCode, message: str, hint: str = "") -> Problem:
    """An error that is found by itself, after the files were read."""
    collector = Collector()
    collector.at(place).error(code, message, hint)
    return collector.problems[0]


MORE: ProblemCode = "more-problems"


def _more(listed: list[Problem]) -> Problem:
    last = listed[-1]
    severity: Severity = "error" if has_errors(listed) else "warning"
    message = "there are more problems than those listed"
    hint = "correct these first, then check again"
    return Problem(last.file, last.line, last.column, MORE, message, hint, severity=severity)


def _cut(text: str) -> str:
    return text if len(text) <= MOST_CHARACTERS else f"{text[: MOST_CHARACTERS - 1]}…"


@dataclass(frozen=True, slots=True)
class BoundPlace:
    """A collector bound to one place, to which it adds problems. A pack with warnings only can serve."""

    collector: Collector
    place: Place

    def error(self, code: ProblemCode, message: str, hint: str = "") -> None:
        self._add(code, message, hint, "error")

    def warning(self, code: ProblemCode, message: str, hint: str = "") -> None:
        self._add(code, message, hint, "warning")

    def inside(self, start: int, end: int) -> BoundPlace:
        """Bound to characters `start` to `end` of the text at this place."""
        return BoundPlace(self.collector, self.place.inside(start, end))

    def _add(self, code: ProblemCode, message: str, hint: str, severity: Severity) -> None:
        at = self.place
        message, hint = _cut(message), _cut(hint)
        self.collector.add(
            Problem(at.file, at.line, at.column, code, message, hint, at.length, severity)
        )


@dataclass(frozen=True, slots=True)
class BoundValue:
    """A collector bound to one value of a file. It looks up the place only if it is needed."""

    collector: Collector
    source: Places
    path: Path = ()

    def at(self, *path: str | int) -> BoundValue:
        """Bound to a value inside this one."""
        return BoundValue(self.collector, self.source, (*self.path, *path))

    @property
    def parent(self) -> BoundValue:
        """Bound to the value that contains this one."""
        return BoundValue(self.collector, self.source, self.path[:-1])

    @property
    def place(self) -> Place:
        return self.source.place(self.path)

    @property
    def written(self) -> Any:
        """The value as its author wrote it: the name of a constant where it is used."""
        return self.source.written(self.path)

    @property
    def value(self) -> BoundPlace:
        return BoundPlace(self.collector, self.place)

    @property
    def key(self) -> BoundPlace:
        """Bound to the key of this value."""
        return BoundPlace(self.collector, self.source.key_place(self.path))

    def error(self, code: ProblemCode, message: str, hint: str = "") -> None:
        self.value.error(code, message, hint)

    def warning(self, code: ProblemCode, message: str, hint: str = "") -> None:
        if self.collector.takes_warnings:
            self.value.warning(code, message, hint)
        else:
            self.collector.drop_warning()
