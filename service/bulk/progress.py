"""Shows how far a run is, on standard error: a bar on a terminal, else a line every few seconds. It must not start a thread: workers are forked."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import click

SECONDS_BETWEEN_LINES = 5.0
BAR_WIDTH = 30


@dataclass(frozen=True, slots=True)
class Reached:
    """How far a run is: stored bytes read, lines and problems written."""

    bytes: int
    lines: int
    problems: int


@dataclass(slots=True)
class RunPace:
    """The rate since a run began or went on. `total` are the stored bytes of all inputs, None if one of them has none."""

    total: int | None
    begun: Reached
    now: Reached = field(init=False)
    began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.now = self.begun

    def lines_a_second(self) -> float:
        return (self.now.lines - self.begun.lines) / max(time.monotonic() - self.began, 0.001)

    def seconds_left(self) -> float | None:
        read = self.now.bytes - self.begun.bytes
        if not self.total or read <= 0:
            return None
        unread = max(self.total - self.now.bytes, 0)  # a file may grow while it is read
        return (time.monotonic() - self.began) * unread / read

    def described(self) -> str:
        """Such as `12,800 lines, 1,020 a second, 3 problems, 2:05 left`."""
        said = [f"{self.now.lines:,} lines", f"{self.lines_a_second():,.0f} a second"]
        said.append(f"{self.now.problems:,} problem{'' if self.now.problems == 1 else 's'}")
        if (left := self.seconds_left()) is not None:
            said.append(f"{_span(left)} left")
        return ", ".join(said)


class LinesOfProgress:
    """A line every so many seconds."""

    def __init__(self, pace: RunPace, seconds: float = SECONDS_BETWEEN_LINES) -> None:
        self._pace = pace
        self._seconds = seconds
        self._next = time.monotonic() + seconds

    def show(self) -> None:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + self._seconds
            click.echo(f"tocsin: {self._pace.described()}", err=True)


class BarOfProgress:
    """A bar that `show` draws."""

    def __init__(self, pace: RunPace, bar: Any) -> None:
        self._pace = pace
        self._bar = bar
        self._task = bar.add_task("", total=pace.total)

    def show(self) -> None:
        self._bar.update(
            self._task, completed=self._pace.now.bytes, description=self._pace.described()
        )
        self._bar.refresh()


@contextmanager
def progress_on_standard_error(
    pace: RunPace, answers_on_terminal: bool
) -> Iterator[LinesOfProgress | BarOfProgress]:
    if not sys.stderr.isatty() or answers_on_terminal:
        yield LinesOfProgress(pace)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    columns = (
        TextColumn("assessing"),
        BarColumn(BAR_WIDTH),
        TaskProgressColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=Console(stderr=True), auto_refresh=False) as bar:
        drawn = BarOfProgress(pace, bar)
        yield drawn
        drawn.show()


def _span(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
