"""A set of small numbers as the bits of an int: number n is bit n. The union of two sets is one operation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def bits(numbers: Iterable[int]) -> int:
    found = 0
    for number in numbers:
        found |= 1 << number
    return found


def numbers(bits: int) -> Iterator[int]:
    """The numbers of a set, lowest first."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest
