"""The faults of durable_rules with rules and facts, shown on the C module, and that the matcher does not have them.

A fault that crashes or hangs is shown in a child process.
"""

from __future__ import annotations

import json
import subprocess
from decimal import Decimal
from typing import Any

import pytest

from service.engine.rete import spelling
from service.engine.rete.box_conditions import (
    MAX_BRANCHES,
    MAX_COMPARISONS,
    MAX_NESTING,
    BoxCondition,
    BoxLimitError,
    Every,
    Some,
    branches,
    nesting,
)
from service.engine.rete.box_conditions import Test as Compare
from service.engine.rete.branches import define_network
from service.engine.rete.groups import MAX_HANDLE_BRANCHES, MAX_HANDLE_FIELDS
from service.engine.rete.matcher import ReteError, ReteMatcher
from service.engine.rete.spelling import MAX_CONSTANT, RESERVED_NAMES, field_names, fnv1a, spell
from tests.engine.raw_rete import BOTH, TWO, Spy, c_module, in_child, raw_fires, raw_handle

# --- one flat fact, each field tested for existence, each rule counted once -------------------


def test_a_missing_field_makes_no_comparison_true() -> None:
    assert raw_fires({"$nex": {"f": 1}}, '{"f":1}') == 1  # it sees another fact, of the session
    signs: Any = ["==", "!=", "<", "<=", ">", ">="]
    matcher = ReteMatcher([Compare("a", sign, 0) for sign in signs])
    assert matcher.match({"b": 1}) == frozenset()
    assert matcher.match({}) == frozenset()


def test_every_field_is_tested_for_existence_before_it_is_compared() -> None:
    condition = Some(
        (Every((Compare("a", ">", 1), Compare("b", "==", True))), Compare("a", "<", 9))
    )
    for rule in json.loads(define_network([condition]).handles[0].rules).values():
        asked = set()
        for test in rule["all"][0]["m"]["$and"]:
            ((sign, operand),) = test.items()
            if sign == "$ex":
                asked |= set(operand)
            else:
                assert (set(operand) if sign.startswith("$") else {sign}) <= asked


def test_a_rule_counts_once_however_many_of_its_branches_are_true() -> None:
    both = {"$or": [{"f": 1}, {"g": 1}]}
    assert raw_fires(both, '{"f":1,"g":1}') == 2
    condition = Some((Compare("f", "==", 1), Compare("g", "==", 1)))
    assert ReteMatcher([condition]).match({"f": 1, "g": 1}) == {0}


def test_equal_conditions_are_one_rule_in_c() -> None:
    bad = (
        "rules = {f'r{n}': {'all': [{'m': {'f': 1}}]} for n in range(256)}\n"
        # One try is mostly enough: the memory beyond the end depends on the state of the heap.
        "for _ in range(20):\n"
        "  engine.assert_fact(engine.create_ruleset('raw', json.dumps(rules)), '{\"f\":1}')"
    )
    assert in_child(bad).returncode < 0
    matcher = ReteMatcher([Compare("f", "==", 1)] * 300)
    assert matcher.match({"f": 1}) == set(range(300))
    assert len(matcher._handles) == 1


def test_conditions_without_comparisons() -> None:
    matcher = ReteMatcher(
        [Every(()), Some(()), Every((Some(()), TWO[0])), Some((Every(()), TWO[0]))]
    )
    assert matcher.match({}) == {0, 3}
    assert matcher.match(BOTH) == {0, 3}


# --- only numbers and booleans reach C --------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    ["text", "1", None, [1], {"a": 1}, Decimal(1), 1j, float("nan"), float("inf"), float("-inf")],
)
@pytest.mark.parametrize("field", ["a", "b"])
def test_nothing_else_reaches_c(monkeypatch: pytest.MonkeyPatch, field: str, value: Any) -> None:
    assert raw_fires({"$lt": {"f": "a!"}}, '{"f":"a"}') == 0  # though "a" < "a!"
    matcher = ReteMatcher(TWO)
    spy = Spy(monkeypatch)
    with pytest.raises(ReteError):
        matcher.match({**BOTH, field: value})
    assert spy.calls == []
    assert matcher.match(BOTH) == {0, 1}


