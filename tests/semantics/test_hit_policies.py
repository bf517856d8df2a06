"""Each hit policy against DMN's definition, over all subsets of the undetermined rules.

OMG DMN 1.3, 8.2.11 defines what a table gives for the rules that match. It is written here without the engine's code.
"""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from functools import reduce
from operator import and_, or_
from pathlib import Path
from typing import Any

import pytest

from service.engine.assess import Assessor
from service.engine.errors import RuleConflict
from tests.packs import plain_pack
from tests.semantics.random_packs import text_of

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CONFLICT = object()
COLOURS = ("red", "amber", "green", "grey")
COLLECTED = ("collect", "collect_all")
RULES = 5
TABLES = 6
Truths = tuple[bool | None, ...]


@dataclass(frozen=True)
class Table:
    """One output and the value that each rule gives it, in order. `clamp` is (min, max); None means no limit."""

    kind: str
    hit: str
    default: Any
    values: tuple[Any, ...]
    clamp: tuple[Any, Any] = (None, None)


def by_definition(table: Table, fired: Sequence[Any]) -> Any:
    """The output when exactly these values are given, in rule order."""
    if not fired:
        return [] if table.hit in COLLECTED else table.default
    return _DEFINITIONS[table.hit](table, fired)


def _unique(table: Table, fired: Sequence[Any]) -> Any:
    return fired[0] if len(fired) == 1 else CONFLICT


def _any(table: Table, fired: Sequence[Any]) -> Any:
    return fired[0] if len(set(fired)) == 1 else CONFLICT


def _priority(table: Table, fired: Sequence[Any]) -> Any:
    return next(colour for colour in COLOURS if colour in fired)


def _first(table: Table, fired: Sequence[Any]) -> Any:
    return fired[0]


def _collect(table: Table, fired: Sequence[Any]) -> Any:
    return sorted(set(fired), key=table.values.index)


def _number(table: Table, exact: Any) -> Any:
    low, high = table.clamp
    if low is not None and exact < low:
        exact = low
    if high is not None and exact > high:
        exact = high
    return float(exact) if table.kind == "number" else int(exact)


_DEFINITIONS: dict[str, Callable[[Table, Sequence[Any]], Any]] = {
    "unique": _unique,
    "any": _any,
    "priority": _priority,
    "first": _first,
    "collect": _collect,
    "collect_all": lambda table, fired: list(fired),
    "sum": lambda table, fired: _number(table, sum(Fraction(str(value)) for value in fired)),
    "min": lambda table, fired: _number(table, sorted(fired)[0]),
    "max": lambda table, fired: _number(table, sorted(fired)[-1]),
    "count": lambda table, fired: _number(table, len(fired)),
}

INTEGERS = [*range(-4, 5), 2**53, -(2**53)]
NUMBERS = [0.1, 0.2, 0.7, 0.3, -0.1, -2.5, 1e-05, 1e15, 4.0, 0.0]
GIVEN: dict[str, Sequence[Any]] = {
    "integer": INTEGERS,
    "number": NUMBERS,
    "enum": COLOURS,
    "boolean": (True, False),
    "string": ("A", "B", "C"),
}
POLICIES = [
    *(("enum", hit) for hit in ("unique", "any", "priority", "first", "collect", "collect_all")),
    *((kind, hit) for kind in ("integer", "number") for hit in ("sum", "min", "max", "first")),
    *((kind, hit) for kind in ("boolean", "string") for hit in ("unique", "any", "first")),
    *((kind, hit) for kind in ("string", "integer") for hit in COLLECTED),
    ("integer", "count"),
]


def random_table(kind: str, hit: str, chance: random.Random) -> Table:
    default: Any = GIVEN[kind][-1]
    if kind in ("integer", "number"):
        default = chance.choice([-1, 0, 1]) if kind == "integer" else chance.choice([-1.0, 0.5])
    clamp: tuple[int | None, int | None] = (None, None)
    if hit in ("sum", "min", "max", "count"):
        clamp = (chance.choice([None, -2, -1]), chance.choice([None, 1, 3]))
    values = tuple(chance.choice(GIVEN[kind]) for _ in range(RULES))
    return Table(kind, hit, default, values, clamp)


