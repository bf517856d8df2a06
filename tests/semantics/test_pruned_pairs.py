"""The pairs of changes that the search leaves out lead to no value wanted: each pair is judged, in packs with many derived facts."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from service.engine.contingency.cone import compile_cone
from service.engine.contingency.search import Search
from service.engine.contingency.turning_points import compile_levers
from service.engine.errors import RuleConflict
from service.engine.judging.compile_pack import compile_pack
from service.engine.judging.judge import judge
from service.language.model import Pack
from tests.semantics.completions import NOW
from tests.semantics.random_packs import CODES, COMPARE, DOMAINS, Maker, RandomPack
from tests.semantics.test_contingency import declared, incident

PACKS, INCIDENTS = 60, 3


class RichMaker(Maker):
    """More facts, chains of derived facts, and conditions over all of them."""

    def _facts(self) -> dict[str, Any]:
        facts = {name: self._fact(name) for name in self._names("f", 4, 7)}
        derived = {name: self._derived(name) for name in self._names("d", 1, 6)}
        return {"facts": facts, "derived": derived}

    def _names(self, letter: str, least: int, most: int) -> list[str]:
        return [f"{letter}.n{number}" for number in range(self.chance.randint(least, most))]

    def _fact(self, name: str) -> dict[str, Any]:
        kind = self.chance.choice(["boolean", "boolean", "enum", "integer", *DOMAINS])
        entry: dict[str, Any] = {"type": kind, "text": {"en": name}}
        entry |= {"values": list(CODES)} if kind == "enum" else {}
        entry |= {"of": "string"} if kind == "list" else {}
        if self.chance.random() < 0.15:
            entry["assume"] = self.chance.choice(DOMAINS[kind])
        elif self.governing.random() < 0.4:
            entry |= self._applicability(name, kind)
        self.facts[name] = kind
        return entry

    def _derived(self, name: str) -> dict[str, Any]:
        numeric = bool(self._integers()) and self.chance.random() < 0.5
        value = self._arithmetic() if numeric else self._condition([], 2)
        self.derived[name] = kind = "integer" if numeric else "boolean"
        return {"type": kind, "value": value, "text": {"en": name}}

    def _fact_atom(self) -> str:
        chosen = self.chance.random()
        if chosen < 0.1:
            return f"has({self.chance.choice([*self.facts, *self.derived])})"
        if self.derived and chosen < 0.4:
            name = self.chance.choice([*self.derived])
            sign, number = self.chance.choice(COMPARE), self.chance.randint(0, 3)
            return name if self.derived[name] == "boolean" else f"{name} {sign} {number}"
        return super()._fact_atom()


def searches(source: RandomPack, pack: Pack) -> Iterator[Search]:
    program, chance = compile_pack(pack), random.Random(source.seed)
    assert pack.contingency is not None
    cone = compile_cone(program, pack.outputs[pack.contingency.output])
    levers = compile_levers(cone)
    for _ in range(INCIDENTS):
        environment, _ = program.environment(incident(source, chance), NOW)
        try:
            yield Search.of(cone, levers, judge(program, environment))
        except RuleConflict:
            continue


def left_out(search: Search, seen: Counter[str]) -> Iterator[str]:
    values = [one for one in search.cone.output.type.values if one != search.present.output.value]
    value_of = {
        pair: search._value(pair)
        for one, other in itertools.combinations(search.moves.values(), 2)
        for pair in itertools.product(one, other)
    }
    for number in (1, 2):
        for wanted in itertools.combinations(values, number):
            kept = set(search._pairs(set(wanted)))
            seen["pruned"] += len(value_of) - len(kept)
            for pair, value in value_of.items():
                seen["lead to it"] += value in wanted
                if value in wanted and pair not in kept:
                    yield f"{wanted}: {[(move.lever.fact.name, move.value) for move in pair]}"


def test_no_pair_that_leads_to_a_value_wanted_is_left_out(tmp_path: Path) -> None:
    seen: Counter[str] = Counter()
    for seed in range(PACKS):
        source = declared(RichMaker(seed, False, False).pack(), seed % 3 > 0)
        pack = source.loaded(tmp_path / str(seed))
        for search in searches(source, pack) if pack is not None else ():
            assert list(left_out(search, seen)) == [], f"seed {seed}"
    assert seen["pruned"] > seen["lead to it"] > 500
