"""What a campaign has seen: unique pairs as 64-bit fingerprints, their truths, and how much each comparison judged."""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

TRUTHS = (True, False, None)


def fingerprint(key: tuple[Any, ...]) -> int:
    """The same in every process, unlike `hash`."""
    return int.from_bytes(blake2b(repr(key).encode(), digest_size=8).digest(), "big")


@dataclass
class Tally:
    """A pair counts once: a condition and the values of just those facts that it reads.

    `pairs[n]` has the fingerprints of the pairs whose truth is TRUTHS[n].
    """

    pairs: tuple[array[int], ...] = field(default_factory=lambda: tuple(array("Q") for _ in TRUTHS))
    compared: Counter[str] = field(default_factory=Counter)

    def add(self, key: tuple[Any, ...], truth: bool | None) -> None:
        self.pairs[TRUTHS.index(truth)].append(fingerprint(key))


@dataclass
class Total:
    """Many tallies in one. Two pairs with one fingerprint count as one, so it never counts too many."""

    seen: set[int] = field(default_factory=set)
    truths: Counter[bool | None] = field(default_factory=Counter)
    compared: Counter[str] = field(default_factory=Counter)

    def add(self, tally: Tally) -> None:
        self.compared.update(tally.compared)
        for truth, pairs in zip(TRUTHS, tally.pairs, strict=True):
            before = len(self.seen)
            self.seen.update(pairs)
            self.truths[truth] += len(self.seen) - before

    def share(self, truth: bool | None) -> float:
        return self.truths[truth] / max(1, len(self.seen))
