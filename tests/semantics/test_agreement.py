"""The two matchers say the same of many thousand conditions and incidents, rule by rule, without a second try."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from service.engine.box_conditions import FieldPlan
from service.engine.program import Program, compile_pack
from service.engine.rete import ReteMatcher, available
from service.language.syntax import facts_read
from tests.packs import plain_pack
from tests.semantics.random_conditions import NOW, Conditions, facts_file, random_incident
from tests.semantics.random_packs import text_of

pytestmark = pytest.mark.skipif(not available(), reason="durable_rules does not import here")

PACKS = int(os.environ.get("TOCSIN_AGREEMENT_PACKS", "60"))
FIRST_SEED = int(os.environ.get("TOCSIN_FIRST_SEED", "0"))
RULES = 60
INCIDENTS = 60
PAIRS = 100_000


@dataclass
class Tally:
    """A pair counts once: a condition and the values of just those facts that it reads."""

    truths: Counter[bool | None] = field(default_factory=Counter)
    seen: set[int] = field(default_factory=set)

    def add(self, key: tuple[Any, ...], truth: bool | None) -> None:
        fingerprint = hash(key)
        if fingerprint not in self.seen:
            self.seen.add(fingerprint)
            self.truths[truth] += 1


class TwoMatchers:
    """One pack's conditions in both matchers, as cross_check has them, but every difference shows."""

    def __init__(self, program: Program, texts: list[str]) -> None:
        self.program = program
        self.texts = texts
        self.fields = FieldPlan(program.layout)
        rules = program.pack.rules
        self.matcher = ReteMatcher([self.fields.box(rule.when) for rule in rules])
        self.reads = [sorted(_posted(program, facts_read(rule.when))) for rule in rules]

    def compare(self, facts: Mapping[str, Any], tally: Tally) -> None:
        environment, _ = self.program.environment(facts, NOW)
        truths = [evaluate(environment) for evaluate in self.program.evaluators]
        fired = self.matcher.match(self.fields.values(environment))
        expected = {position for position, truth in enumerate(truths) if truth is True}
        wrong = [self.texts[position] for position in sorted(fired ^ expected)]
        assert not wrong, (wrong, facts)
        for text, names, truth in zip(self.texts, self.reads, truths, strict=True):
            tally.add((text, *(repr(facts.get(name)) for name in names)), truth)


def _posted(program: Program, names: frozenset[str]) -> frozenset[str]:
    for item in program.pack.derived:
        if item.fact.name in names:
            names = (names - {item.fact.name}) | _posted(program, facts_read(item.value))
    return names


def random_program(folder: Path, texts: list[str]) -> Program:
    rules = [
        {"id": f"r.n{n}", "when": text, "then": {"score": 1}, "because": {"en": "r"}}
        for n, text in enumerate(texts)
    ]
    pack = plain_pack(folder, text_of({"rules": rules}), facts=text_of(facts_file()))
    return compile_pack(pack)


@pytest.fixture(scope="module")
def tally(tmp_path_factory: pytest.TempPathFactory) -> Tally:
    folder, tally = tmp_path_factory.mktemp("agreement"), Tally()
    for seed in range(FIRST_SEED, FIRST_SEED + PACKS):
        chance = random.Random(seed)
        conditions = Conditions(chance)
        texts = list(dict.fromkeys(conditions.condition() for _ in range(RULES)))
        both = TwoMatchers(random_program(folder / str(seed), texts), texts)
        for _ in range(INCIDENTS):
            both.compare(random_incident(chance, conditions.constants), tally)
        both.matcher.close()
    return tally


def test_rete_and_reference_agree_on_a_hundred_thousand_unique_pairs(tally: Tally) -> None:
    assert tally.truths.total() >= PAIRS


@pytest.mark.parametrize("truth", [True, False, None])
def test_true_false_and_unknown_are_each_a_fifth_of_them(tally: Tally, truth: bool | None) -> None:
    assert tally.truths[truth] >= 0.2 * tally.truths.total(), tally.truths
