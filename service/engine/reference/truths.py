"""The truth values that the reference finds for the rules of a pack."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import compress

Truth = bool | None


@dataclass(slots=True)
class Truths:
    """The truth values of all rules, by position. `true` and `unknown` are sets of rules as bits: bit n is rule n."""

    values: list[Truth]
    true: int = 0
    unknown: int = 0

    @classmethod
    def all_false(cls, number: int) -> Truths:
        return cls([False] * number)

    def copy(self) -> Truths:
        return Truths(self.values.copy(), self.true, self.unknown)

    def change(self, position: int, truth: Truth) -> bool:
        """Sets a rule's truth value. Returns whether the value is a new one."""
        if self.values[position] is truth:
            return False
        self.values[position] = truth
        bit = 1 << position
        self.true = self.true | bit if truth is True else self.true & ~bit
        self.unknown = self.unknown | bit if truth is None else self.unknown & ~bit
        return True

    def fired(self) -> Iterable[int]:
        """The positions of the true rules, in order."""
        return compress(range(len(self.values)), self.values)

    def firing(self, positions: Iterable[int]) -> tuple[int, ...]:
        """The true ones of these rules."""
        values = self.values
        return tuple([position for position in positions if values[position]])
