"""Three truth values, through real packs and both matchers: Kleene's tables, and arithmetic without a result."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.scalars import INT64_MAX, INT64_MIN
from service.engine.judging.cross_check import ENGINES
from service.engine.rete.matcher import available
from tests.semantics.truths import TRUTHS, Truth, Truths


def all_of(a: Truth, b: Truth) -> Truth:
    """Strong Kleene logic: the lesser of two, with false < unknown < true."""
    return min(a, b, key=[False, None, True].index)


def any_of(a: Truth, b: Truth) -> Truth:
    return max(a, b, key=[False, None, True].index)


def opposite(a: Truth) -> Truth:
    return {True: False, False: True, None: None}[a]


def chosen(test: Truth, then: Truth, otherwise: Truth) -> Truth:
    """As CEL defines it: an unknown test makes the whole unknown, even if both results are equal."""
    return None if test is None else then if test else otherwise


@pytest.fixture(scope="module", params=ENGINES)
def tables(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Truths:
    if request.param == "both" and not available():
        pytest.skip("durable_rules does not import here")
    conditions = [
        "t.a && t.b",
        "t.b && t.a",
        "t.a || t.b",
        "t.b || t.a",
        "!t.a",
        "t.a ? t.b : t.c",
        "t.a && t.b && t.c",
        "t.a || t.b || t.c",
        "t.a && (t.b || t.c)",
        "!(t.a && t.b)",
        "!(t.a || t.b)",
        "t.a == t.b",
        "t.a != t.b",
        "t.a < t.b",
        "t.a <= t.b",
        "t.a > false",
        "!(true > t.a)",
        "t.a in [t.b, t.c]",
        "t.a || !t.a",
    ]
    return Truths(tmp_path_factory.mktemp(request.param) / "pack", conditions, request.param)


def expected(a: Truth, b: Truth, c: Truth) -> Iterator[tuple[str, Truth]]:
    same = None if a is None or b is None else a is b
    yield "t.a && t.b", all_of(a, b)
    yield "t.b && t.a", all_of(a, b)
    yield "t.a || t.b", any_of(a, b)
    yield "t.b || t.a", any_of(a, b)
    yield "!t.a", opposite(a)
    yield "t.a ? t.b : t.c", chosen(a, b, c)
    yield "t.a && t.b && t.c", all_of(a, all_of(b, c))
    yield "t.a || t.b || t.c", any_of(a, any_of(b, c))
    yield "t.a && (t.b || t.c)", all_of(a, any_of(b, c))
    yield "!(t.a && t.b)", opposite(all_of(a, b))
    yield "!(t.a || t.b)", opposite(any_of(a, b))
    yield "t.a == t.b", same
    yield "t.a != t.b", opposite(same)
    yield "t.a < t.b", None if None in (a, b) else (a, b) == (False, True)
    yield "t.a <= t.b", None if None in (a, b) else (a, b) != (True, False)
    yield "t.a > false", a
    yield "!(true > t.a)", a
    yield "t.a in [t.b, t.c]", None if None in (a, b, c) else a in (b, c)
    yield "t.a || !t.a", None if a is None else True


@pytest.mark.parametrize("values", list(itertools.product(TRUTHS, repeat=3)))
def test_every_row_of_the_truth_tables(tables: Truths, values: tuple[Truth, Truth, Truth]) -> None:
    a, b, c = values
    assert tables.of(t_a=a, t_b=b, t_c=c) == dict(expected(a, b, c))


def test_false_and_unknown_is_false_from_either_side(tables: Truths) -> None:
    for facts in ({"t_a": False}, {"t_b": False}, {"t_a": False, "t_b": None}):
        found = tables.of(**facts)
        assert found["t.a && t.b"] is found["t.b && t.a"] is False


def test_true_or_unknown_is_true_from_either_side(tables: Truths) -> None:
    for facts in ({"t_a": True}, {"t_b": True}, {"t_a": None, "t_b": True}):
        found = tables.of(**facts)
        assert found["t.a || t.b"] is found["t.b || t.a"] is True


def test_an_absent_fact_is_as_unknown_as_a_null_one(tables: Truths) -> None:
    assert tables.of() == tables.of(t_a=None, t_b=None, t_c=None)
    assert tables.of(t_b=True) == tables.of(t_a=None, t_b=True, t_c=None)


ARITHMETIC = [
    "i.a / i.b == i.a / i.b",
    "i.a % i.b == i.a % i.b",
    "i.a + i.b == i.a + i.b",
    "i.a - i.b == i.a - i.b",
    "i.a * i.b == i.a * i.b",
    "-i.a == -i.a",
    "n.a / n.b == n.a / n.b",
    "n.a + n.b == n.a + n.b",
    "n.a * n.b == n.a * n.b",
]


@pytest.fixture(scope="module")
def sums(tmp_path_factory: pytest.TempPathFactory) -> Truths:
    guarded = ["t.a || i.a / i.b > 0", "i.a / i.b > 0 || t.a", "t.a && 1 / i.b > 0"]
    return Truths(tmp_path_factory.mktemp("sums") / "pack", ARITHMETIC + guarded)


def computable(found: dict[str, Truth]) -> set[str]:
    assert False not in found.values()
    return {condition for condition in ARITHMETIC if found[condition]}


def of_kind(kind: str) -> set[str]:
    return {condition for condition in ARITHMETIC if kind in condition}


def test_dividing_by_zero_is_unknown(sums: Truths) -> None:
    found = {c: v for c, v in sums.of(i_a=7, i_b=0, n_a=1.0, n_b=0.0).items() if c in ARITHMETIC}
    assert computable(found) == set(ARITHMETIC) - of_kind("/") - of_kind("%")


def test_a_condition_that_does_not_depend_on_the_quotient_stays_known(sums: Truths) -> None:
    found = sums.of(i_a=7, i_b=0, t_a=True)
    assert found["t.a || i.a / i.b > 0"] is found["i.a / i.b > 0 || t.a"] is True
    assert found["t.a && 1 / i.b > 0"] is None
    assert sums.of(i_b=0, t_a=False)["t.a && 1 / i.b > 0"] is False


@pytest.mark.parametrize(
    ("a", "b", "unknown"),
    [
        (INT64_MAX, 1, {"+"}),
        (INT64_MAX, -1, {"- i.b"}),
        (INT64_MIN, 1, {"- i.b", "-i.a"}),
        (INT64_MIN, -1, {"+", "*", "/", "-i.a"}),
        (INT64_MAX, 2, {"+", "*"}),
        (INT64_MAX - 1, 1, set()),
        (INT64_MIN + 1, -1, set()),
    ],
)
def test_an_integer_outside_int64_is_unknown(
    sums: Truths, a: int, b: int, unknown: set[str]
) -> None:
    found = {c: v for c, v in sums.of(i_a=a, i_b=b).items() if c in of_kind("i.")}
    assert {c for c, v in found.items() if v is None} == {
        c for c in of_kind("i.") for sign in unknown if sign in c
    }


@pytest.mark.parametrize(
    ("a", "b", "unknown"),
    [(1e308, 1e308, {"+", "*"}), (1e308, 1e-10, {"/"}), (1e-308, 1e-308, set())],
)
def test_a_double_that_is_not_finite_is_unknown(
    sums: Truths, a: float, b: float, unknown: set[str]
) -> None:
    found = {c: v for c, v in sums.of(n_a=a, n_b=b).items() if c in of_kind("n.")}
    assert {c for c, v in found.items() if v is None} == {
        c for c in of_kind("n.") for sign in unknown if sign in c
    }


trees: st.SearchStrategy[tuple[str, str]] = st.recursive(
    st.sampled_from(
        [(c, c) for c in ("t.a", "t.b", "t.c", "i.a > 1", "1 / i.b > 0", "n.a / n.b < 1.0")]
    ),
    lambda parts: (
        st.tuples(parts, parts, st.sampled_from(["&&", "||"])).map(
            lambda p: (f"({p[0][0]} {p[2]} {p[1][0]})", f"({p[1][1]} {p[2]} {p[0][1]})")
        )
        | parts.map(lambda p: (f"!({p[0]})", f"!({p[1]})"))
    ),
    max_leaves=8,
)
values = st.fixed_dictionaries(
    {},
    optional={
        **{name: st.sampled_from(TRUTHS) for name in ("t_a", "t_b", "t_c")},
        **{name: st.sampled_from([None, -1, 0, 1, 2]) for name in ("i_a", "i_b")},
        **{name: st.sampled_from([None, -1.5, 0.0, 0.5, 1e308]) for name in ("n_a", "n_b")},
    },
)


@settings(max_examples=60)
@given(
    st.lists(trees, min_size=3, max_size=6, unique=True), st.lists(values, min_size=4, max_size=8)
)
def test_the_order_of_operands_never_matters(
    tmp_path_factory: pytest.TempPathFactory,
    pairs: list[tuple[str, str]],
    incidents: list[dict[str, Any]],
) -> None:
    folder = tmp_path_factory.mktemp("order") / "pack"
    truths = Truths(folder, list(dict.fromkeys(itertools.chain(*pairs))))
    for facts in incidents:
        found = truths.of(**facts)
        for one, other in pairs:
            assert found[one] is found[other], (one, other, facts)
    truths.assessor.close()