def test_a_field_that_no_rule_reads_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    matcher = ReteMatcher(TWO)
    spy = Spy(monkeypatch)
    unread: Any = {"text": "x", "id": 1, "sid": 2, "f0": 3}
    assert matcher.match({**BOTH, **unread}) == {0, 1}
    assert spy.facts() == ['{"id":"m","f0":5,"f1":1}']
    assert matcher.match(unread) == frozenset()
    assert len(spy.facts()) == 1


def test_booleans_are_no_numbers() -> None:
    assert raw_fires({"f": 1}, '{"f":true}') == 1
    conditions = [Compare("x", "==", 1), Compare("x", "==", True), Compare("x", "!=", 1.0)]
    matcher = ReteMatcher(conditions)
    assert matcher.match({"x": True}) == {1}
    assert matcher.match({"x": 1}) == {0}
    assert matcher.match({"x": False}) == frozenset()
    assert matcher.match({"x": 0}) == {2}


# --- names ------------------------------------------------------------------------------------


def test_authors_names_with_one_hash_are_different_fields() -> None:
    one, other = "harm.x332789", "harm.x529192"
    assert fnv1a(one) == fnv1a(other)
    assert raw_fires({one: 1}, f'{{"{other}":1}}') == 1
    matcher = ReteMatcher([Compare(one, "==", 1), Compare(other, "==", 1)])
    assert matcher.match({other: 1}) == {1}
    assert matcher.match({one: 1}) == {0}


def test_our_names_never_share_a_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    assert field_names(3) == ["f0", "f1", "f2"]
    alike = {"f1": fnv1a("f0"), "f3": fnv1a("sid"), "f4": fnv1a("$or")}
    monkeypatch.setattr(spelling, "fnv1a", lambda name: alike.get(name, fnv1a(name)))
    assert field_names(4) == ["f0", "f2", "f5", "f6"]


def test_the_reserved_names_are_those_of_the_c_sources() -> None:
    hashes = {fnv1a(name) for name in RESERVED_NAMES}
    # HASH_ID, HASH_SID, HASH_OR, HASH_AND, HASH_EX, HASH_FORWARD, HASH_DIV, HASH_I
    known = {926444256, 3593476751, 340911698, 3746487396, 373481198, 739185624, 130502, 1622948014}
    assert known <= hashes
    assert len(hashes) == len(RESERVED_NAMES)


# --- numbers ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1e-05, "1.0e-05"),
        (1e22, "1.0e+22"),
        (5e-324, "5.0e-324"),
        (1.5e-07, "1.5e-07"),
        (-0.0, "-0.0"),
        (2**53 - 2, "9007199254740990"),
        (2**53, "9007199254740991"),
        (-(10**30), "-9007199254740991"),
    ],
)
def test_numbers_are_spelled_for_the_c_parser(number: float, text: str) -> None:
    assert spell(number) == text


def test_small_floats_are_read_rightly() -> None:
    with pytest.raises(c_module.error):
        raw_fires({"$ex": {"f": 1}}, '{"f":1e-05}')
    matcher = ReteMatcher([Compare("x", "<", 2e-05), Compare("x", "==", 1e-05)])
    assert matcher.match({"x": 1e-05}) == {0, 1}


def test_huge_ints_compare_rightly() -> None:
    assert raw_fires({"f": 10**40}, json.dumps({"f": 10**30})) == 1
    assert raw_fires({"f": float(2**53)}, json.dumps({"f": 2**53 + 1})) == 1
    conditions = [Compare("x", "==", MAX_CONSTANT), Compare("x", ">", float(MAX_CONSTANT))]
    matcher = ReteMatcher([*conditions, Compare("x", "<", -MAX_CONSTANT)])
    for huge in (2**53 - 1, 2**53, 2**64, 10**30, 10**400):
        assert matcher.match({"x": huge}) == {1}
        assert matcher.match({"x": -huge}) == {2}
    assert matcher.match({"x": MAX_CONSTANT}) == {0}


@pytest.mark.parametrize(
    "constant",
    [2**53 - 1, -(2**53), 10**400, 1.5e300, float(2**53), float("nan"), float("inf"), "x", None],
)
def test_constants_that_c_does_not_compare_exactly_are_refused(constant: Any) -> None:
    with pytest.raises(BoxLimitError):
        branches(Compare("x", "==", constant))
    with pytest.raises(BoxLimitError):
        ReteMatcher([Every((TWO[0], Compare("x", "==", constant)))])


