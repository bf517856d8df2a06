"""Random incidents of a pack: facts drawn from its vocabulary, with values around the thresholds of its rules."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from schemas.previous import Previous
from schemas.vocabulary import Fact
from service.language.model import Pack
from service.language.syntax import Binary, FactReference, Literal, Node, ToNumber, walk

AS_OF = datetime(2026, 6, 1, 4, 0, tzinfo=UTC)
HOURS = (0, 0.5, 1, 4, 23.9, 24, 47.9, 48, 71.9, 72, 167.9, 168, 336, 337, 504, 505)
COUNTS = (0, 1, 2, 5, 20, 50, 100)
SHARES = (0.0, 0.3, 1.0, 1.5, 10.0, 100.0)
TEXTS = ("a", "毒")


@dataclass(frozen=True, slots=True)
class Incident:
    facts: Mapping[str, Any]
    previous: Previous | None


class Incidents:
    """Draws incidents without end; the same seed draws the same ones."""

    def __init__(self, pack: Pack, seed: int) -> None:
        self.pack = pack
        self.random = random.Random(seed)
        limits = thresholds(pack)
        self.values = {
            fact.name: list(_values(fact, limits.get(fact.name, ())))
            for fact in pack.vocabulary.facts.values()
        }

    def draw(self) -> Incident:
        """How much is known differs from incident to incident: from hardly anything to nearly all."""
        known = self.random.choice((0.05, 0.2, 0.5, 0.8, 0.95))
        finding = self.random.random()
        facts: dict[str, Any] = {}
        for name, fact in self.pack.vocabulary.facts.items():
            chance = finding if name.startswith("finding.") else known
            if self.random.random() < chance:
                facts[name] = None if self.random.random() < 0.03 else self.value(fact)
        return Incident(facts, self._previous())

    def value(self, fact: Fact) -> Any:
        if fact.type.kind == "datetime":
            return AS_OF - timedelta(hours=self.random.choice(HOURS))
        values = self.values[fact.name]
        if fact.type.kind == "list":
            return tuple(self.random.sample(values, self.random.randint(0, min(3, len(values)))))
        return self.random.choice(values)

    def _previous(self) -> Previous | None:
        """None half of the time; else what the last answer may have said."""
        if self.random.random() < 0.5:
            return None
        outputs = {
            name: self.random.choice(output.type.values)
            for name, output in self.pack.outputs.items()
            if output.type.kind == "enum" and output.hit == "priority"
        }
        since = {
            name: AS_OF - timedelta(hours=self.random.choice(HOURS)) for name in self.pack.answer
        }
        return Previous(AS_OF - timedelta(hours=1), outputs, {}, since, ())


def thresholds(pack: Pack) -> dict[str, list[int | float]]:
    """The numbers that rules and derived facts compare each fact with."""
    found: dict[str, list[int | float]] = {}
    roots = [rule.when for rule in pack.rules] + [item.value for item in pack.derived]
    for root in roots:
        for name, number in _comparisons(root):
            found.setdefault(name, []).append(number)
    return found


def _comparisons(root: Node) -> Iterator[tuple[str, int | float]]:
    for node in walk(root):
        if isinstance(node, Binary):
            match _bare(node.left), _bare(node.right):
                case FactReference(name=name), Literal(value=int() | float() as value) if (
                    not isinstance(value, bool)
                ):
                    yield name, value


def _bare(node: Node) -> Node:
    return node.operand if isinstance(node, ToNumber) else node


def _values(fact: Fact, limits: list[int | float] | tuple[()]) -> Iterator[Any]:
    match fact.type.kind:
        case "boolean":
            yield from (True, False)
        case "enum":
            yield from fact.type.values
        case "list":
            item = fact.type.item
            yield from (item.values if item is not None and item.values else TEXTS)
        case "string":
            yield from TEXTS
        case "integer":
            near = {int(limit) + step for limit in limits for step in (-1, 0, 1)}
            yield from sorted(n for n in near | set(COUNTS) if _allowed(fact, n))
        case "number":
            close = {limit + step for limit in map(float, limits) for step in (-0.01, 0.0, 0.01)}
            yield from sorted(n for n in close | set(SHARES) if _allowed(fact, n))


def _allowed(fact: Fact, number: int | float) -> bool:
    return (fact.minimum is None or number >= fact.minimum) and (
        fact.maximum is None or number <= fact.maximum
    )
