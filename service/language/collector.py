"""The one way to report problems in a file: a collector for each load, and reporters bound to places. It must not read files."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from service.language.place import Path, Place
from service.language.problem import Problem, Severity, has_errors
from service.language.problem_codes import ProblemCode


class Places(Protocol):
    """A file that was read. It knows the places of its values."""

    def place(self, path: Path) -> Place:
        """The place of the value at `path`; if there is none, of the nearest value around it."""
        ...

    def key_place(self, path: Path) -> Place:
        """The place of the key of the value at `path`."""
        ...


@dataclass(frozen=True, slots=True)
class Collector:
    """The problems found so far."""

    problems: list[Problem] = field(default_factory=list)

    def at(self, place: Place) -> Reporter:
        return Reporter(self, place)

    def of(self, source: Places) -> ValueReporter:
        """A reporter for the whole file."""
        return ValueReporter(self, source)

    def has_errors(self, since: int = 0) -> bool:
        """Whether any problem is an error, not counting the first `since` problems."""
        return has_errors(self.problems[since:])


@dataclass(frozen=True, slots=True)
class Reporter:
    """Reports problems at one place. A pack with warnings only can serve."""

    collector: Collector
    place: Place

    def error(self, code: ProblemCode, message: str, hint: str = "") -> None:
        self._add(code, message, hint, "error")

    def warning(self, code: ProblemCode, message: str, hint: str = "") -> None:
        self._add(code, message, hint, "warning")

    def inside(self, start: int, end: int) -> Reporter:
        """A reporter for characters `start` to `end` of the text at this place."""
        return Reporter(self.collector, self.place.inside(start, end))

    def _add(self, code: ProblemCode, message: str, hint: str, severity: Severity) -> None:
        at = self.place
        self.collector.problems.append(
            Problem(at.file, at.line, at.column, code, message, hint, at.length, severity)
        )


@dataclass(frozen=True, slots=True)
class ValueReporter:
    """Reports problems at one value of a file. It looks up the place only if it is needed."""

    collector: Collector
    source: Places
    path: Path = ()

    def at(self, *path: str | int) -> ValueReporter:
        """A reporter for a value inside this one."""
        return ValueReporter(self.collector, self.source, (*self.path, *path))

    @property
    def parent(self) -> ValueReporter:
        """A reporter for the value that contains this one."""
        return ValueReporter(self.collector, self.source, self.path[:-1])

    @property
    def place(self) -> Place:
        return self.source.place(self.path)

    @property
    def value(self) -> Reporter:
        return Reporter(self.collector, self.place)

    @property
    def key(self) -> Reporter:
        """A reporter for the key of this value."""
        return Reporter(self.collector, self.source.key_place(self.path))

    def error(self, code: ProblemCode, message: str, hint: str = "") -> None:
        self.value.error(code, message, hint)

    def warning(self, code: ProblemCode, message: str, hint: str = "") -> None:
        self.value.warning(code, message, hint)
