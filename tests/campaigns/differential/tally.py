"""Counts the pairs of a campaign: unique pairs as 64-bit fingerprints, their truth values, and the pairs of each comparison."""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

TRUTHS = (True, False, None)


def fingerprint(key: tuple[Any, ...]) -> int:
    """A hash that is the same in every process, unlike `hash`."""
    return int.from_bytes(blake2b(repr(key).encode(), digest_size=8).digest(), "big")


@dataclass
class Tally:
    """A pair is a condition and the values of the facts that it reads, and no others. Each counts once.

    `pairs[n]` has the fingerprints of the pairs whose truth value is TRUTHS[n].
    """

    pairs: tuple[array[int], ...] = field(default_factory=lambda: tuple(array("Q") for _ in TRUTHS))
    compared: Counter[str] = field(default_factory=Counter)

    def add(self, key: tuple[Any, ...], truth: bool | None) -> None:
        self.pairs[TRUTHS.index(truth)].append(fingerprint(key))


@dataclass
class Total:
    """The sum of many tallies. Two pairs with one fingerprint count as one, so the total is never too high."""

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
