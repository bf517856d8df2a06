"""Random incidents for any pack: the bodies are always well-formed and have only facts that the pack declares."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from schemas.types import Type
from schemas.vocabulary import Fact
from service.language.model import Pack

MOST_ITEMS = 4
START = datetime(2026, 1, 1, tzinfo=UTC)


def random_bodies(packs: Sequence[Pack], random: Random, count: int) -> list[bytes]:
    """Requests for each pack in turn. Each has its own moment, so that its answer depends on nothing else."""
    return [_body(packs[number % len(packs)], random) for number in range(count)]


def _body(pack: Pack, random: Random) -> bytes:
    share, as_of = random.random(), START + timedelta(minutes=random.randrange(500_000))
    facts: dict[str, Any] = {}
    for fact in pack.vocabulary.facts.values():
        if random.random() < share:
            _put(facts, fact.name, None if random.random() < 0.05 else _value(fact, random, as_of))
    body = {
        "pack": pack.name,
        "facts": facts,
        "as_of": _written(as_of),
        "locale": random.choice(pack.languages),
    }
    return json.dumps(body, ensure_ascii=False).encode()


def _put(tree: dict[str, Any], name: str, value: Any) -> None:
    *parents, leaf = name.split(".")
    for part in parents:
        tree = tree.setdefault(part, {})
    tree[leaf] = value


def _value(fact: Fact, random: Random, as_of: datetime) -> Any:
    if fact.type.name == "list":
        item = fact.type.item
        assert item is not None
        return [_scalar(item, fact, random, as_of) for _ in range(random.randrange(MOST_ITEMS))]
    return _scalar(fact.type, fact, random, as_of)


def _scalar(type_: Type, fact: Fact, random: Random, as_of: datetime) -> Any:
    match type_.name:
        case "boolean":
            return random.random() < 0.5
        case "integer":
            return _integer(fact, random)
        case "number":
            return _number(fact, random)
        case "enum":
            return random.choice(type_.values)
        case "datetime":
            return _written(as_of - timedelta(minutes=random.randrange(-1440, 100_000)))
        case "duration":
            return f"{random.randrange(1, 100)}h"
    return f"text {random.getrandbits(64):x} 文"


def _written(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _integer(fact: Fact, random: Random) -> int:
    """An integer of any order of magnitude, because thresholds have any too."""
    least = int(fact.minimum if fact.minimum is not None else -1000)
    most = int(fact.maximum if fact.maximum is not None else 10**9)
    return min(most, least + int(10 ** random.uniform(0, 9)) - 1)


def _number(fact: Fact, random: Random) -> float:
    least = float(fact.minimum if fact.minimum is not None else -1000.0)
    most = float(fact.maximum if fact.maximum is not None else 1e9)
    return (
        random.uniform(least, most) if most - least < 1000 else least + 10 ** random.uniform(0, 3)
    )
