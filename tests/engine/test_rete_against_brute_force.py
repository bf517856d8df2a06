"""Random conditions on random values: the matcher gives the same result as a comparison in Python."""

from __future__ import annotations

import operator
import os
import random
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.engine.rete.box_conditions import (
    MAX_BRANCHES,
    BoxCondition,
    Every,
    FieldValue,
    Operator,
    Some,
    branches,
)
from service.engine.rete.box_conditions import Test as Compare
from service.engine.rete.matcher import ReteError, ReteMatcher, available
from service.engine.rete.spelling import MAX_CONSTANT

pytestmark = pytest.mark.skipif(not available(), reason="durable_rules does not import here")

COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
OPERATORS = cast("tuple[Operator, ...]", tuple(COMPARE))
SMALL = [0, 1, -1, 2, 5, 100, 2**31, 2**32 + 1, -(2**31)]
EDGE = [MAX_CONSTANT, MAX_CONSTANT - 1, -MAX_CONSTANT, 2**52, 2**52 + 1]
FRACTIONS = [0.0, -0.0, 0.5, 1.0, 1.5, -2.5, 0.1 + 0.2, 0.3, 99.99999999999999, 1e-05, 1.5e-07]
TINY = [5e-324, -5e-324, 2.2250738585072014e-308, 2.2250738585072009e-308, 1e-300]
WIDE = [1e15, 1e15 + 0.5, float(2**52) + 0.5, float(MAX_CONSTANT), 4503599627370497.5]
NUMBERS: list[int | float] = [*SMALL, *EDGE, *FRACTIONS, *TINY, *WIDE]
# These are values only: a constant of that size is refused.
HUGE = [2**53 - 1, 2**53, 2**53 + 1, -(2**53), 2**63, 10**30, -(10**30), 10**400, 1.5e300, -1e22]
HUGE_FLOATS = [9007199254740992.0, 9007199254740994.0, 1e16, 1.7976931348623157e308]

# Most fields have values of one type, the last ones of any type. Every type is compared with every constant.
FIELDS = [f"harm.count{n}" for n in range(4)] + [f"share.{n}" for n in range(4)]
BOOLEANS = [f"is.known{n}" for n in range(3)]
MIXED = ["any.kind0", "any.kind1"]


def holds(condition: BoxCondition, values: Mapping[str, FieldValue]) -> bool:
    match condition:
        case Every(parts=parts):
            return all(holds(part, values) for part in parts)
        case Some(parts=parts):
            return any(holds(part, values) for part in parts)
        case Compare(field=field, operator=sign, constant=constant):
            value = values.get(field)
            if value is None or isinstance(value, bool) is not isinstance(constant, bool):
                return False
            return COMPARE[sign](value, constant)


def expected(conditions: list[BoxCondition], values: Mapping[str, FieldValue]) -> frozenset[int]:
    return frozenset(n for n, condition in enumerate(conditions) if holds(condition, values))


def around(number: int | float, chance: random.Random) -> int | float:
    """The number or one next to it, within the range of constants."""
    near = number + chance.choice([-1, 0, 0, 0, 1])
    return near if abs(near) <= MAX_CONSTANT else number


def random_constant(field: str, chance: random.Random) -> FieldValue:
    if field in BOOLEANS or (field in MIXED and chance.random() < 0.4):
        return chance.random() < 0.5
    return around(chance.choice(NUMBERS), chance)


def random_condition(chance: random.Random, depth: int = 3) -> BoxCondition:
    if depth == 0 or chance.random() < 0.35:
        field = chance.choice(FIELDS + BOOLEANS + MIXED)
        return Compare(field, chance.choice(OPERATORS), random_constant(field, chance))
    parts = tuple(random_condition(chance, depth - 1) for _ in range(chance.randint(1, 3)))
    condition = Every(parts) if chance.random() < 0.5 else Some(parts)
    return condition if branches(condition) <= MAX_BRANCHES else parts[0]


def random_values(chance: random.Random, constants: list[FieldValue]) -> dict[str, FieldValue]:
    """Most values are equal to a constant of a condition or next to it. A quarter of the fields is missing."""
    values: dict[str, FieldValue] = {}
    for field in FIELDS + BOOLEANS + MIXED:
        kind = chance.random()
        if kind < 0.25:
            continue
        if field in BOOLEANS or (field in MIXED and kind < 0.5):
            values[field] = kind < 0.6
        elif kind < 0.7:
            values[field] = around(chance.choice(NUMBERS), chance)
        elif kind < 0.85:
            values[field] = float(chance.choice(constants or [0])) * chance.choice(
                [1, 1, 1.0000001]
            )
        else:
            values[field] = chance.choice([*HUGE, *HUGE_FLOATS])
    return values


