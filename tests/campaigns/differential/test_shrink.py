"""A failing sample is made small: the pack and the incident keep only what the failure needs."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import yaml

from service.language.syntax import facts_read
from tests.campaigns.differential.conditions import flat_files, load
from tests.campaigns.differential.differences import ConditionSample, PackSample
from tests.campaigns.differential.matchers import TwoMatchers
from tests.campaigns.differential.shrink import shrunk
from tests.oracles.generate import Conditions as SharedConditions
from tests.oracles.vocabulary import FACTS, MOMENT
from tests.semantics.random_conditions import NOW, Conditions, facts_file, random_incident


def rules_that_fire(sample: PackSample, folder: Path) -> list[Any]:
    pack = load(sample, folder)
    if pack is None or not pack.rules:
        return []
    both = TwoMatchers(pack)
    known = {n: value for n, value in sample.facts.items() if n in pack.vocabulary.facts}
    judgement, _ = both.judged(known, sample.as_of)
    both.close()
    return [rule for rule, truth in zip(pack.rules, judgement.truths, strict=True) if truth]


def test_a_pack_is_cut_to_one_rule_of_one_atom_and_the_facts_it_reads(tmp_path: Path) -> None:
    """The failure is a rule that fires on a known text."""
    chance = Random(7)
    conditions = Conditions(chance)
    texts = list(dict.fromkeys(conditions.condition() for _ in range(2)))
    facts = random_incident(chance, conditions.constants) | {"t.n0": "公关危机"}
    texts.append('i.n1 == i.n1 && (b.n0 || (t.n0.contains("危机") && i.n2 > 3)) || e.n0 == "x"')
    facts |= {"i.n1": 1, "b.n0": False, "i.n2": 4, "e.n0": "y"}
    sample = PackSample(flat_files(texts, facts_file()), facts, NOW)

    def fails(candidate: PackSample) -> bool:
        fired = rules_that_fire(candidate, tmp_path / "pack")
        return any("t.n0" in facts_read(r.when) and "contains" in str(r.when) for r in fired)

    smallest = shrunk(sample, fails)

    (rule,) = smallest.files["rules.yaml"]["rules"]
    assert "&&" not in rule["when"]
    assert "||" not in rule["when"]
    assert smallest.facts.keys() <= {"t.n0", "t.n1"}
    assert len(smallest.files["facts.yaml"]["facts"]) <= 2


def test_a_condition_is_cut_to_the_part_that_matters() -> None:
    """Both spellings are cut at once."""
    made = SharedConditions(Random(3))
    whole = next(
        condition
        for condition in (made.condition(3) for _ in range(1000))
        if "at_least" in condition.tocsin and len(condition.tocsin) > 200
    )

    smallest = shrunk(
        ConditionSample(whole, {"n.a": 1, "e.a": "dire"}, MOMENT),
        lambda sample: "at_least(" in sample.expression.tocsin,
    )

    assert smallest.expression.tocsin.startswith("at_least(")
    assert " in [" in smallest.expression.cel
    assert smallest.facts == {}


def test_a_pack_that_never_fails_stays_as_it_is() -> None:
    sample = PackSample(flat_files(["b.n0", "!b.n1"], yaml.safe_load(FACTS)), {"b.n0": True}, NOW)
    assert shrunk(sample, lambda candidate: False) == sample
