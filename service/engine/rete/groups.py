"""Spreads branches over groups, each of which becomes a handle: those that read the same fields stand together.

A handle is told all fields that it reads, and each makes its match slower. It must keep the limits of a handle.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeAlias

from service.engine.bits import bits
from service.engine.rete.box_conditions import MAX_COMPARISONS, Operator

# C keeps pending nodes on a stack of 64, and hangs when a node has 513 children. A branch is one
# path through the network, so 60 branches and the warm rule have at most 61 nodes pending.
MAX_HANDLE_BRANCHES = 60
# C refuses a fact of more than 252 fields, and each field makes a match slower. The longest branch must fit.
MAX_HANDLE_FIELDS = MAX_COMPARISONS
WINDOW = 100
"""A group takes its next branch out of so many. To look at all takes a time that grows with the square of their number."""


class TypedField(NamedTuple):
    """A field of conditions, read as booleans or as numbers. Each has its own field in C, because C reads true as 1."""

    name: str
    is_boolean: bool


class BranchTest(NamedTuple):
    field: TypedField
    operator: Operator
    constant: int | float


Branch: TypeAlias = frozenset[BranchTest]


class _BranchFields(NamedTuple):
    """A branch with the fields that it reads, as bits: the more branches read a field, the lower its bit."""

    branch: Branch
    fields: int

    def cost(self, known: int) -> tuple[int, int]:
        """How many fields it adds to those that are known; then the more of them it shares the better."""
        return (self.fields & ~known).bit_count(), -(self.fields & known).bit_count()


def groups(branches: Iterable[Branch]) -> Iterator[list[Branch]]:
    """Each group begins with a branch that reads what most branches read, and takes the one next that adds the fewest fields."""
    left = _most_read_first(list(branches))
    while left:
        first = left.pop(0)
        group, known = [first.branch], first.fields
        while left and len(group) < MAX_HANDLE_BRANCHES:
            window = range(min(WINDOW, len(left)))
            place = min(window, key=lambda number: left[number].cost(known))
            if (known | left[place].fields).bit_count() > MAX_HANDLE_FIELDS:
                break
            chosen = left.pop(place)
            group.append(chosen.branch)
            known |= chosen.fields
        yield group


def _most_read_first(branches: list[Branch]) -> list[_BranchFields]:
    read = [frozenset(test.field for test in branch) for branch in branches]
    counted = Counter(field for fields in read for field in sorted(fields))
    place = {field: number for number, (field, _) in enumerate(counted.most_common())}
    found = [
        _BranchFields(branch, bits(place[field] for field in fields))
        for branch, fields in zip(branches, read, strict=True)
    ]
    return sorted(found, key=lambda one: one.fields & -one.fields)
