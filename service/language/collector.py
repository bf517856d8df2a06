"""The one way to say what is wrong in a file: a collector for each load, and reporters bound to places. Reads no files."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from service.language.place import Path, Place
from service.language.problem import Problem, Severity, has_errors
from service.language.problem_codes import ProblemCode


class Places(Protocol):
    """A file that was read: it knows where its values stand."""

    def place(self, path: Path) -> Place:
        """Of the value at `path`, else of the nearest value around it."""
        ...

    def key_place(self, path: Path) -> Place:
        """Of the key of the value at `path`."""
        ...


@dataclass(frozen=True, slots=True)
class Collector:
    """The problems found so far."""

    problems: list[Problem] = field(default_factory=list)

    def at(self, place: Place) -> Reporter:
        return Reporter(self, place)

    def of(self, source: Places) -> ValueReporter:
        """For the whole file."""
        return ValueReporter(self, source)

    def has_errors(self, since: int = 0) -> bool:
        """Whether any problem is an error, not counting the first `since` problems."""
        return has_errors(self.problems[since:])


@dataclass(frozen=True, slots=True)
class Reporter:
    """Reports at one place. A warning does not keep the pack from serving."""

    collector: Collector
    place: Place

    def error(self, code: ProblemCode, message: str, hint: str = "") -> None:
        self._add(code, message, hint, "error")

    def warning(self, code: ProblemCode, message: str, hint: str = "") -> None:
        self._add(code, message, hint, "warning")

    def inside(self, start: int, end: int) -> Reporter:
        """At characters `start` to `end` of the text that stands here."""
        return Reporter(self.collector, self.place.inside(start, end))

    def _add(self, code: ProblemCode, message: str, hint: str, severity: Severity) -> None:
        at = self.place
        self.collector.problems.append(
            Problem(at.file, at.line, at.column, code, message, hint, at.length, severity)
        )


@dataclass(frozen=True, slots=True)
class ValueReporter:
    """Reports at one value of a file. Its place is only looked up where it is needed."""

    collector: Collector
    source: Places
    path: Path = ()

    def at(self, *path: str | int) -> ValueReporter:
        """At a value inside this one."""
        return ValueReporter(self.collector, self.source, (*self.path, *path))

    @property
    def parent(self) -> ValueReporter:
        """At the value that holds this one."""
        return ValueReporter(self.collector, self.source, self.path[:-1])

    @property
    def place(self) -> Place:
        return self.source.place(self.path)

    @property
    def value(self) -> Reporter:
        return Reporter(self.collector, self.place)

    @property
    def key(self) -> Reporter:
        """At the key of this value instead."""
        return Reporter(self.collector, self.source.key_place(self.path))

    def error(self, code: ProblemCode, message: str, hint: str = "") -> None:
        self.value.error(code, message, hint)

    def warning(self, code: ProblemCode, message: str, hint: str = "") -> None:
        self.value.warning(code, message, hint)
