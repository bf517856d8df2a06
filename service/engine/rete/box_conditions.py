"""Box conditions: comparisons of fields with constants, joined by ands and ors, and the limits that each must keep.

It must not know how their branches are spread over handles.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias, assert_never

from service.engine.rete.spelling import MAX_CONSTANT

Operator: TypeAlias = Literal["==", "!=", "<", "<=", ">", ">="]
FieldValue: TypeAlias = bool | int | float

# Each branch of a rule is one rule in C. With this limit a rule needs at most one more handle.
MAX_BRANCHES = 60
# The most comparisons in one branch. A branch must fit into one handle, whatever fields it reads.
MAX_COMPARISONS = 200
# C refuses a rule with 16 ands and ors, but branches are flat. This limits our own recursion.
MAX_NESTING = 32


class BoxLimitError(ValueError):
    """The condition is too large for durable_rules, or C does not compare its constant exactly."""


@dataclass(frozen=True, slots=True)
class Test:
    """True if `field` has a value, of the constant's kind, for which the comparison holds."""

    field: str
    operator: Operator
    constant: FieldValue


@dataclass(frozen=True, slots=True)
class Every:
    parts: tuple[BoxCondition, ...]


@dataclass(frozen=True, slots=True)
class Some:
    parts: tuple[BoxCondition, ...]


BoxCondition: TypeAlias = Test | Every | Some


def branches(condition: BoxCondition) -> int:
    """The number of branches of a condition, which is written as an or of ands.

    Raises BoxLimitError for a constant that C does not compare exactly.
    """
    match condition:
        case Test(constant=constant):
            if type(constant) not in (bool, int, float) or not abs(constant) <= MAX_CONSTANT:
                raise BoxLimitError(f"C does not compare this constant exactly: {constant!r:.60}")
            return 1
        case Every(parts=parts):
            return math.prod(map(branches, parts))
        case Some(parts=parts):
            return sum(map(branches, parts))
        case _:
            assert_never(condition)


def nesting(condition: BoxCondition) -> int:
    """How deeply Every and Some are nested."""
    if isinstance(condition, Test):
        return 0
    return 1 + max(map(nesting, condition.parts), default=0)


def comparisons(condition: BoxCondition) -> int:
    """The number of comparisons in the longest branch."""
    match condition:
        case Test():
            return 1
        case Every(parts=parts):
            return sum(map(comparisons, parts))
        case Some(parts=parts):
            return max(map(comparisons, parts), default=0)
        case _:
            assert_never(condition)


def check_limits(condition: BoxCondition) -> None:
    """Raises BoxLimitError for a condition that a matcher would refuse."""
    if nesting(condition) > MAX_NESTING:
        raise BoxLimitError(f"more than {MAX_NESTING} levels")
    if branches(condition) > MAX_BRANCHES:
        raise BoxLimitError(f"more than {MAX_BRANCHES} branches")
    if comparisons(condition) > MAX_COMPARISONS:
        raise BoxLimitError(f"more than {MAX_COMPARISONS} comparisons in a branch")