def assessor_of(table: Table, folder: Path) -> Assessor:
    """A real pack in which rule n fires if the fact f.n<n> is true."""
    output: dict[str, Any] = {"type": table.kind, "hit": table.hit}
    if table.hit not in COLLECTED:
        output["default"] = table.default
    if table.kind == "enum":
        output["values"] = list(COLOURS)
    output |= {k: v for k, v in zip(("min", "max"), table.clamp, strict=True) if v is not None}
    level = {"type": "boolean", "hit": "any", "default": False}
    about = {
        "pack": "table",
        "version": "1.0.0",
        "title": {"en": "Table"},
        "locale": "en",
        "timezone": "UTC",
        "answer": ["level"],
        "outputs": {
            "level": level,
            "out": output,
            "actions": {"type": "actions", "hit": "collect"},
            "blocked": {"type": "actions", "hit": "collect"},
        },
    }
    facts = {f"f.n{n}": {"type": "boolean", "text": {"en": "F"}} for n in range(RULES)}
    rules = [
        {
            "id": f"r.n{n}",
            "when": f"f.n{n}",
            "then": {"out": True if table.hit == "count" else value},
            "because": {"en": "r"},
        }
        for n, value in enumerate(table.values)
    ]
    pack = plain_pack(
        folder, text_of({"rules": rules}), pack=text_of(about), facts=text_of({"facts": facts})
    )
    return Assessor(pack, "reference")


def all_results(table: Table, truths: Truths) -> list[Any]:
    """The outcome for every subset of the undetermined rules; a conflict gives no answer."""
    options = [(False, True) if truth is None else (truth,) for truth in truths]
    results = (
        by_definition(table, list(itertools.compress(table.values, chosen)))
        for chosen in itertools.product(*options)
    )
    return [result for result in results if result is not CONFLICT]


def expected_can_be(table: Table, results: list[Any]) -> Any:
    """Exactly the values that the output can be."""
    if table.hit in COLLECTED:
        counted: list[Counter[Any]] = [Counter(result) for result in results]
        return {"sure": reduce(and_, counted), "possible": reduce(or_, counted)}
    if table.kind in ("integer", "number"):
        return {"min": min(results), "max": max(results)}
    return set(results)


def without_order(can_be: Any) -> Any:
    if isinstance(can_be, list):
        assert len(set(can_be)) == len(can_be)
        return set(can_be)
    return {k: Counter(v) if isinstance(v, list) else v for k, v in can_be.items()}


def tables(kind: str, hit: str) -> Iterator[tuple[int, Table]]:
    for seed in range(TABLES):
        yield seed, random_table(kind, hit, random.Random(f"{kind} {hit} {seed}"))


@pytest.mark.parametrize(("kind", "hit"), POLICIES)
def test_an_output_is_and_can_be_what_dmn_defines(kind: str, hit: str, tmp_path: Path) -> None:
    for seed, table in tables(kind, hit):
        assessor = assessor_of(table, tmp_path / str(seed))
        for truths in itertools.product((True, False, None), repeat=RULES):
            check(table, assessor, truths)


def check(table: Table, assessor: Assessor, truths: Truths) -> None:
    expected = by_definition(
        table, [v for v, truth in zip(table.values, truths, strict=True) if truth]
    )
    facts = {f"f.n{n}": truth for n, truth in enumerate(truths)}
    if expected is CONFLICT:
        with pytest.raises(RuleConflict):
            assessor.assess(facts, NOW, "en")
        return
    results = all_results(table, truths)
    view = assessor.assess(facts, NOW, "en")["outputs"]["out"]
    assert (view["value"], type(view["value"])) == (expected, type(expected)), (table, truths)
    assert without_order(view["can_be"]) == expected_can_be(table, results), (table, truths)
    distinct = {tuple(r) if isinstance(r, list) else r for r in results}
    assert view["established"] == (len(distinct) == 1), (table, truths)
