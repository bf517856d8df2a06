"""Passes blocks to workers and gives back what they make in the order of the blocks. What is held at once does not grow with the input."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import replace

from service.bulk.reading.blocks import LineBlock
from service.bulk.working.assess_block import BlockAnswer, LineAssessor
from service.bulk.working.workers import GivenUp, Workers

HELD_BY_A_WORKER = 3
"""So many blocks for each worker are read and not yet written: so one slow block keeps no worker from working."""
SECONDS_BETWEEN_LOOKS = 0.2
Written = list[tuple[LineBlock, BlockAnswer]]


def in_order(
    blocks: Iterator[LineBlock],
    assessor: LineAssessor,
    jobs: int,
    gave_up: Callable[[GivenUp], object],
    looked: Callable[[], object],
) -> Generator[Written, None, None]:
    """The answers to all blocks, in lists of those that are ready together.

    `gave_up` is called with a block over which its workers died, `looked` several times a second. Raises NoWorkerError.
    """
    workers: Workers[BlockAnswer] = Workers(jobs, assessor.assess)
    held: dict[int, tuple[LineBlock, BlockAnswer] | None] = {}
    following = next(blocks, None)
    try:
        while following or held:
            while following and len(held) < HELD_BY_A_WORKER * jobs and workers.has_room():
                held[following.number] = None
                workers.give(following)
                following = next(blocks, None)
            for one in workers.done(SECONDS_BETWEEN_LOOKS):
                if isinstance(one, GivenUp):
                    gave_up(one)
                    workers.give(replace(one.block, given_up=one.how))
                else:
                    held[one[0].number] = one
            looked()
            if ready := _taken(held):
                yield ready
    finally:
        workers.close()


def _taken(held: dict[int, tuple[LineBlock, BlockAnswer] | None]) -> Written:
    """Removes the answers that nothing earlier is missing before. `held` has the blocks in their order."""
    ready: Written = []
    for one in list(held.values()):
        if one is None:
            break
        del held[one[0].number]
        ready.append(one)
    return ready
