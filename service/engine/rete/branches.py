"""Turns box conditions into branches, and groups of branches into the definitions of handles of durable_rules.

It must not import durable_rules.
"""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, product
from typing import Any, NamedTuple, assert_never

from service.engine.rete.box_conditions import (
    BoxCondition,
    Every,
    FieldValue,
    Some,
    Test,
    check_limits,
)
from service.engine.rete.groups import Branch, BranchTest, TypedField, groups
from service.engine.rete.spelling import (
    BEYOND,
    field_names,
    spell,
    spell_body,
    spell_fact,
    spell_rules,
)

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_ABSENT: Any = object()


@dataclass(frozen=True, slots=True)
class HandleDefinition:
    """One handle: its rules, the fields that it reads, and the conditions that each rule stands for.

    `reads` are positions in the network's list of spelled fields; `equal_to` has, for those that are only tested by ==, the constants.
    `owners` has the positions of the conditions by rule.
    The fact `smoke` has every field; exactly `smoke_rules` must fire on it.
    """

    rules: str
    reads: tuple[int, ...]
    equal_to: Mapping[int, frozenset[int | float]]
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
    fields = sorted(
        {test.field for branch in owners for test in branch},
        key=lambda field: (field.is_boolean, field.name),
    )
    names = dict(zip(fields, field_names(len(fields)), strict=True))
    return NetworkDefinition(
        tuple(_define_handle(group, owners, names) for group in groups(owners)),
        always,
        tuple(
            NumberSpelling(field.name, _prefix(name))
            for field, name in names.items()
            if not field.is_boolean
        ),
        tuple(
            BooleanSpelling(field.name, f"{_prefix(name)}0", f"{_prefix(name)}1")
            for field, name in names.items()
            if field.is_boolean
        ),
    )


def _prefix(name: str) -> str:
    return f',"{name}":'


def _expand(condition: BoxCondition) -> Iterator[Branch]:
    match condition:
        case Test(field=field, operator=sign, constant=constant):
            is_boolean = isinstance(constant, bool)
            number = int(constant) if is_boolean else constant
            yield frozenset({BranchTest(TypedField(field, is_boolean), sign, number)})
        case Every(parts=parts):
            for chosen in product(*map(_expand, parts)):
                yield frozenset().union(*chosen)
        case Some(parts=parts):
            yield from chain.from_iterable(map(_expand, parts))
        case _:
            assert_never(condition)


def _define_handle(
    group: list[Branch], owners: Mapping[Branch, Sequence[int]], names: Mapping[TypedField, str]
) -> HandleDefinition:
    """Branches that begin with the same tests share nodes in C. So the fields that most branches read come first."""
    frequency = Counter(field for branch in group for field in {test.field for test in branch})
    paths = [sorted(branch, key=lambda test: (-frequency[test.field], test)) for branch in group]
    rules = {f"{number:02d}": path for number, path in enumerate(paths)}
    probe = {test.field: test.constant for path in paths for test in path}
    by_field: dict[TypedField, list[BranchTest]] = {}
    for test in chain.from_iterable(paths):
        by_field.setdefault(test.field, []).append(test)
    return HandleDefinition(
        rules=spell_rules(
            {
                rule: spell_body((names[field], sign, constant) for field, sign, constant in path)
                for rule, path in rules.items()
            }
        ),
        reads=tuple(place for place, field in enumerate(names) if field in frequency),
        equal_to={
            place: frozenset(test.constant for test in tests)
            for place, field in enumerate(names)
            if (tests := by_field.get(field)) and all(test.operator == "==" for test in tests)
        },
        owners={rule: tuple(owners[frozenset(path)]) for rule, path in rules.items()},
        smoke=spell_fact(
            "".join(_prefix(names[one]) + spell(value) for one, value in probe.items())
        ),
        smoke_rules=frozenset(rule for rule, path in rules.items() if _all_hold(path, probe)),
    )


def _all_hold(path: Iterable[BranchTest], values: Mapping[TypedField, int | float]) -> bool:
    return all(_COMPARE[sign](values[field], constant) for field, sign, constant in path)
