"""The truth values that the reference finds for the rules of a pack. It knows no condition."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import compress

Truth = bool | None


@dataclass(slots=True)
class Truths:
    """The truth values of all rules, by position, and of the true and the unknown ones a bit each (bit n for rule n)."""

    values: list[Truth]
    true: int = 0
    unknown: int = 0

    @classmethod
    def all_false(cls, number: int) -> Truths:
        return cls([False] * number)

    def copy(self) -> Truths:
        return Truths(self.values.copy(), self.true, self.unknown)

    def change(self, position: int, truth: Truth) -> bool:
        """Whether it was another before."""
        if self.values[position] is truth:
            return False
        self.values[position] = truth
        bit = 1 << position
        self.true = self.true | bit if truth is True else self.true & ~bit
        self.unknown = self.unknown | bit if truth is None else self.unknown & ~bit
        return True

    def fired(self) -> Iterable[int]:
        """The positions of the true ones, in order."""
        return compress(range(len(self.values)), self.values)

    def firing(self, positions: Iterable[int]) -> tuple[int, ...]:
        """Those of these rules that are true."""
        values = self.values
        return tuple([position for position in positions if values[position]])
