"""How many batches run at once, when the first of them should end, and how their lines are counted."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from random import Random

import pytest

from service.api.batches.line_count import LineCount
from service.api.running_batches import RunningBatches, TooManyBatches


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def told(*batches: tuple[int, int, float]) -> int:
    """What a refused caller is told while these batches run: their lines, those done, and the seconds since each began."""
    clock = Clock()
    running = RunningBatches(len(batches), clock)
    with ExitStack() as stack:
        for lines, done, seconds in batches:
            progress = stack.enter_context(running.one_more())
            clock.now = 1000.0 - seconds
            running.begin_lines(progress, lines)
            progress.done = done
        clock.now = 1000.0
        with pytest.raises(TooManyBatches):
            stack.enter_context(running.one_more())
        return running.seconds_until_one_ends()


@pytest.mark.parametrize(
    ("batches", "seconds"),
    [
        ([(100, 10, 2.0)], 18),
        ([(100, 10, 2.0), (100, 50, 2.0)], 2),
        ([(1000, 3, 1.0)], 60),
        ([(100, 99, 1.0)], 1),
        ([(100, 100, 5.0)], 1),
        ([(100, 100, 5.0), (100, 10, 2.0)], 1),
        ([(100, 0, 5.0)], 1),
        ([(0, 0, 0.0)], 1),
        ([(100, 0, 0.0), (100, 10, 2.0)], 18),
        ([(1000, 100, 1.0)], 9),
        ([(1000, 99, 1.0)], 10),
    ],
)
def test_the_seconds_until_the_first_batch_should_end_follow_from_its_lines(
    batches: list[tuple[int, int, float]], seconds: int
) -> None:
    assert told(*batches) == seconds


def test_a_batch_that_ended_makes_room_also_after_an_error() -> None:
    running = RunningBatches(1)
    with pytest.raises(ZeroDivisionError), running.one_more():
        _ = 1 / 0
    with running.one_more(), pytest.raises(TooManyBatches), running.one_more():
        pass


def test_lines_are_counted_the_same_however_the_body_is_cut() -> None:
    random = Random(12)
    for _ in range(3000):
        body = bytes(random.choices(b"a \n\r\t\x0b\x0c\x85", k=random.randrange(30)))
        count, at = LineCount(), 0
        while at < len(body):
            size = random.randrange(1, 9)
            count.take(body[at : at + size])
            at += size
        assert count.lines == sum(1 for line in body.split(b"\n") if line.strip()), body
