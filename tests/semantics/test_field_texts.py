"""What handles are told from tables makes the same rules fire as all values by name, spelled one by one."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from service.engine.errors import RuleConflict
from service.engine.expressions.layout import Environment
from service.engine.judging.compile_pack import compile_pack
from service.engine.judging.judge import judge
from service.engine.rete.field_texts import FieldTexts
from service.engine.rete.matcher import ReteMatcher
from service.engine.rete.network import translate_rules
from service.engine.rete.translate import BoxFields
from tests.semantics.completions import NOW
from tests.semantics.random_packs import random_pack

PACKS, INCIDENTS = 25, 12


def by_name(fields: BoxFields, environment: Environment) -> dict[str, Any]:
    """The value of every field, without any table."""
    found = {name: environment[slot] for name, slot in fields.plain.items()}
    found |= {name: ranks.get(environment[slot]) for name, (slot, ranks) in fields.ordinals.items()}
    found |= {name: evaluate(environment) for name, evaluate in fields.computed.items()}
    return {name: value for name, value in found.items() if value is not None}


def test_tables_make_the_same_rules_fire(tmp_path: Path) -> None:
    seen: Counter[str] = Counter()
    for seed in range(PACKS):
        drawn = random_pack(seed)
        pack = drawn.loaded(tmp_path / str(seed))
        if pack is None:
            continue
        program = compile_pack(pack)
        conditions, fields = translate_rules(pack.rules, program.layout)
        matcher = ReteMatcher(conditions)
        texts = FieldTexts.of(fields, matcher.definition)
        for number in range(INCIDENTS):
            facts = {
                name: (*values, None)[(number * 7 + place) % (len(values) + 1)]
                for place, (name, values) in enumerate(drawn.domains.items())
            }
            try:
                environment = judge(program, program.environment(facts, NOW)[0]).environment
            except RuleConflict:
                continue
            told, values = texts.facts(environment), by_name(fields, environment)
            everything = matcher.definition.facts(values)
            fired = matcher.fired(told)
            assert fired == matcher.fired(everything)
            seen["fired"] += fired.bit_count()
            seen["shorter"] += sum(map(len, told)) < sum(map(len, everything))
        matcher.close()
    assert seen["fired"] > 200, seen
    assert seen["shorter"] > 50, seen
