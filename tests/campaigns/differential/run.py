"""Runs chunks of random packs in several processes until enough unique pairs were judged.

A chunk depends only on the seed and its number, so a difference can be reproduced anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from tests.campaigns.differential.conditions import compare_matchers, compare_oracles
from tests.campaigns.differential.differences import Difference
from tests.campaigns.differential.packs import compare_packs
from tests.campaigns.differential.tally import Tally, Total

BranchTest = Callable[[Random, Path, Tally], Iterator[Difference]]
COMPARISONS: tuple[BranchTest, ...] = (compare_matchers, compare_oracles, compare_packs)


@dataclass
class Chunk:
    """The results of one chunk. `found` are the differences, made small, as text."""

    number: int
    tally: Tally = field(default_factory=Tally)
    found: list[str] = field(default_factory=list)


def run_chunk(seed: int, number: int) -> Chunk:
    """Runs all comparisons of a chunk. Each has its own random source."""
    chunk = Chunk(number)
    with TemporaryDirectory(prefix="campaign-") as folder:
        for compare in COMPARISONS:
            chance = Random(f"{seed} {number} {compare.__name__}")
            chunk.found += map(str, compare(chance, Path(folder), chunk.tally))
    return chunk


def run(
    seed: int, pairs: int, processes: int, progress: Callable[[Total], None]
) -> tuple[Total, list[Chunk]]:
    """The total, and the chunks with differences. It stops after the first of them."""
    total, wrong = Total(), list[Chunk]()
    with ProcessPoolExecutor(processes, get_context("spawn")) as workers:
        numbers = count()
        waiting: set[Future[Chunk]] = set()
        while len(total.seen) < pairs and not wrong:
            while len(waiting) < processes + 1:
                waiting.add(workers.submit(run_chunk, seed, next(numbers)))
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            for chunk in (future.result() for future in done):
                total.add(chunk.tally)
                wrong += [chunk] if chunk.found else []
            progress(total)
        for future in waiting:
            future.cancel()
    return total, wrong
