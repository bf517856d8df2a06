"""Synthetic packs as files, with complete incidents, for a given number of rules, of facts and of firing rules.

A seed always gives the same pack. Each rule has two or three comparisons, as authors write them.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

VALUES = tuple("abcdefghij")
MOST = 9999
KINDS = ("integer", "integer", "number", "enum", "integer", "number", "boolean", "enum")
LEVELS = ("high", "middle", "low")
PACK = {
    "pack": "synthetic",
    "version": "1.0.0",
    "title": {"en": "Synthetic"},
    "locale": "en",
    "timezone": "UTC",
    "answer": ["grade"],
    "outputs": {
        "grade": {
            "type": "enum",
            "hit": "priority",
            "default": "low",
            "values": {name: {"level": level} for level, name in enumerate(LEVELS, 1)},
        },
        "score": {"type": "integer", "hit": "sum", "default": 0},
    },
}


@dataclass(frozen=True)
class Shape:
    """`firing` is the average number of rules that fire on an incident."""

    rules: int
    facts: int = 30
    firing: int = 4
    seed: int = 1

    def write(self, folder: Path) -> Path:
        """Writes the pack's files into the folder, which it creates."""
        folder.mkdir(parents=True, exist_ok=True)
        chance = random.Random(self.seed)
        facts = _facts(self.facts)
        rules = [_rule(number, self, chance) for number in range(self.rules)]
        _dump(folder / "pack.yaml", PACK)
        _dump(folder / "facts.yaml", {"facts": facts})
        _dump(folder / "actions.yaml", {"actions": {}})
        _dump(folder / "10_rules.yaml", {"rules": rules})
        return folder

    def incidents(self, count: int) -> list[dict[str, Any]]:
        """Facts by dotted name, every one known."""
        chance = random.Random(self.seed + 1)
        names = _facts(self.facts)
        return [
            {name: _posted(fact["type"], chance) for name, fact in names.items()}
            for _ in range(count)
        ]


def _dump(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(yaml.safe_dump(content, sort_keys=False, width=10_000), "utf-8")


def _facts(count: int) -> dict[str, dict[str, Any]]:
    facts = {}
    for number in range(count):
        kind = KINDS[number % len(KINDS)]
        fact: dict[str, Any] = {"type": kind, "text": {"en": f"Fact {number}"}}
        if kind == "enum":
            fact["values"] = list(VALUES)
        facts[f"group{number % 5}.fact{number}"] = fact
    return facts


def _posted(kind: str, chance: random.Random) -> Any:
    match kind:
        case "integer":
            return chance.randint(0, MOST)
        case "number":
            return chance.randint(0, MOST) / 100
        case "boolean":
            return chance.random() < 0.5
    return chance.choice(VALUES)


def _rule(number: int, shape: Shape, chance: random.Random) -> dict[str, Any]:
    """One or two atoms that are often true, and one that makes the rule fire as rarely as the shape requires."""
    facts = list(_facts(shape.facts).items())
    numeric = [item for item in facts if item[1]["type"] in ("integer", "number")]
    last = chance.choice(numeric)
    others = chance.sample([item for item in facts if item != last], chance.randint(1, 2))
    whole, share = _likely(others, chance)
    wanted = min(1.0, shape.firing / shape.rules / share)
    then: dict[str, Any] = {"score": 1}
    if number % 10 == 0:
        then["grade"] = LEVELS[number // 10 % 2]
    return {
        "id": f"r.n{number}",
        "when": f"{whole} && {_threshold(*last, wanted, chance)}",
        "then": then,
        "because": {"en": f"rule {number} holds"},
    }


def _likely(facts: list[tuple[str, dict[str, Any]]], chance: random.Random) -> tuple[str, float]:
    """A condition over one or two facts and the share of incidents for which it is true."""
    (first, share), *rest = [_likely_atom(*fact, chance) for fact in facts]
    for second, other in rest:
        if chance.random() < 0.3:
            return f"({first} || {second})", 1 - (1 - share) * (1 - other)
        return f"{first} && {second}", share * other
    return first, share


def _likely_atom(name: str, fact: Mapping[str, Any], chance: random.Random) -> tuple[str, float]:
    """An atom and the share of incidents for which it is true."""
    match fact["type"]:
        case "boolean":
            return chance.choice([name, f"!{name}"]), 0.5
        case "enum":
            values = sorted(chance.sample(VALUES, chance.randint(5, 8)))
            listed = ", ".join(f'"{value}"' for value in values)
            return f"{name} in [{listed}]", len(values) / len(VALUES)
    share = chance.uniform(0.5, 0.8)
    return _threshold(name, fact, share, chance), share


def _threshold(name: str, fact: Mapping[str, Any], share: float, chance: random.Random) -> str:
    """A comparison that is true for this share of the incidents."""
    upper = chance.random() < 0.5
    bound = round(MOST * (1 - share)) if upper else round(MOST * share)
    sign = ">=" if upper else "<="
    return f"{name} {sign} {bound if fact['type'] == 'integer' else bound / 100}"
