"""Incidents for a pack: random complete ones, and the pack's own cases."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from schemas.types import Type
from schemas.vocabulary import Fact
from service.engine.judging.compile_pack import compile_pack
from service.language.model import Pack

LATEST = datetime(2025, 12, 31, tzinfo=UTC)
MOST_DIGITS = 8


def complete_incidents(pack: Pack, count: int, seed: int = 1) -> Iterator[dict[str, Any]]:
    """Random incidents in which every fact has a value: counts from 0 to a hundred million, or within the fact's bounds."""
    chance = random.Random(seed)
    for _ in range(count):
        yield {
            name: _value(fact, fact.type, chance) for name, fact in pack.vocabulary.facts.items()
        }


def computable(pack: Pack, posted: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The incidents in which all derived facts have a value. A division by zero has none, and peers have no unknown."""
    program = compile_pack(pack)
    slots = [program.layout.facts[item.fact.name] for item in pack.derived]
    for facts in posted:
        environment, _ = program.environment(facts, LATEST)
        if all(environment[slot] is not None for slot in slots):
            yield facts


def _value(fact: Fact, type_: Type, chance: random.Random) -> Any:
    match type_.name:
        case "boolean":
            return chance.random() < 0.3
        case "integer":
            return _number(fact, chance)
        case "number":
            return _number(fact, chance) + chance.randint(0, 3) / 4
        case "enum":
            return chance.choice(type_.values)
        case "datetime":
            return LATEST - timedelta(minutes=chance.randint(0, 10_000))
        case "list":
            assert type_.item is not None
            values = type_.item.values or ("one", "two", "three")
            return tuple(chance.sample(values, chance.randint(0, min(3, len(values)))))
    return "text"


def _number(fact: Fact, chance: random.Random) -> int:
    most = 10 ** chance.randint(0, MOST_DIGITS) if fact.maximum is None else int(fact.maximum) - 1
    least = 0 if fact.minimum is None else int(fact.minimum)
    return chance.randint(least, max(least, most))


def case_bodies(pack: Pack) -> list[bytes]:
    """The pack's cases that name a source, as request bodies: real incidents in which most facts are unknown."""
    return [
        json.dumps(
            {"as_of": case.as_of.isoformat(), "facts": case.facts}, ensure_ascii=False
        ).encode()
        for case in pack.cases
        if case.source
    ]
