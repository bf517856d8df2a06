"""The figures of one process. Threads add to counters and histograms; gauges are read when somebody asks for them."""

from __future__ import annotations

import os
from bisect import bisect_left
from collections import Counter as Counts
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Literal

Labels = tuple[str, ...]
Sums = Mapping[Labels, Sequence[float]]
"""The numbers of each series. Those of several processes are added."""
GaugeValues = Mapping[Labels, float]

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
"""The upper bounds of a histogram's buckets, in seconds. A last bucket takes everything above."""


@dataclass(frozen=True, slots=True)
class About:
    """What Prometheus is told of a metric. A counter's name has no `_total` here."""

    name: str
    help: str
    kind: Literal["counter", "histogram", "gauge"]
    labels: Labels = ()

    @property
    def size(self) -> int:
        """The count of numbers of each series."""
        return len(BOUNDS) + 2 if self.kind == "histogram" else 1


class Counter:
    def __init__(self, name: str, text: str, *labels: str) -> None:
        self.about = About(name, text, "counter", labels)
        self._begin()
        os.register_at_fork(after_in_child=self._begin)

    def _begin(self) -> None:
        """A forked child counts from zero: its parent still has what it counted."""
        self._lock = Lock()
        self._counts: Counts[Labels] = Counts() if self.about.labels else Counts({(): 0})

    def add(self, *labels: str, amount: int = 1) -> None:
        with self._lock:
            self._counts[labels] += amount

    def add_each(self, series: Iterable[Labels]) -> None:
        """Adds one to each of these series."""
        with self._lock:
            self._counts.update(series)

    def sums(self) -> Sums:
        with self._lock:
            return {labels: (count,) for labels, count in self._counts.items()}


class GroupedCounter:
    """A counter with two labels, of which one call adds to many series of one group: a name that is counted is hashed only once."""

    def __init__(self, name: str, text: str, group: str, label: str) -> None:
        self.about = About(name, text, "counter", (group, label))
        self._begin()
        os.register_at_fork(after_in_child=self._begin)

    def _begin(self) -> None:
        self._lock = Lock()
        self._groups: dict[str, Counts[str]] = {}

    def add_each(self, group: str, names: Iterable[str]) -> None:
        """Adds one to each of these series."""
        with self._lock:
            counts = self._groups.get(group)
            if counts is None:
                counts = self._groups[group] = Counts()
            counts.update(names)

    def sums(self) -> Sums:
        with self._lock:
            return {
                (group, name): (count,)
                for group, counts in self._groups.items()
                for name, count in counts.items()
            }


class Histogram:
    """Its numbers are the count of each bucket, not added up, and then the sum of what was observed."""

    def __init__(self, name: str, text: str, *labels: str) -> None:
        self.about = About(name, text, "histogram", labels)
        self._begin()
        os.register_at_fork(after_in_child=self._begin)

    def _begin(self) -> None:
        self._lock = Lock()
        self._series: dict[Labels, list[float]] = {}

    def observe(self, amount: float, *labels: str) -> None:
        bucket = bisect_left(BOUNDS, amount)
        with self._lock:
            numbers = self._series.get(labels)
            if numbers is None:
                numbers = self._series[labels] = [0.0] * self.about.size
            numbers[bucket] += 1
            numbers[-1] += amount

    def sums(self) -> Sums:
        with self._lock:
            return {labels: tuple(numbers) for labels, numbers in self._series.items()}


@dataclass(frozen=True, slots=True)
class ReadCounter:
    """A counter without labels that another part of the process keeps."""

    about: About
    read: Callable[[], float]

    def sums(self) -> Sums:
        return {(): (self.read(),)}


@dataclass(frozen=True, slots=True)
class Gauge:
    """The greatest value of all workers is shown."""

    about: About
    read: Callable[[], GaugeValues]


Summed = Counter | GroupedCounter | Histogram | ReadCounter
