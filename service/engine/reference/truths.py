"""The truth values that the reference finds for the rules of a pack."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from service.engine.bits import numbers

Truth = bool | None


@dataclass(slots=True)
class Truths:
    """The truth values of `number` rules. `true` and `unknown` are sets of rules as bits: bit n is rule n. All others are false."""

    number: int
    true: int = 0
    unknown: int = 0

    def copy(self) -> Truths:
        return Truths(self.number, self.true, self.unknown)

    def __iter__(self) -> Iterator[Truth]:
        return map(self.of, range(self.number))

    def of(self, position: int) -> Truth:
        if self.true >> position & 1:
            return True
        return None if self.unknown >> position & 1 else False

    def change(self, position: int, truth: Truth) -> bool:
        """Sets a rule's truth value. Returns whether the value is a new one."""
        if self.of(position) is truth:
            return False
        bit = 1 << position
        self.true = self.true | bit if truth is True else self.true & ~bit
        self.unknown = self.unknown | bit if truth is None else self.unknown & ~bit
        return True

    def fired(self) -> Iterable[int]:
        """The positions of the true rules, in order."""
        return numbers(self.true)

    def firing(self, positions: Iterable[int]) -> tuple[int, ...]:
        """The true ones of these rules."""
        true = self.true
        return tuple([position for position in positions if true >> position & 1])
