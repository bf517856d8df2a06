"""An incident of a random pack with unknown facts, its partial answer, and the answers of all its completions."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from schemas.vocabulary import ABSENT
from service.engine.assess import Assessor
from service.engine.errors import RuleConflict
from service.language.model import Pack
from tests.semantics.random_packs import RandomPack, random_pack

NOW = datetime(2026, 1, 1, tzinfo=UTC)
Answer = dict[str, Any]
Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Case:
    """`completed` has pairs: the values given to the unknown facts, and the answer. Conflicts are left out."""

    source: RandomPack
    pack: Pack
    assessor: Assessor
    facts: Facts
    unknown: tuple[str, ...]
    partial: Answer
    completed: list[tuple[Facts, Answer]] = field(default_factory=list)

    def assess(self, more: Facts) -> Answer | None:
        """The answer when these facts are known too; None if rules conflict."""
        return assessed(self.assessor, {**self.facts, **more})

    def __str__(self) -> str:
        return f"seed {self.source.seed}, facts {dict(self.facts)}"


def assessed(assessor: Assessor, facts: Facts) -> Answer | None:
    try:
        return assessor.assess(facts, NOW, "en")
    except RuleConflict:
        return None


def random_incident(source: RandomPack, chance: random.Random) -> dict[str, Any]:
    """An incident in which about half of the facts are left out or null."""
    facts: dict[str, Any] = {}
    for name, domain in source.domains.items():
        kind = chance.random()
        if kind < 0.5:
            facts[name] = chance.choice(domain)
        elif kind < 0.7:
            facts[name] = None
    return facts


def unknown_facts(source: RandomPack, pack: Pack, facts: Facts) -> tuple[str, ...]:
    unapplied = not_applying(source, pack, facts)
    return tuple(
        name
        for name, fact in pack.vocabulary.facts.items()
        if facts.get(name) is None
        and name not in unapplied
        and (name in facts or fact.assume is ABSENT)
    )


def not_applying(source: RandomPack, pack: Pack, facts: Facts) -> dict[str, Any]:
    """The absent facts that do not apply whatever the unknown facts are, with their values."""
    found: dict[str, Any] = {}
    declared = pack.vocabulary.facts
    for name, applies in source.applies.items():
        if name in facts:
            continue
        met = []
        for other, wanted in applies.wanted.items():
            value = facts.get(other, found.get(other))
            if other not in facts and declared[other].assume is not ABSENT:
                value = declared[other].assume
            met.append(None if value is None else value in wanted)
        if all(one is False for one in met) if applies.any_of else False in met:
            found[name] = applies.otherwise
    return found


def values_for(source: RandomPack, names: tuple[str, ...]) -> Iterator[Facts]:
    """Every way to give these facts values."""
    for values in itertools.product(*(source.domains[name] for name in names)):
        yield dict(zip(names, values, strict=True))


def cases_of(seed: int, folder: Path, incidents: int) -> Iterator[Case]:
    """Nothing if the loader refuses the pack of this seed."""
    source = random_pack(seed, with_verdict=True)
    pack = source.loaded(folder / str(seed))
    if pack is None:
        return
    assessor = Assessor(pack, engine="reference")
    chance = random.Random(seed)
    for _ in range(incidents):
        facts = random_incident(source, chance)
        unknown, partial = unknown_facts(source, pack, facts), assessed(assessor, facts)
        if partial is None or not unknown:
            continue
        case = Case(source, pack, assessor, facts, unknown, partial)
        for values in values_for(source, unknown):
            answer = case.assess(values)
            if answer is not None:
                case.completed.append((values, answer))
        yield case
