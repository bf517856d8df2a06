"""The index gives every rule the same truth value as the function of the rule and its closures, and every output the same values."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from service.engine.assess import Assessor
from service.engine.errors import RuleConflict
from service.engine.expressions.layout import HAS_UNKNOWN_SLOT
from service.engine.judging.compile_pack import compile_pack
from service.engine.judging.judge import Judgement, judge, judge_relaxed
from service.engine.judging.program import Program
from service.engine.reference.rule_conditions import as_closures
from tests.packs import PLAIN_PACK, plain_pack
from tests.semantics.completions import NOW
from tests.semantics.random_packs import random_pack, text_of
from tests.semantics.truths import FACTS, TRUTHS

PACKS, INCIDENTS = 60, 12
CONNECTED = (
    "t.a && t.b",
    "t.a || t.b",
    "!t.a",
    "t.a && (t.b || !t.c)",
    "!(t.a && t.b) || t.c",
    "t.a == t.b",
    "t.a != true",
    "t.a in [true]",
    "has(t.a)",
    "!has(t.a) || t.b",
    "t.a ? t.b : t.c",
)


def found(judgement: Judgement) -> tuple[Any, ...]:
    """Without the environment, in which closures keep the elements of lists."""
    return judgement.rules, judgement.values, judgement.can_be


def compared(
    program: Program, facts: dict[str, Any], has_of_unknown: bool | None = False
) -> Counter[bool | None]:
    """The number of rules with each truth value, after a check that all forms agree."""
    forms = (program.evaluators, as_closures(program.pack, program.layout))
    without_index = replace(program, match_rules=None)
    environment = program.environment(facts, NOW)[0]
    for slot, evaluate in program.derived:
        assert environment[slot] == evaluate(environment)
    environment[HAS_UNKNOWN_SLOT] = has_of_unknown
    by_closures = judge(without_index, list(environment))
    judgement = judge(program, environment)
    assert found(judgement) == found(by_closures)
    for form in forms:
        assert judgement.truths == [evaluate(judgement.environment) for evaluate in form]
    if has_of_unknown is False:
        relaxed = judge_relaxed(program, judgement)
        assert found(relaxed) == found(judge_relaxed(without_index, by_closures))
    return Counter(judgement.truths)


def test_every_row_of_the_truth_tables(tmp_path: Path) -> None:
    rules = [
        {"id": f"r.n{n}", "when": when, "then": {"score": 1}, "because": {"en": "r"}}
        for n, when in enumerate(CONNECTED)
    ]
    program = compile_pack(plain_pack(tmp_path, text_of({"rules": rules}), facts=text_of(FACTS)))
    seen: Counter[bool | None] = Counter()
    for *values, has_of_unknown in itertools.product(TRUTHS, TRUTHS, TRUTHS, (False, None)):
        facts = dict(zip(("t.a", "t.b", "t.c"), values, strict=True))
        seen += compared(program, facts, has_of_unknown)
    assert min(seen[truth] for truth in TRUTHS) > 30


@pytest.mark.parametrize(
    ("name", "fires"), [("x", 3), ("y", 3), ("z", 2), ("", 2), (None, 0)], ids=str
)
def test_a_text_is_compared_with_some_of_all_texts(
    tmp_path: Path, name: str | None, fires: int
) -> None:
    conditions = (
        "a.name == 'y'",
        "a.name != 'x'",
        "a.name != 'y'",
        "a.name in ['x', 'y']",
        "a.name == 'x' && a.name != 'y'",
    )
    rules = [
        {"id": f"r.n{n}", "when": when, "then": {"score": 1}, "because": {"en": "r"}}
        for n, when in enumerate(conditions)
    ]
    facts = {"facts": {"a.name": {"type": "string", "text": {"en": "name"}}}}
    pack = plain_pack(tmp_path, text_of({"rules": rules}), facts=text_of(facts))
    assert compared(compile_pack(pack), {"a.name": name})[True] == fires


@pytest.mark.parametrize(
    ("share", "fires"), [(0.0, 2), (1.0, 2), (0.5, 0), (2.0, 0), (None, 0)], ids=str
)
def test_the_numbers_0_and_1_are_not_all_numbers(
    tmp_path: Path, share: float | None, fires: int
) -> None:
    """They are equal to false and true, which are all booleans. A campaign found it."""
    rules = [
        {"id": f"r.n{n}", "when": when, "then": {"score": 1}, "because": {"en": "r"}}
        for n, when in enumerate(("a.share in [0, 1.0]", "a.share in [1.0, 0.0]"))
    ]
    pack = plain_pack(tmp_path, text_of({"rules": rules}))
    assert compared(compile_pack(pack), {"a.share": share})[True] == fires


def test_many_tests_of_one_open_output_say_as_much_as_each_of_them(tmp_path: Path) -> None:
    """More than the most branches: together they are one test, but not one table of the output's values."""
    names = [f"v{n}" for n in range(20)]
    steps = f"  step: {{type: enum, hit: priority, default: v19, values: [{', '.join(names)}]}}\n"
    condition = " || ".join(f'step == "{name}"' for name in names)
    rules = [
        {"id": "g.one", "when": "a.flag", "then": {"step": "v3"}, "because": {"en": "r"}},
        {"id": "r.all", "when": condition, "then": {"score": 1}, "because": {"en": "r"}},
        {"id": "r.none", "when": f"!({condition})", "then": {"score": 1}, "because": {"en": "r"}},
    ]
    pack = plain_pack(tmp_path, text_of({"rules": rules}), pack=PLAIN_PACK + steps)
    assert compared(compile_pack(pack), {}) == {None: 3}
    assert compared(compile_pack(pack), {"a.flag": True}) == {True: 2, False: 1}


def test_random_packs(tmp_path: Path) -> None:
    seen: Counter[bool | None] = Counter()
    for seed in range(PACKS):
        drawn = random_pack(seed)
        pack = drawn.loaded(tmp_path / str(seed))
        if pack is None:
            continue
        program = compile_pack(pack)
        for number in range(INCIDENTS):
            facts = {
                name: (*values, None)[(number * 7 + place) % (len(values) + 1)]
                for place, (name, values) in enumerate(drawn.domains.items())
            }
            try:
                seen += compared(program, facts)
            except RuleConflict:
                continue
    assert min(seen[truth] for truth in TRUTHS) > 200, seen


@pytest.mark.parametrize(
    "text", ['"', "'", "\\", "'); raise SystemExit #", "危机", "%s {0}", "\n pass"]
)
def test_an_authors_text_is_a_value_and_never_code(tmp_path: Path, text: str) -> None:
    when = f"a.name == {json.dumps(text, ensure_ascii=False)}"
    rule = {"id": "r.n", "when": when, "then": {"score": 1}, "because": {"en": "r"}}
    facts = {"facts": {"a.name": {"type": "string", "text": {"en": "name"}}}}
    pack = plain_pack(tmp_path, text_of({"rules": [rule]}), facts=text_of(facts))
    for name, fires in ((text, True), (text + "x", False)):
        answer = Assessor(pack).assess({"a.name": name}, NOW, "en")
        assert bool(answer["reasons"]) is fires