# --- limits -----------------------------------------------------------------------------------


def test_limits_of_the_c_module() -> None:
    with pytest.raises(c_module.error, match="303"):
        raw_fires_all = raw_handle(*({"$gte": {"f": n}} for n in range(65)))
        c_module.assert_fact(raw_fires_all, '{"f":100}')
    with pytest.raises(c_module.error, match="302"):
        raw_fires({"f0": 1}, json.dumps({"id": "m", **{f"f{n}": n for n in range(253)}}))
    with pytest.raises(c_module.error, match="113"):
        raw_handle({"$or": [{"$and": [{"f": n}]} for n in range(15)]})
    with pytest.raises(subprocess.TimeoutExpired):
        in_child(
            "rules = {f'r{n}': {'all': [{'m': {'f': n}}]} for n in range(600)}\n"
            "engine.create_ruleset('raw', json.dumps(rules))",
            seconds=2,
        )


def bounded(matcher: ReteMatcher) -> bool:
    return all(
        len(handle.owners) <= MAX_HANDLE_BRANCHES and len(handle.reads) <= MAX_HANDLE_FIELDS
        for handle in matcher.definition.handles
    )


def test_two_thousand_rules() -> None:
    matcher = ReteMatcher([Compare("x", "==", n) for n in range(2000)])
    assert bounded(matcher)
    assert [matcher.match({"x": n}) for n in (0, 777, 1999, 2000)] == [{0}, {777}, {1999}, set()]


def test_three_hundred_rules_of_which_two_hundred_are_true_at_once() -> None:
    matcher = ReteMatcher([Compare("x", ">=", n) for n in range(300)])
    assert matcher.match({"x": 199}) == set(range(200))
    assert matcher.match({"x": 1000}) == set(range(300))


def test_a_rule_with_many_branches() -> None:
    limit = Some(tuple(Compare("x", ">", n) for n in range(MAX_BRANCHES)))
    matcher = ReteMatcher([limit, TWO[0], limit, Every((limit, TWO[1]))])
    assert matcher.match({"x": 1000, "a": 5}) == {0, 1, 2}
    assert matcher.match({"x": MAX_BRANCHES - 1, "b": True}) == {0, 2, 3}
    assert matcher.match({"x": 0, "a": 5}) == {1}
    assert bounded(matcher)


def test_more_fields_than_a_fact_may_have() -> None:
    conditions: list[BoxCondition] = [
        Every(tuple(Compare(f"f{10 * n + k}", ">", 0) for k in range(10))) for n in range(60)
    ]
    matcher = ReteMatcher(conditions)
    assert bounded(matcher)
    values = {f"f{n}": 1 for n in range(600)}
    assert matcher.match(values) == set(range(60))
    assert matcher.match({**values, "f305": 0}) == set(range(60)) - {30}
    longest = Every(tuple(Compare(f"f{n}", "==", 1) for n in range(MAX_COMPARISONS)))
    assert ReteMatcher([longest]).match(values) == {0}


def nested(levels: int) -> BoxCondition:
    condition: BoxCondition = TWO[0]
    for level in range(levels):
        condition = (
            Every((condition, TWO[1])) if level % 2 else Some((condition, Compare("c", "<", 0)))
        )
    return condition


def test_conditions_beyond_the_limits_are_refused() -> None:
    too_big: list[BoxCondition] = [
        Some(tuple(Compare("x", ">", n) for n in range(MAX_BRANCHES + 1))),
        Every((Some((TWO[0], TWO[1])),) * 100),
        Every(tuple(Compare(f"f{n}", "==", 1) for n in range(MAX_COMPARISONS + 1))),
        nested(MAX_NESTING + 1),
    ]
    for condition in too_big:
        with pytest.raises(BoxLimitError):
            ReteMatcher([condition])
    assert (branches(too_big[0]), branches(too_big[1])) == (MAX_BRANCHES + 1, 2**100)
    assert nesting(nested(MAX_NESTING)) == MAX_NESTING
    assert ReteMatcher([nested(MAX_NESTING)]).match(BOTH) == {0}
