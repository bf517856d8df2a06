"""Random incidents of a pack: facts drawn from its vocabulary, with values around the thresholds of its rules.

Half of them start from a calm day, on which all important facts are known and harmless, and change a few facts of it.
With random facts alone the worst possible grade would nearly always be red, and few other answers would occur.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
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
CALM: Mapping[str, Any] = {
    "harm.deaths": 0,
    "harm.injuries": 0,
    "harm.alleged_deaths": 0,
    "harm.alleged_injuries": 0,
    "harm.people_affected": 0,
    "harm.records_leaked": 0,
    "harm.vulnerable_group": False,
    "harm.children": False,
    "harm.continuing_danger": False,
    "harm.legal_breach": "none",
    "harm.regulator_action": "none",
    "harm.environment": False,
    "harm.environment_level": "none",
    "harm.work_accident": False,
    "harm.cyber_incident": "none",
    "harm.recall_class": "none",
    "harm.groups": (),
    "harm.loss_cny": 0.0,
    "harm.market_cap_drop_pct": 0.0,
    "media.tiers": ("self_media",),
    "media.mainstream_reports_24h": 0,
    "media.tiers_24h": ("self_media",),
    "social.reach": 0,
    "social.reach_24h": 0,
    "social.hot_listed": False,
    "trend.mentions_24h": 0,
    "trend.mean_7d": 0.0,
    "trend.sd_7d": 0.0,
    "trend.peak_24h": 100,
    "trend.growth_1h_pct": 0.0,
    "trend.phase": "plateau",
    "trend.new_points": (),
    "response.given": (),
    "response.promises_open": 0,
    "content.status": "false_fact",
    "finding.evidence": ("a",),
}
"""A day on which all important facts are known and harmless."""
FOUND = ("confirmed", "partly_confirmed", "refuted")
INDEPENDENT = ("independent_internal", "third_party", "regulator", "court")


@dataclass(frozen=True, slots=True)
class Incident:
    """`done` are the actions that a caller says were carried out, each with its moment."""

    facts: Mapping[str, Any]
    previous: Previous | None
    is_plausible: bool = False
    is_later: bool = False
    done: Mapping[str, datetime] = field(default_factory=dict)


class Incidents:
    """Draws any number of incidents. The same seed draws the same incidents."""

    def __init__(self, pack: Pack, seed: int) -> None:
        self.pack = pack
        self.random = random.Random(seed)
        limits = thresholds(pack)
        self.values = {
            fact.name: list(_values(fact, limits.get(fact.name, ())))
            for fact in pack.vocabulary.facts.values()
        }

    def draw(self) -> Incident:
        """An incident of a calm day or of any day, with or without a previous answer."""
        facts = self._calm() if self.random.random() < 0.5 else self._any()
        return Incident(facts, self._previous())

    def _calm(self) -> dict[str, Any]:
        """A calm day with one to eight changed facts, mostly with an independent finding."""
        facts = dict(CALM)
        if self.random.random() < 0.75:
            facts["finding.claim"] = self.random.choice(FOUND)
            facts["finding.basis"] = self.random.choice(INDEPENDENT)
        for name in self.random.sample(sorted(self.values), self.random.randint(1, 8)):
            value = self.value(self.pack.vocabulary.facts[name])
            facts[name] = None if self.random.random() < 0.03 else value
        return facts

    def _any(self) -> dict[str, Any]:
        """Any facts. The share of known facts differs between incidents: from very few to nearly all."""
        known = self.random.choice((0.05, 0.2, 0.5, 0.8, 0.95))
        finding = self.random.random()
        facts: dict[str, Any] = {}
        for name, fact in self.pack.vocabulary.facts.items():
            chance = finding if name.startswith("finding.") else known
            if self.random.random() < chance:
                facts[name] = None if self.random.random() < 0.03 else self.value(fact)
        return facts

    def value(self, fact: Fact) -> Any:
        if fact.type.name == "datetime":
            return AS_OF - timedelta(hours=self.random.choice(HOURS))
        values = self.values[fact.name]
        if fact.type.name == "list":
            return tuple(self.random.sample(values, self.random.randint(0, min(3, len(values)))))
        return self.random.choice(values)

    def _previous(self) -> Previous | None:
        """None half of the time, else a possible previous answer, often with the mildest values."""
        if self.random.random() < 0.5:
            return None
        mild = self.random.random() < 0.5
        outputs = {
            name: output.type.values[-1] if mild else self.random.choice(output.type.values)
            for name, output in self.pack.outputs.items()
            if output.type.name == "enum" and output.hit == "priority"
        }
        since = {
            name: AS_OF - timedelta(hours=self.random.choice(HOURS)) for name in self.pack.lifted
        }
        return Previous(AS_OF - timedelta(hours=1), outputs, {}, since, ())


def thresholds(pack: Pack) -> dict[str, list[int | float]]:
    """For each fact, the numbers with which rules and derived facts compare it."""
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
    match fact.type.name:
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
