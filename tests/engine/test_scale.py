"""Packs that are much too large for one handle work, and both matchers agree on them."""

from __future__ import annotations

import itertools
import tracemalloc
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from service.engine.assess import Assessor
from service.engine.expressions.budget import Budget
from service.engine.expressions.truth_tables import MOST_VALUES_OF_A_TABLE
from service.language.model import Pack
from tests.packs import PLAIN_PACK, plain_pack

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def rules(conditions: list[str]) -> str:
    entries = [
        f'  - {{id: r.n{n}, when: "{condition}", then: {{score: 1}}, because: {{en: r}}}}'
        for n, condition in enumerate(conditions)
    ]
    return "rules:\n" + "\n".join(entries)


@pytest.mark.parametrize(("count", "expected"), [(5, 5), (1999, 1999), (-1, 0)])
def test_two_thousand_rules_fire_exactly_by_their_thresholds(
    tmp_path: Path, count: int, expected: int
) -> None:
    pack = plain_pack(tmp_path, rules([f"a.count > {n}" for n in range(2000)]))
    answer = Assessor(pack).assess({"a.count": count}, NOW, "en")
    assert answer["outputs"]["score"]["value"] == expected


def test_of_three_hundred_rules_two_hundred_fire_at_once(tmp_path: Path) -> None:
    conditions = [
        f"a.count >= {n} && b.flag" if n < 200 else f"a.count >= {n} && !b.flag" for n in range(300)
    ]
    pack = plain_pack(tmp_path, rules(conditions))
    assessor = Assessor(pack)
    answer = assessor.assess({"a.count": 1000, "b.flag": True}, NOW, "en")
    assert answer["outputs"]["score"]["value"] == 200
    assert len(answer["reasons"]) == 200
    answer = assessor.assess({"a.count": 1000, "b.flag": False}, NOW, "en")
    assert answer["outputs"]["score"]["value"] == 100


def test_a_rule_with_hundreds_of_alternatives_fires_once(tmp_path: Path) -> None:
    either = " || ".join(f"a.count == {n}" for n in range(200))
    pack = plain_pack(tmp_path, rules([either]))
    assessor = Assessor(pack)
    assert assessor.assess({"a.count": 150}, NOW, "en")["outputs"]["score"]["value"] == 1
    assert assessor.assess({"a.count": 300}, NOW, "en")["outputs"]["score"]["value"] == 0


def wide_pack(folder: Path, values: int, conditions: list[str], given: Mapping[str, str]) -> Pack:
    """A pack with an output of many values. `given` has its values by condition."""
    names = ", ".join(f"v{n}" for n in range(values))
    wide = f"  wide: {{type: enum, hit: priority, default: v{values - 1}, values: [{names}]}}\n"
    givers = [
        f'  - {{id: g.n{n}, when: "{when}", then: {{wide: {value}}}, because: {{en: r}}}}\n'
        for n, (when, value) in enumerate(given.items())
    ]
    text = rules([condition.replace('"', '\\"') for condition in conditions])
    return plain_pack(folder, text + "\n" + "".join(givers), pack=PLAIN_PACK + wide)


@pytest.mark.parametrize("condition", ['wide == "v{}"', 'at_least(wide, "v{}")'])
def test_memory_does_not_grow_with_rules_times_values(tmp_path: Path, condition: str) -> None:
    """In a process of its own: here a thread that another test left, such as a watcher of packs, would allocate too."""
    with ProcessPoolExecutor(1, get_context("spawn")) as child:
        most, value = child.submit(most_memory, tmp_path, condition).result()
    assert most < 8_000_000
    assert value == "v40"


def most_memory(folder: Path, condition: str) -> tuple[int, Any]:
    """The most bytes that were allocated while an assessor was made, and the value that it answers."""
    conditions = [condition.format(n * 40) for n in range(100)]
    pack = wide_pack(folder, 4000, conditions, {"a.flag": "v40"})
    tracemalloc.start()
    assessor = Assessor(pack, "reference")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most, assessor.assess({"a.flag": True}, NOW, "en")["outputs"]["wide"]["value"]


ATOMS_OF_A_WIDE_OUTPUT = (
    'wide == "v3"',
    'wide != "v20"',
    'wide in ["v3", "v20"]',
    '!(wide in ["v3", "v20"])',
    'at_least(wide, "v20")',
    'at_least(wide, "v2")',
    'wide == "v7"',
    'wide in ["v3", "v20", "v39"]',
)


def test_an_atom_over_an_output_of_many_values_is_known_if_all_its_possible_values_agree(
    tmp_path: Path,
) -> None:
    given = {"a.flag": "v3", "b.flag": "v20", "a.count > 5": "v3"}
    assert MOST_VALUES_OF_A_TABLE < 40
    pack = wide_pack(tmp_path, 40, list(ATOMS_OF_A_WIDE_OUTPUT), given)
    assessor = Assessor(pack)
    values = {"a.flag": (True, False), "b.flag": (True, False), "a.count": (9, 0)}
    known = {
        facts: assessor.find(dict(zip(values, facts, strict=True)), NOW, "en").judgement.truths
        for facts in itertools.product(*values.values())
    }
    for partial in itertools.product(*((*of, None) for of in values.values())):
        facts = dict(zip(values, partial, strict=True))
        found = assessor.find(facts, NOW, "en").judgement.truths
        completions = [
            truths
            for full, truths in known.items()
            if all(part in (None, value) for part, value in zip(partial, full, strict=True))
        ]
        for position, truths in enumerate(zip(*completions, strict=True)):
            assert found[position] is (truths[0] if len(set(truths)) == 1 else None), position


def test_comparisons_of_an_open_output_of_many_values_with_constants_take_no_steps(
    tmp_path: Path,
) -> None:
    """Each of them would otherwise try every value that the output can still have."""
    tests = ('wide == "v{}"', 'wide != "v{}"', 'at_least(wide, "v{}")')
    conditions = [test.format(n) for n in range(50) for test in tests]
    given = {f"a.count == {n}": f"v{n}" for n in range(900)}
    pack = wide_pack(tmp_path, 1000, conditions, given)
    answer = Assessor(pack).assess({}, NOW, "en", budget=Budget(judging=0))
    assert len(answer["outputs"]["wide"]["can_be"]) == 901
