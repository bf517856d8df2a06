"""Computes which branches a value leaves: for each case that the tests of one slot tell apart, a set of branches as bits.

Two sets say all. `left` are the branches of which no test is false. `known` are those of which no test is unknown. A branch
is true if it is in both, and unknown if it is left but not known. This module must not read rules or write code.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

from service.engine.bits import bits
from service.engine.reference.plain_tests import Compared, Listed, OfOutput
from service.engine.reference.truths import Truth

Stretch = tuple[int, int]
"""Cases from the first number to the second, which is excluded."""


class Use(NamedTuple):
    """A branch, as its bit, that wants this truth value of a question about the slot."""

    branch: int
    question: Any
    truth: bool


class Masks(NamedTuple):
    """The branches that are left, and those that are known."""

    left: int
    known: int


@dataclass(frozen=True, slots=True)
class Cuts:
    """Values in order, cut at `constants`. `at_left` and `at_right` say on which sides of a constant something changes.

    `left` has the branches that are left: if something changes on both sides of the constants, first for values below the first
    constant, then for those equal to it, for those up to the next, and so on. If something changes on one side only, the
    values equal to a constant belong to their other neighbours.
    """

    constants: tuple[Any, ...]
    left: tuple[int, ...]
    at_left: bool
    at_right: bool


def cut(uses: Sequence[Use], everything: int) -> Cuts:
    """The branches that are left by each value that is compared with constants."""
    constants = sorted({use.question.constant for use in uses})
    cases = 2 * len(constants) + 1
    stretches = _stretches(uses, constants, cases)
    left = _left(stretches, cases, everything)
    at_left = any(a != b for a, b in pairwise_from(left, 0))
    at_right = any(a != b for a, b in pairwise_from(left, 1))
    if not (at_left and at_right):
        left = left[::2]
    return Cuts(tuple(constants), tuple(left), at_left, at_right)


def pairwise_from(left: Sequence[int], start: int) -> Iterable[tuple[int, int]]:
    """From 0: each stretch below a constant with the constant. From 1: each constant with the stretch above it."""
    return list(pairwise(left))[start::2]


def _stretches(
    uses: Iterable[Use], constants: Sequence[Any], cases: int
) -> dict[int, list[Stretch]]:
    """By branch, the cases in which no comparison of it is false."""
    found: dict[int, list[Stretch]] = {}
    for branch, question, truth in uses:
        own = _true_in(question, 2 * bisect_left(constants, question.constant) + 1, cases)
        if not truth:
            own = _others(own, cases)
        found[branch] = _both(found[branch], own) if branch in found else own
    return found


def _true_in(question: Compared, equal: int, cases: int) -> list[Stretch]:
    """The cases in which the comparison is true. `equal` is the case of values equal to its constant."""
    match question.operator:
        case ">=":
            return [(equal, cases)]
        case ">":
            return [(equal + 1, cases)]
        case "<":
            return [(0, equal)]
        case "<=":
            return [(0, equal + 1)]
        case "==":
            return [(equal, equal + 1)]
    return [(0, equal), (equal + 1, cases)]


def _others(stretches: Sequence[Stretch], cases: int) -> list[Stretch]:
    """The cases in none of them."""
    edges = [0, *(edge for stretch in stretches for edge in stretch), cases]
    return [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if a < b]


def _both(some: Sequence[Stretch], others: Sequence[Stretch]) -> list[Stretch]:
    pairs = [(max(a, c), min(b, d)) for a, b in some for c, d in others]
    return [(start, end) for start, end in pairs if start < end]


def _left(stretches: Mapping[int, Sequence[Stretch]], cases: int, everything: int) -> list[int]:
    """By case, from the branches that change at its start. So the time depends on the changes, not on cases times branches."""
    changes = [0] * (cases + 1)
    for branch, own in stretches.items():
        everything &= ~(1 << branch)
        for start, end in own:
            changes[start] ^= 1 << branch
            changes[end] ^= 1 << branch
    left = []
    for change in changes[:cases]:
        everything = everything ^ change if change else everything
        left.append(everything)
    return left


def by_value(uses: Sequence[Use], everything: int) -> tuple[dict[Any, Masks], Masks]:
    """The masks of each value that a question lists, and those of all other values."""
    otherwise = _masks(uses, lambda question: question.otherwise, Masks(everything, everything))
    of_branch: dict[int, list[Use]] = {}
    listing: dict[Any, dict[int, None]] = {}
    for use in uses:
        of_branch.setdefault(use.branch, []).append(use)
        for value in use.question.truths:
            listing.setdefault(value, {})[use.branch] = None
    listed = {}
    for value, branches in listing.items():
        anew = bits(branches)
        start = Masks(otherwise.left | anew, otherwise.known | anew)
        own = [use for branch in branches for use in of_branch[branch]]
        listed[value] = _of_value(own, value, start)
    return listed, otherwise


def of_options(uses: Sequence[Use], options: Sequence[Any], everything: int) -> Masks:
    """The masks of an output that can still have several values. A test is known if they all agree on it."""

    def agreed(question: OfOutput) -> Truth:
        truths = {question.truths[option] for option in options}
        return truths.pop() if len(truths) == 1 else None

    return _masks(uses, agreed, Masks(everything, everything))


def of_values(uses: Sequence[Use], everything: int) -> dict[Any, Masks]:
    """The masks of each value of an output."""
    values = uses[0].question.truths
    return {value: of_options(uses, (value,), everything) for value in values}


def _of_value(uses: Sequence[Use], value: Any, start: Masks) -> Masks:
    def truth_of(question: Listed) -> Truth:
        return question.truths.get(value, question.otherwise)

    return _masks(uses, truth_of, start)


def _masks(uses: Iterable[Use], truth_of: Callable[[Any], Truth], start: Masks) -> Masks:
    """What is left of `start` if the questions have these truth values."""
    unknown, false = [], []
    for branch, question, wanted in uses:
        truth = truth_of(question)
        if truth is None:
            unknown.append(branch)
        elif truth is not wanted:
            false.append(branch)
    return Masks(start.left & ~bits(false), start.known & ~bits(unknown))


def without(uses: Iterable[Use], everything: int) -> int:
    """All branches but those that have one of these uses."""
    return everything & ~bits(use.branch for use in uses)