def constants_of(condition: BoxCondition) -> Iterator[FieldValue]:
    if isinstance(condition, Compare):
        yield condition.constant
    else:
        for part in condition.parts:
            yield from constants_of(part)


def test_random_conditions_on_random_values() -> None:
    checks = true = 0
    for seed in range(60):
        chance = random.Random(seed)
        conditions = [random_condition(chance) for _ in range(chance.randint(1, 60))]
        constants = [constant for each in conditions for constant in constants_of(each)]
        matcher = ReteMatcher(conditions)
        for _ in range(30):
            values = random_values(chance, constants)
            matched = matcher.match(values)
            assert matched == expected(conditions, values), (seed, values)
            checks += len(conditions)
            true += len(matched)
        matcher.close()
    assert checks >= 40_000
    assert 0.2 <= true / checks <= 0.8


def test_every_operator_on_every_pair_of_numbers() -> None:
    conditions: list[BoxCondition] = [
        Compare("x", sign, constant) for sign in OPERATORS for constant in [*NUMBERS, True, False]
    ]
    matcher = ReteMatcher(conditions)
    for value in [*NUMBERS, *HUGE, *HUGE_FLOATS, True, False]:
        for near in {value, value + 1, value - 1} if type(value) is int else {value}:
            assert matcher.match({"x": near}) == expected(conditions, {"x": near}), near


numbers = st.one_of(
    st.integers(-MAX_CONSTANT, MAX_CONSTANT),
    st.floats(-float(MAX_CONSTANT), float(MAX_CONSTANT), allow_subnormal=True),
    st.sampled_from(NUMBERS),
)
any_value = st.one_of(
    numbers, st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False)
)
tests = st.builds(
    Compare, st.sampled_from("abcd"), st.sampled_from(OPERATORS), numbers | st.booleans()
)
boxed: st.SearchStrategy[BoxCondition] = st.recursive(
    tests,
    lambda parts: (
        st.builds(Every, st.lists(parts, max_size=3).map(tuple))
        | st.builds(Some, st.lists(parts, max_size=3).map(tuple))
    ),
    max_leaves=8,
).filter(lambda condition: branches(condition) <= MAX_BRANCHES)


@settings(max_examples=300)
@given(
    st.lists(boxed, max_size=6),
    st.lists(st.dictionaries(st.sampled_from("abcd"), any_value), min_size=1, max_size=5),
)
def test_whatever_hypothesis_finds(
    conditions: list[BoxCondition], incidents: list[dict[str, FieldValue]]
) -> None:
    matcher = ReteMatcher(conditions)
    for values in incidents:
        assert matcher.match(values) == expected(conditions, values)
    matcher.close()


def campaign(matcher: ReteMatcher, conditions: list[BoxCondition], seed: int, rounds: int) -> int:
    """The number of answers that were wrong or errors."""
    chance = random.Random(seed)
    wrong = 0
    for _ in range(rounds):
        values = random_values(chance, [])
        try:
            wrong += matcher.match(values) != expected(conditions, values)
        except ReteError:
            wrong += 1
    return wrong


def many_conditions() -> list[BoxCondition]:
    chance = random.Random(7)
    return [random_condition(chance) for _ in range(80)]


def test_four_threads_on_one_matcher() -> None:
    conditions = many_conditions()
    matcher = ReteMatcher(conditions)
    wrong: list[int] = []
    threads = [
        threading.Thread(target=lambda n=n: wrong.append(campaign(matcher, conditions, n, 200)))
        for n in range(4)
    ]
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    assert wrong == [0, 0, 0, 0]


def exit_code_of_fork(work: Callable[[], int]) -> int:
    pid = os.fork()
    if pid == 0:
        code = 99
        try:
            code = work()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_fork_uses_the_parents_matcher_and_makes_its_own() -> None:
    conditions = many_conditions()
    matcher = ReteMatcher(conditions)

    def in_the_child() -> int:
        wrong = campaign(matcher, conditions, 1, 200)
        matcher.rebuild()
        wrong += campaign(matcher, conditions, 2, 200)
        matcher.close()
        return min(wrong + campaign(ReteMatcher(conditions), conditions, 3, 200), 98)

    assert exit_code_of_fork(in_the_child) == 0
    assert campaign(matcher, conditions, 4, 200) == 0
