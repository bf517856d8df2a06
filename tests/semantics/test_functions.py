"""Functions of several values: known where all of them are, unknown as soon as one is."""

from __future__ import annotations

import itertools

import pytest

from tests.semantics.truths import Truths

NUMBERS = (1, 5, 9, None)


@pytest.fixture(scope="module")
def extremes(tmp_path_factory: pytest.TempPathFactory) -> Truths:
    conditions = ["math.greatest(i.a, i.b, 7) == 7", "math.least(i.a, 3, i.b) == 3"]
    conditions += ["math.greatest(i.a) == i.a", "math.least(i.a) == i.a"]
    return Truths(tmp_path_factory.mktemp("extremes") / "pack", conditions)


@pytest.mark.parametrize("a", NUMBERS)
def test_an_extreme_of_one_number_is_that_number(extremes: Truths, a: int | None) -> None:
    found = extremes.of(i_a=a)
    assert {found["math.greatest(i.a) == i.a"], found["math.least(i.a) == i.a"]} == {a and True}


@pytest.mark.parametrize(("a", "b"), [*itertools.product(NUMBERS, repeat=2)])
def test_an_extreme_of_three_is_known_just_where_all_three_are(
    extremes: Truths, a: int | None, b: int | None
) -> None:
    greatest, least, *_ = extremes.of(i_a=a, i_b=b).values()
    if a is None or b is None:
        assert (greatest, least) == (None, None)
    else:
        assert (greatest, least) == (a < 9 and b < 9, a > 1 and b > 1)
