"""Turns conditions into branches and spreads the branches over handles of durable_rules.

It must not import durable_rules, and it must keep every limit below.
"""

from __future__ import annotations

import math
import operator
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, product
from typing import Any, Literal, NamedTuple, TypeAlias, assert_never

from service.engine.rete.spelling import (
    BEYOND,
    MAX_CONSTANT,
    field_names,
    spell,
    spell_body,
    spell_fact,
    spell_rules,
)

Operator: TypeAlias = Literal["==", "!=", "<", "<=", ">", ">="]
FieldValue: TypeAlias = bool | int | float

# C keeps pending nodes on a stack of 64, and hangs when a node has 513 children. A branch is one
# path through the network, so 60 branches and the warm rule have at most 61 nodes pending.
MAX_HANDLE_BRANCHES = 60
# C refuses a fact of more than 252 fields, and each field makes a match slower.
MAX_HANDLE_FIELDS = 200
# Each branch of a rule is one rule in C. With this limit a rule needs at most one more handle.
MAX_BRANCHES = 60
# The most comparisons in one branch. A branch must fit into one handle, whatever fields it reads.
MAX_COMPARISONS = MAX_HANDLE_FIELDS
# C refuses a rule with 16 ands and ors, but branches are flat. This limits our own recursion.
MAX_NESTING = 32

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_ABSENT: Any = object()


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


class Slot(NamedTuple):
    """A field of conditions, as booleans or as numbers. Each slot has its own field in C, because C reads true as 1."""

    field: str
    is_boolean: bool


class BranchTest(NamedTuple):
    slot: Slot
    operator: Operator
    constant: int | float


Branch: TypeAlias = frozenset[BranchTest]


@dataclass(frozen=True, slots=True)
class HandleDefinition:
    """One handle: its rules, the fields that it reads, and the conditions that each rule stands for.

    `reads` are positions in the network's list of spelled fields. `owners` has the positions of the conditions by rule.
    The fact `smoke` has every field; exactly `smoke_rules` must fire on it.
    """

    rules: str
    reads: tuple[int, ...]
    owners: Mapping[str, tuple[int, ...]]
    smoke: str
    smoke_rules: frozenset[str]

    def fact(self, spelled: Sequence[str]) -> str:
        """The JSON fact of the spelled fields that this handle reads; "" if none of them is known."""
        fields = "".join([spelled[place] for place in self.reads])
        return spell_fact(fields) if fields else ""


class NumberSpelling(NamedTuple):
    """`prefix` is `,"name":`."""

    field: str
    prefix: str


class BooleanSpelling(NamedTuple):
    field: str
    when_false: str
    when_true: str


@dataclass(frozen=True, slots=True)
class NetworkDefinition:
    """`always` are the conditions that are true whatever the values are, such as an empty Every.

    Fields are spelled once for all handles, in this order: numbers, then booleans.
    """

    handles: tuple[HandleDefinition, ...]
    always: frozenset[int]
    numbers: tuple[NumberSpelling, ...]
    booleans: tuple[BooleanSpelling, ...]

    def facts(self, values: Mapping[str, FieldValue]) -> list[str]:
        """The JSON fact for each handle. Raises ValueError."""
        spelled = self._spelled(values)
        return [handle.fact(spelled) for handle in self.handles]

    def _spelled(self, values: Mapping[str, FieldValue]) -> list[str]:
        """Each field, spelled with its value; "" if it has no value."""
        get, absent, beyond = values.get, _ABSENT, BEYOND
        fields = []
        for field, prefix in self.numbers:
            value = get(field, absent)
            if type(value) is int and -beyond < value < beyond:
                fields.append(f"{prefix}{value}")
            elif value is not absent and type(value) is not bool:
                fields.append(prefix + spell(value))
            else:
                fields.append("")
        for field, when_false, when_true in self.booleans:
            value = get(field, absent)
            fields.append(when_true if value is True else when_false if value is False else "")
            if value is not absent and type(value) is not bool:
                spell(value)  # a number is not a boolean and is left out; other types raise
        return fields


def define_network(conditions: Sequence[BoxCondition]) -> NetworkDefinition:
    """Spreads the branches over handles; equal branches become one. Raises BoxLimitError."""
    owners: dict[Branch, list[int]] = {}
    for position, condition in enumerate(conditions):
        check_limits(condition)
        for branch in dict.fromkeys(_expand(condition)):
            owners.setdefault(branch, []).append(position)
    always = frozenset(owners.pop(frozenset(), ()))
    slots = sorted(
        {test.slot for branch in owners for test in branch},
        key=lambda slot: (slot.is_boolean, slot.field),
    )
    names = dict(zip(slots, field_names(len(slots)), strict=True))
    return NetworkDefinition(
        tuple(_define_handle(group, owners, names) for group in _groups(owners)),
        always,
        tuple(
            NumberSpelling(slot.field, _prefix(name))
            for slot, name in names.items()
            if not slot.is_boolean
        ),
        tuple(
            BooleanSpelling(slot.field, f"{_prefix(name)}0", f"{_prefix(name)}1")
            for slot, name in names.items()
            if slot.is_boolean
        ),
    )


def _prefix(name: str) -> str:
    return f',"{name}":'


def _expand(condition: BoxCondition) -> Iterator[Branch]:
    match condition:
        case Test(field=field, operator=sign, constant=constant):
            is_boolean = isinstance(constant, bool)
            number = int(constant) if is_boolean else constant
            yield frozenset({BranchTest(Slot(field, is_boolean), sign, number)})
        case Every(parts=parts):
            for chosen in product(*map(_expand, parts)):
                yield frozenset().union(*chosen)
        case Some(parts=parts):
            yield from chain.from_iterable(map(_expand, parts))
        case _:
            assert_never(condition)


def _groups(every_branch: Iterable[Branch]) -> Iterator[list[Branch]]:
    group: list[Branch] = []
    slots: set[Slot] = set()
    for branch in every_branch:
        read = {test.slot for test in branch}
        if len(group) == MAX_HANDLE_BRANCHES or len(slots | read) > MAX_HANDLE_FIELDS:
            yield group
            group, slots = [], set()
        group.append(branch)
        slots |= read
    if group:
        yield group


def _define_handle(
    group: list[Branch], owners: Mapping[Branch, Sequence[int]], names: Mapping[Slot, str]
) -> HandleDefinition:
    """Branches that begin with the same tests share nodes in C. So the fields that most branches read come first."""
    frequency = Counter(slot for branch in group for slot in {test.slot for test in branch})
    paths = [sorted(branch, key=lambda test: (-frequency[test.slot], test)) for branch in group]
    rules = {f"{number:02d}": path for number, path in enumerate(paths)}
    probe = {test.slot: test.constant for path in paths for test in path}
    return HandleDefinition(
        rules=spell_rules(
            {
                rule: spell_body((names[slot], sign, constant) for slot, sign, constant in path)
                for rule, path in rules.items()
            }
        ),
        reads=tuple(place for place, slot in enumerate(names) if slot in frequency),
        owners={rule: tuple(owners[frozenset(path)]) for rule, path in rules.items()},
        smoke=spell_fact("".join(_prefix(names[s]) + spell(value) for s, value in probe.items())),
        smoke_rules=frozenset(rule for rule, path in rules.items() if _all_hold(path, probe)),
    )


def _all_hold(path: Iterable[BranchTest], values: Mapping[Slot, int | float]) -> bool:
    return all(_COMPARE[sign](values[slot], constant) for slot, sign, constant in path)
