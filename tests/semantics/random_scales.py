"""Random packs whose grade has a value below the scale, and whose facts say when a posted value counts as unknown."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

from schemas.previous import Previous
from schemas.reported import Reported
from schemas.vocabulary import ABSENT
from service.engine.assess import Assessor
from service.engine.errors import RuleConflict
from service.language.model import Pack
from tests.semantics.completions import NOW, Answer, Facts
from tests.semantics.random_outputs import COLOURS
from tests.semantics.random_packs import RandomPack, random_pack, text_of
from tests.semantics.test_contingency import atom

NONE = "nil"
CLOSED = "green"
"""The value below the scale, and the one that closes an incident."""
FRESH, STALE = NOW - timedelta(minutes=30), NOW - timedelta(hours=2)
REASONS = ("old", "page", "disputed")


def scaled(source: RandomPack) -> tuple[RandomPack, str] | None:
    """The pack, and the fact that it must know before the value below the scale is taken. None if it has no such fact."""
    chance = random.Random(source.seed)
    about, facts = (yaml.safe_load(source.files[name]) for name in ("pack.yaml", "facts.yaml"))
    firm = [
        name
        for name, fact in facts["facts"].items()
        if not {"assume", "otherwise"} & fact.keys() and fact["type"] != "boolean"
    ]
    if not firm:
        return None
    needed = chance.choice(firm)
    for fact in facts["facts"].values():
        if chance.random() < 0.5:
            reasons = chance.sample(REASONS, chance.randint(1, 3))
            fact |= {"stale_after": "1h", "unknown_if": reasons}
    for name, fact in facts["facts"].items():
        if name == needed or chance.random() < 0.9:
            fact["calm"] = "always"
        elif chance.random() < 0.5:
            fact["calm"] = _atom(facts, chance)
    grade = about["outputs"]["grade"]
    grade["values"] = {**grade["values"], NONE: {"below_scale": True}}
    grade["values"][CLOSED]["closed"] = chance.random() < 0.5
    about["answer"] = list(dict.fromkeys(["grade", *about["answer"]]))
    about["brief"] = {"calm": [needed, _atom(facts, chance)]}
    rules = [
        {
            "id": f"quiet.n{number}",
            "when": "always" if number else _atom(facts, chance),
            "then": {"grade": NONE},
            "because": {"en": "quiet"},
        }
        for number in range(2)
    ]
    written = {"pack.yaml": about, "facts.yaml": facts, "40_quiet.yaml": {"rules": rules}}
    files = {name: text_of(data) for name, data in written.items()}
    return replace(source, files={**source.files, **files}), needed


def _atom(facts: Any, chance: random.Random) -> str:
    """A test of one fact, in half of the cases with `has`: true if the fact is not told."""
    name = chance.choice(list(facts["facts"]))
    plain = atom(name, facts["facts"][name]["type"], chance)
    return plain if chance.random() < 0.5 else f"!has({name}) || {plain}"


@dataclass(frozen=True)
class Told:
    """What a caller tells of an incident."""

    facts: Facts
    reported: Mapping[str, Reported]
    previous: Previous | None

    def unsure(self) -> bool:
        """Whether a fact is old, of one page alone or disputed. Only a fact with `stale_after` is ever old."""
        return any(
            said.scope == "page" or said.disputed or said.measured_at == STALE
            for said in self.reported.values()
        )


@dataclass(frozen=True)
class ScaledCase:
    """An incident of such a pack, its answer, and the answers to the same incident with one fact told less surely."""

    source: RandomPack
    pack: Pack
    assessor: Assessor
    needed: str
    told: Told
    answer: Answer

    def assess(self, told: Told) -> Answer | None:
        try:
            return self.assessor.assess(
                told.facts, NOW, "en", previous=told.previous, reported=told.reported
            )
        except RuleConflict:
            return None

    def less_sure(self) -> Iterator[tuple[str, str, Told, Answer]]:
        """For each posted fact: what is done to it, its name, what is told then, and the answer."""
        for name, value in self.told.facts.items():
            if value is None:
                continue
            for what, told in self._less_told(name, value):
                answer = self.assess(told)
                if answer is not None:
                    yield what, name, told, answer

    def _less_told(self, name: str, value: Any) -> Iterator[tuple[str, Told]]:
        fact, told = self.pack.vocabulary.facts[name], self.told
        others = {key: said for key, said in told.reported.items() if key != name}
        if fact.assume is fact.otherwise is ABSENT:
            rest = {key: one for key, one in told.facts.items() if key != name}
            yield "left out", replace(told, facts=rest, reported=others)
        said = told.reported.get(name, Reported(value))
        changes = {
            "one page": replace(said, scope="page"),
            "disputed": replace(said, disputed=True),
            "another reporter": replace(said, reported_by="another"),
        }
        if fact.stale_after is not None:
            changes["old"] = replace(said, measured_at=STALE)
        for what, changed in changes.items():
            yield what, replace(told, reported={**others, name: changed})

    def __str__(self) -> str:
        return f"seed {self.source.seed}, {self.told}"


def cases_of(seed: int, folder: Path, incidents: int) -> Iterator[ScaledCase]:
    made = scaled(random_pack(seed))
    pack = made[0].loaded(folder / str(seed)) if made else None
    if made is None or pack is None:
        return
    source, needed = made
    assessor, chance = Assessor(pack, engine="reference"), random.Random(seed)
    for _ in range(incidents):
        told = _told(source, chance)
        case = ScaledCase(source, pack, assessor, needed, told, {})
        answer = case.assess(told)
        if answer is not None:
            yield replace(case, answer=answer)


def _told(source: RandomPack, chance: random.Random) -> Told:
    facts = {
        name: chance.choice(domain)
        for name, domain in source.domains.items()
        if chance.random() < 0.8
    }
    reported = {
        name: Reported(value, "the desk", chance.choice([FRESH, None]))
        for name, value in facts.items()
        if chance.random() < 0.4
    }
    previous = None
    if chance.random() < 0.4:
        grade = chance.choice([*COLOURS, NONE, NONE])
        previous = Previous(NOW - timedelta(hours=3), {"grade": grade}, {}, {}, ())
    return Told(facts, reported, previous)
