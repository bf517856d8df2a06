"""The code written for a stratum gives every rule the same truth value as the rule's own evaluator."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from service.engine.assess import Assessor
from service.engine.errors import RuleConflict
from service.engine.expressions.layout import HAS_UNKNOWN_SLOT
from service.engine.judging.compile_pack import compile_pack
from service.engine.judging.judge import judge
from service.engine.judging.program import Program
from service.engine.reference.rule_conditions import as_closures
from tests.packs import plain_pack
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


def compared(
    program: Program, facts: dict[str, Any], has_of_unknown: bool | None = False
) -> Counter[bool | None]:
    """The number of rules with each truth value, after a check that the code of strata, that of rules and closures agree."""
    closures = as_closures(program.pack, program.layout)
    environment = program.environment(facts, NOW)[0]
    environment[HAS_UNKNOWN_SLOT] = has_of_unknown
    judgement = judge(program, environment)
    asked = [evaluate(judgement.environment) for evaluate in program.evaluators]
    assert judgement.truths == asked == [one(judgement.environment) for one in closures]
    rules = judgement.rules
    assert [rules.true >> n & 1 for n in range(len(asked))] == [t is True for t in asked]
    assert [rules.unknown >> n & 1 for n in range(len(asked))] == [t is None for t in asked]
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
