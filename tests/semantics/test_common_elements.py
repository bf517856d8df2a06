"""A quantifier that only compares two lists, and a costly one, has the value that a look at every pair gives."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from service.engine.assess import Assessor
from service.language.conditions.cost import has_costly_atom
from service.language.conditions.membership import membership
from service.language.model import Pack
from service.language.syntax import Quantifier, walk
from tests.packs import plain_pack
from tests.semantics.completions import NOW
from tests.semantics.random_packs import text_of

LISTS = ((), ("a",), ("a", "b"), ("b", "a", "a"), ("c",), ("a", "b", "c"), None)
FACTS = {
    "facts": {
        f"l.{name}": {"type": "list", "of": "string", "text": {"en": name}}
        for name in ("one", "two")
    }
}
Truth = bool | None


def exists(items: Sequence[Any], body: Callable[[Any], Truth]) -> Truth:
    truths = [body(item) for item in items]
    return True if True in truths else None if None in truths else False


def every(items: Sequence[Any], body: Callable[[Any], Truth]) -> Truth:
    truths = [body(item) for item in items]
    return False if False in truths else None if None in truths else True


def known(values: Sequence[Any] | None, test: Callable[[Any], Truth]) -> Truth:
    return None if values is None else test(values)


COMPARING: dict[str, Callable[[Any, Any], Truth]] = {
    "l.one.exists(x, x in l.two)": lambda one, two: exists(
        one, lambda x: known(two, lambda values: x in values)
    ),
    "l.one.exists(x, !(x in l.two))": lambda one, two: exists(
        one, lambda x: known(two, lambda values: x not in values)
    ),
    "l.one.all(x, x in l.two)": lambda one, two: every(
        one, lambda x: known(two, lambda values: x in values)
    ),
    "l.one.all(x, !(x in l.two))": lambda one, two: every(
        one, lambda x: known(two, lambda values: x not in values)
    ),
    "l.one.exists(x, l.two.exists(y, y == x))": lambda one, two: exists(
        one, lambda x: known(two, lambda values: exists(values, lambda y: x == y))
    ),
    "l.one.all(x, l.two.exists(y, x == y))": lambda one, two: every(
        one, lambda x: known(two, lambda values: exists(values, lambda y: x == y))
    ),
    "l.one.exists(x, l.two.all(y, x != y))": lambda one, two: exists(
        one, lambda x: known(two, lambda values: every(values, lambda y: x != y))
    ),
    "l.one.all(x, !l.two.exists(y, x == y))": lambda one, two: every(
        one, lambda x: known(two, lambda values: not exists(values, lambda y: x == y))
    ),
}
COSTLY: dict[str, Callable[[Any, Any], Truth]] = {
    "l.one.exists(x, l.two.exists(y, x + y == 'ab'))": lambda one, two: exists(
        one, lambda x: known(two, lambda values: exists(values, lambda y: x + y == "ab"))
    ),
    "l.one.all(x, l.two.all(y, x.contains(y)))": lambda one, two: every(
        one, lambda x: known(two, lambda values: every(values, lambda y: y in x))
    ),
    "l.one.all(x, x + 'a' in l.two)": lambda one, two: every(
        one, lambda x: known(two, lambda values: x + "a" in values)
    ),
    "l.one.exists(x, x in l.two && size(x) == 1)": lambda one, two: exists(
        one, lambda x: known(two, lambda values: x in values)
    ),
}


def pack_of(folder: Path, conditions: Sequence[str]) -> Pack:
    rules = [
        {"id": f"r.n{n}", "when": when, "then": {"score": 1}, "because": {"en": "r"}}
        for n, when in enumerate(conditions)
    ]
    return plain_pack(folder, text_of({"rules": rules}), facts=text_of(FACTS))


@pytest.mark.parametrize("tested", [COMPARING, COSTLY], ids=["comparing", "costly"])
def test_every_pair_of_lists(
    tmp_path: Path, tested: dict[str, Callable[[Any, Any], Truth]]
) -> None:
    assessor = Assessor(pack_of(tmp_path, list(tested)))
    seen = set()
    for one, two in itertools.product(LISTS, LISTS):
        expected = [None if one is None else meaning(one, two) for meaning in tested.values()]
        found = assessor.find({"l.one": one, "l.two": two}, NOW, "en")
        assert found.judgement.truths == expected, (one, two)
        seen.update(expected)
    assert seen == {True, False, None}


@pytest.mark.parametrize(("conditions", "compares"), [(COMPARING, True), (COSTLY, False)])
def test_the_conditions_are_of_the_kind_that_their_table_says(
    tmp_path: Path, conditions: dict[str, Callable[[Any, Any], Truth]], compares: bool
) -> None:
    for rule in pack_of(tmp_path, list(conditions)).rules:
        loop = next(part for part in walk(rule.when) if isinstance(part, Quantifier))
        assert (membership(loop) is not None) is compares, rule.written
        assert has_costly_atom(rule.when, {}) is not compares, rule.written
