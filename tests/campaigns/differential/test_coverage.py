"""The campaign's random packs and incidents contain everything: types, operators, hit policies, strata, guards, unknown facts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import yaml

from schemas.files.names import HIT_POLICY_NAMES
from schemas.types import LIST_ITEM_TYPES, SCALAR_TYPES
from service.engine.assess import Assessor
from service.language.conditions.functions import FUNCTION_NAMES, METHOD_NAMES
from service.language.load import load_pack
from service.language.model import Pack
from service.language.syntax import (
    Binary,
    Call,
    FactReference,
    Has,
    Literal,
    Node,
    OutputReference,
    Quantifier,
    ToNumber,
    walk,
)
from tests.campaigns.differential.conditions import flat_files, load
from tests.campaigns.differential.differences import PackSample
from tests.oracles import vocabulary
from tests.oracles.generate import Conditions as SharedConditions
from tests.semantics import completions
from tests.semantics.random_conditions import (
    FACTS,
    NOW,
    Conditions,
    facts_file,
    random_incident,
)
from tests.semantics.random_packs import random_pack

BINARY = ("==", "!=", "<", "<=", ">", ">=", "in", "+", "-", "*", "/", "%")
OTHERS = ("And", "Or", "Not", "Negative", "Conditional", "Has", "ListOf", "AsOf", "ToNumber")
FLAT, WHOLE = 6, 60


@cache
def flat_packs() -> list[tuple[Pack, Conditions, Random]]:
    with TemporaryDirectory() as folder:
        return [_flat(Random(seed), Path(folder) / str(seed)) for seed in range(FLAT)]


def _flat(chance: Random, folder: Path) -> tuple[Pack, Conditions, Random]:
    conditions = Conditions(chance)
    texts = list(dict.fromkeys(conditions.condition() for _ in range(60)))
    pack = load(PackSample(flat_files(texts, facts_file()), {}, NOW), folder)
    assert pack is not None
    return pack, conditions, chance


@cache
def whole_packs() -> list[tuple[Pack, list[dict[str, Any]]]]:
    """Random packs, each with some incidents."""
    found = []
    with TemporaryDirectory() as folder:
        for seed in range(WHOLE):
            source, chance = random_pack(seed, with_holds=True), Random(seed)
            pack = source.loaded(Path(folder) / str(seed))
            if pack is not None:
                incidents = [completions.random_incident(source, chance) for _ in range(5)]
                found.append((pack, incidents))
    return found


@cache
def shared_pack() -> Pack:
    made = SharedConditions(Random(0))
    texts = list(dict.fromkeys(made.condition(2).tocsin for _ in range(300)))
    files = flat_files(texts, yaml.safe_load(vocabulary.FACTS))
    with TemporaryDirectory() as folder:
        PackSample(files, {}, NOW).write(Path(folder))
        pack, problems = load_pack(Path(folder))
    assert pack is not None, problems
    return pack


GENERATORS = {
    "flat": lambda: [pack for pack, _, _ in flat_packs()],
    "shared": lambda: [shared_pack()],
    "whole": lambda: [pack for pack, _ in whole_packs()],
}


def nodes(generator: str) -> Iterator[Node]:
    for pack in GENERATORS[generator]():
        for rule in pack.rules:
            yield from walk(rule.when)


@cache
def seen(generator: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for node in nodes(generator):
        found[type(node).__name__] += 1
        match node:
            case Binary(operator=sign):
                found[sign] += 1
            case Call(function=name) | Quantifier(kind=name):
                found[name] += 1
            case Literal(type=kind) if kind.name in ("datetime", "duration"):
                found["timestamp" if kind.name == "datetime" else "duration"] += 1
            case Has():
                found["has"] += 1
            case FactReference(type=kind):
                found[f"fact: {kind.name}"] += 1
                found[f"list of {kind.item}"] += kind.item is not None
    return found


@pytest.mark.parametrize("generator", ["flat", "shared"])
@pytest.mark.parametrize("part", [*BINARY, *OTHERS, *FUNCTION_NAMES, *METHOD_NAMES])
def test_every_operator_and_function_occurs(generator: str, part: str) -> None:
    assert seen(generator)[part] >= 3


@pytest.mark.parametrize("kind", [*SCALAR_TYPES, "list"])
def test_conditions_read_facts_of_every_type(kind: str) -> None:
    assert seen("flat")[f"fact: {kind}"] >= 10
    assert seen("shared")[f"fact: {kind}"] >= 10


@pytest.mark.parametrize("kind", LIST_ITEM_TYPES)
def test_conditions_read_lists_of_every_type(kind: str) -> None:
    assert seen("flat")[f"list of {kind}"] >= 3


@pytest.mark.parametrize("hit", HIT_POLICY_NAMES)
def test_rules_set_and_read_outputs_of_every_hit_policy(hit: str) -> None:
    set_, read = Counter[str](), Counter[str]()
    for pack, _ in whole_packs():
        for rule in pack.rules:
            set_.update(pack.outputs[given.output].hit for given in rule.then)
            read.update(
                pack.outputs[node.name].hit
                for node in walk(rule.when)
                if isinstance(node, OutputReference)
            )
    assert min(set_[hit], read[hit]) >= 20


def test_most_packs_have_several_strata_and_all_have_guards() -> None:
    packs = [pack for pack, _ in whole_packs()]
    assert len(packs) > 0.9 * WHOLE
    assert sum(len(pack.strata) > 1 for pack in packs) > 0.8 * len(packs)
    assert sum(len(pack.strata) > 2 for pack in packs) > 0.5 * len(packs)
    assert all(
        any(g.output == "blocked" for rule in pack.rules for g in rule.then) for pack in packs
    )


def test_many_packs_have_rules_that_hold() -> None:
    held = [
        any(g.output == "held" for r in pack.rules for g in r.then) for pack, _ in whole_packs()
    ]
    assert sum(held) > 0.4 * len(held)


def test_rules_start_and_end_on_the_moment_of_the_assessment() -> None:
    edges = Counter(
        side
        for pack, _ in whole_packs()
        for rule in pack.rules
        for side, moment in (("from", rule.effective_from), ("until", rule.effective_until))
        if moment == completions.NOW
    )
    assert min(edges["from"], edges["until"]) >= 5


@cache
def answers() -> list[dict[str, Any] | None]:
    """Those to all incidents of all whole packs."""
    assessors = [(Assessor(pack, "reference"), incidents) for pack, incidents in whole_packs()]
    return [
        completions.assessed(assessor, facts)
        for assessor, incidents in assessors
        for facts in incidents
    ]


@pytest.mark.parametrize("place", ["actions", "held", "blocked", "assumed", "unknowns"])
def test_actions_are_allowed_held_and_blocked_and_facts_assumed_and_unknown(place: str) -> None:
    assert sum(bool(answer and answer[place]) for answer in answers()) > len(answers()) / 20


def test_facts_are_known_null_and_absent() -> None:
    states: Counter[str] = Counter()
    for pack, incidents in whole_packs():
        for facts in incidents:
            for name in pack.vocabulary.facts:
                value = facts.get(name)
                known = "known" if value is not None else "null"
                states[known if name in facts else "absent"] += 1
    assert min(states.values()) > 0.1 * states.total()
    assert len(states) == 3


@pytest.mark.parametrize("generator", ["flat", "shared", "whole"])
def test_conditions_have_chinese_text(generator: str) -> None:
    texts = [node.value for node in nodes(generator) if isinstance(node, Literal)]
    assert (
        sum(isinstance(text, str) and any("一" <= c <= "鿿" for c in text) for text in texts) >= 10
    )


@pytest.mark.parametrize("off", [-1, 0, 1])
def test_posted_numbers_are_equal_to_a_constant_and_one_below_and_above(off: int) -> None:
    hits = 0
    for _, conditions, chance in flat_packs():
        facts = random_incident(chance, conditions.constants)
        for name, kind in FACTS.items():
            if kind == "integer" and facts.get(name) is not None:
                hits += facts[name] - off in conditions.constants[name]
    assert hits >= 3


def test_promoted_integers_occur() -> None:
    assert sum(isinstance(node, ToNumber) for node in nodes("flat")) >= 10
