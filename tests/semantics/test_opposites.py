"""Actions that contradict each other, against a second definition: every completion of small random packs is decided by it.

The definition is that of arguments that attack each other: an action stands if each of its attackers falls to one that stands.
"""

from __future__ import annotations

import itertools
import os
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from service.engine.assess import Assessor
from tests.packs import plain_pack
from tests.semantics.random_packs import text_of

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PACKS = int(os.environ.get("TOCSIN_RANDOM_PACKS", "300")) // 5
CODES = ("P", "Q", "R", "S")
FACTS = ("f.a", "f.b", "f.c", "f.d")
Facts = Mapping[str, bool | None]
Asking = tuple[str, bool, str, tuple[str, ...], bool]
"""A rule: a fact, the value at which it fires, the action, its opposites that lose, and whether it fires with `!has` too."""


@dataclass
class RandomOpposites:
    seed: int
    asking: list[Asking] = field(default_factory=list)
    blocking: list[tuple[str, bool, str]] = field(default_factory=list)
    pairs: set[frozenset[str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        chance = random.Random(self.seed)
        pairs = [frozenset(pair) for pair in itertools.combinations(CODES, 2)]
        self.pairs = set(chance.sample(pairs, chance.randint(1, 4)))
        for code in CODES:
            others = [other for other in CODES if frozenset((code, other)) in self.pairs]
            for _ in range(chance.randint(1, 2)):
                over = tuple(other for other in others if chance.random() < 0.6)
                fact, value = chance.choice(FACTS), chance.random() < 0.7
                self.asking.append((fact, value, code, over, chance.random() < 0.2))
        for code in chance.sample(CODES, chance.randint(0, 2)):
            self.blocking.append((chance.choice(FACTS), chance.random() < 0.5, code))

    def assessor(self, folder: Path) -> Assessor | None:
        rules = [
            {
                "id": f"ask.n{number}",
                "when": _when(fact, value) + (f" || !has({fact})" if absent else ""),
                "then": {"actions": [{"action": code, "over": list(over)} if over else code]},
                "because": "asked",
            }
            for number, (fact, value, code, over, absent) in enumerate(self.asking)
        ]
        rules += [
            {
                "id": f"guard.n{number}",
                "when": _when(fact, value),
                "then": {"blocked": [{"action": code}]},
                "because": "blocked",
            }
            for number, (fact, value, code) in enumerate(self.blocking)
        ]
        actions: dict[str, Any] = {code: {"text": code} for code in CODES}
        for one, other in map(sorted, self.pairs):
            actions[one].setdefault("contradicts", []).append(other)
        facts = {name: {"type": "boolean", "text": name} for name in FACTS}
        try:
            pack = plain_pack(
                folder,
                text_of({"rules": rules}),
                actions=text_of({"actions": actions}),
                facts=text_of({"facts": facts}),
                pack=PACK,
            )
        except AssertionError:  # a pair that no rule decides
            return None
        return Assessor(pack, engine="reference")


PACK = """
pack: opposites
version: 1.0.0
title: {en: Opposites}
locale: en
timezone: UTC
answer: [level]
outputs:
  level: {type: integer, hit: sum, default: 0}
  actions: {type: actions, hit: collect}
  blocked: {type: actions, hit: collect}
"""


def _when(fact: str, value: bool) -> str:
    return fact if value else f"!{fact}"


def defined(source: RandomOpposites, facts: Mapping[str, bool]) -> tuple[set[str], set[str]]:
    """The actions that stand, and those that fall to one that stands, if all facts are known."""
    firing = [one for one in source.asking if facts[one[0]] is one[1]]
    blocked = {code for fact, value, code in source.blocking if facts[fact] is value}
    asked = {code for _, _, code, _, _ in firing} - blocked
    over = {(code, loser) for _, _, code, losers, _ in firing for loser in losers}

    def attacks(one: str, other: str) -> bool:
        return frozenset((one, other)) in source.pairs and not (
            (other, one) in over and (one, other) not in over
        )

    def defeats(one: str, other: str) -> bool:
        return (one, other) in over and (other, one) not in over

    standing: set[str] = set()
    while True:
        fallen = {code for code in asked if any(defeats(one, code) for one in standing)}
        more = {
            code
            for code in asked
            if all(one in fallen for one in asked if one != code and attacks(one, code))
        }
        if more == standing:
            return standing, fallen
        standing = more


def completions(facts: Facts) -> Iterator[dict[str, bool]]:
    unknown = [name for name, value in facts.items() if value is None]
    for values in itertools.product((False, True), repeat=len(unknown)):
        yield {**facts, **dict(zip(unknown, values, strict=True))}  # type: ignore[dict-item]


def places(answer: Mapping[str, Any]) -> dict[str, set[str]]:
    found = {key: {one["code"] for one in answer[key]} for key in ("actions", "held", "blocked")}
    found["left_out"] = {
        code for reason in answer["reasons"] for code in reason.get("left_out", ())
    }
    return found


@pytest.fixture(scope="module")
def packs(
    tmp_path_factory: pytest.TempPathFactory,
) -> list[tuple[RandomOpposites, Assessor]]:
    folder = tmp_path_factory.mktemp("opposites")
    sources = map(RandomOpposites, range(PACKS))
    made = [(source, source.assessor(folder / str(source.seed))) for source in sources]
    return [(source, assessor) for source, assessor in made if assessor is not None]


def test_a_complete_incident_is_decided_as_defined(
    packs: list[tuple[RandomOpposites, Assessor]],
) -> None:
    seen: Counter[str] = Counter()
    for source, assessor in packs:
        for facts in completions(dict.fromkeys(FACTS)):
            found = places(assessor.assess(facts, NOW, "en"))
            standing, fallen = defined(source, facts)
            assert found["actions"] == standing, (source.seed, facts)
            assert found["left_out"] == fallen, (source.seed, facts)
            seen.update({place: bool(codes) for place, codes in found.items()})
    assert min(seen[place] for place in ("actions", "held", "blocked", "left_out")) > PACKS


def test_what_is_unknown_is_never_taken_for_false(
    packs: list[tuple[RandomOpposites, Assessor]],
) -> None:
    """What stands, and what is left out, is so in every completion in which it is asked for."""
    seen: Counter[str] = Counter()
    for source, assessor in packs:
        chance = random.Random(source.seed)
        for _ in range(8):
            facts = {name: chance.choice((None, None, False, True)) for name in FACTS}
            found = places(assessor.assess(facts, NOW, "en"))
            asked = set(assessor.assess(facts, NOW, "en")["outputs"]["actions"]["value"])
            parts = [found["actions"], found["held"], found["left_out"], found["blocked"]]
            assert all(sum(code in part for part in parts) == 1 for code in asked)
            for pair in source.pairs:
                assert not pair <= found["actions"], (source.seed, facts)
            for known in completions(facts):
                answer = assessor.assess(known, NOW, "en")
                standing, fallen = defined(source, known)
                now_asked = set(answer["outputs"]["actions"]["value"])
                blocked = {one["code"] for one in answer["blocked"]}
                assert found["actions"] & now_asked <= standing, (source.seed, facts, known)
                assert found["left_out"] & now_asked - blocked <= fallen, (
                    source.seed,
                    facts,
                    known,
                )
            seen.update({place: bool(codes) for place, codes in found.items()})
    assert min(seen[place] for place in ("actions", "held", "left_out")) > PACKS / 4


def test_a_held_opposite_names_its_rivals_and_the_facts_that_decide(
    packs: list[tuple[RandomOpposites, Assessor]],
) -> None:
    """Once all facts are known, only a pair that no rule decides is held, for no fact."""
    for _, assessor in packs:
        for facts in completions(dict.fromkeys(FACTS)):
            for hold in assessor.assess(facts, NOW, "en")["held"]:
                assert hold.get("opposites")
                assert hold["until"] == []
                assert hold["because"]
        for hold in assessor.assess({"f.a": True}, NOW, "en")["held"]:
            assert hold["because"]
            assert hold["until"] or hold.get("opposites")
