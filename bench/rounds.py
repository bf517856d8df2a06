"""Measures several tasks in rounds, each in another order, so that a slow minute of the machine affects all tasks the same way."""

from __future__ import annotations

import gc
import random
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

SECONDS_A_ROUND = 0.1
Task = Callable[[], int]
"""Does some work and returns the number of items."""


@dataclass(frozen=True)
class Timing:
    """CPU seconds of one item in each round."""

    rounds: tuple[float, ...]

    @property
    def seconds(self) -> float:
        return statistics.median(self.rounds)

    @property
    def spread(self) -> float:
        return spread(self.rounds)


def spread(rounds: Sequence[float]) -> float:
    """Half the range of the middle half of the rounds, as a share of the median."""
    if len(rounds) < 2:
        return 0.0
    low, middle, high = statistics.quantiles(rounds, n=4, method="inclusive")
    return (high - low) / 2 / middle


def side_by_side(tasks: Mapping[str, Task], rounds: int) -> dict[str, Timing]:
    """Each task's timing by its name. All are warmed up before the first round."""
    found: dict[str, list[float]] = {name: [] for name in tasks}
    for task in tasks.values():
        task()
    for number in range(rounds):
        names = list(tasks)
        random.Random(number).shuffle(names)
        for name in names:
            found[name].append(_seconds_an_item(tasks[name]))
    return {name: Timing(tuple(seconds)) for name, seconds in found.items()}


def _seconds_an_item(task: Task) -> float:
    """CPU time of this process, so that waiting for the processor is not counted."""
    gc.collect()
    items, start = 0, time.process_time()
    while (taken := time.process_time() - start) < SECONDS_A_ROUND:
        items += task()
    return taken / items
