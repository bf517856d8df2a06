"""Actions by case, legal duties and opposites of small random packs, against a second definition and all completions.

The definition reads the random rules and cases itself. It uses nothing of the engine.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from service.engine.assess import Assessor
from tests.packs import plain_pack
from tests.semantics.random_packs import text_of
from tests.semantics.test_opposites import (
    CODES,
    FACTS,
    NOW,
    PACK,
    RandomOpposites,
    _when,
    completions,
    places,
)

PACKS = int(os.environ.get("TOCSIN_RANDOM_PACKS", "300")) // 5
FIRST_SEED = int(os.environ.get("TOCSIN_FIRST_SEED", "0"))
KNOWN_AT = NOW - timedelta(hours=1)
Facts = Mapping[str, bool | None]
SPANS = (1, 2, 5, 24, None)
"""Hours of a deadline; None is at once."""


@dataclass(frozen=True)
class Entry:
    """An action, or its case that holds where `fact` has this value."""

    ground: str
    hours: int | None
    statutory: bool
    fact: str = ""
    value: bool = True

    def written(self) -> dict[str, Any]:
        within = "at once" if self.hours is None else f"{self.hours}h"
        when = {"when": _when(self.fact, self.value)} if self.fact else {}
        due = {"from": ["t.known"], "within": within}
        return when | {"ground": self.ground, "due": due, "statutory": self.statutory}


@dataclass
class RandomDuties(RandomOpposites):
    """`entries` has for each action its cases and, last, the action itself. Of those `together` all cases that are true hold."""

    entries: dict[str, list[Entry]] = field(default_factory=dict)
    together: set[str] = field(default_factory=set)
    holding: list[tuple[str, bool, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__post_init__()
        chance = random.Random(f"{self.seed} duties")
        for code in CODES:
            always = chance.random() < 0.3
            cases = chance.sample(
                [(f, v) for f in FACTS for v in (True, False)], chance.randint(0, 3)
            )
            self.entries[code] = [
                Entry(
                    f"<{code}{number}>",
                    chance.choice(SPANS),
                    always or chance.random() < 0.4,
                    fact,
                    value,
                )
                for number, (fact, value) in enumerate([*cases, ("", True)])
            ]
            if cases and chance.random() < 0.4:
                self.together.add(code)
        for code in chance.sample(CODES, chance.randint(0, 2)):
            self.holding.append((chance.choice(FACTS), chance.random() < 0.5, code))

    def loaded(self, folder: Path) -> Assessor | None:
        rules: list[dict[str, Any]] = []
        for fact, value, code, over, absent in self.asking:
            when = _when(fact, value) + (f" || !has({fact})" if absent else "")
            asked = {"action": code, "over": list(over)} if over else code
            rules.append({"when": when, "then": {"actions": [asked]}})
        for fact, value, code in self.blocking:
            rules.append({"when": _when(fact, value), "then": {"blocked": [{"action": code}]}})
        for fact, value, code in self.holding:
            held = {"action": code, "until": ["f.d"]}
            rules.append({"when": _when(fact, value), "then": {"held": [held]}})
        for number, rule in enumerate(rules):
            rule |= {"id": f"rule.n{number}", "because": "so"}
        actions: dict[str, Any] = {}
        for code, entries in self.entries.items():
            *cases, own = [one.written() for one in entries]
            actions[code] = {"text": code, **own} | ({"by_case": cases} if cases else {})
            if code in self.together:
                actions[code]["together"] = True
        for one, other in map(sorted, self.pairs):
            actions[one].setdefault("contradicts", []).append(other)
        facts = {name: {"type": "boolean", "text": name} for name in FACTS}
        facts["t.known"] = {"type": "datetime", "text": "known"}
        try:
            pack = plain_pack(
                folder,
                text_of({"rules": rules}),
                actions=text_of({"actions": actions}),
                facts=text_of({"facts": facts}),
                pack=PACK + "  held: {type: actions, hit: collect}\n",
            )
        except AssertionError:
            return None
        return Assessor(pack, engine=random.Random(self.seed).choice(["reference", "both"]))

    def holds_for(self, code: str, facts: Mapping[str, bool]) -> Entry:
        *cases, own = self.entries[code]
        holding = [one for one in cases if facts[one.fact] is one.value] or [own]
        if code not in self.together:
            return holding[0]
        hours = [one.hours for one in holding]
        return Entry(
            "; ".join(one.ground for one in holding),
            None if None in hours else min(hour for hour in hours if hour is not None),
            any(one.statutory for one in holding),
            holding[0].fact,
        )


def told(assessor: Assessor, facts: Facts) -> dict[str, Any]:
    return assessor.assess({**facts, "t.known": KNOWN_AT}, NOW, "en")


def due_at(entry: Mapping[str, Any]) -> datetime:
    """What is at once is before all others."""
    if entry["within"] == "at once":
        return datetime.min.replace(tzinfo=UTC)
    return datetime.fromisoformat(entry["due_at"])


@dataclass(frozen=True)
class Incident:
    """An incident with unknown facts, its answer, and the answers to all its completions."""

    source: RandomDuties
    facts: Facts
    answer: dict[str, Any]
    completed: Sequence[tuple[Facts, dict[str, Any]]]

    @property
    def entries(self) -> dict[str, Any]:
        return {one["code"]: one for one in self.answer["actions"]}

    @property
    def sure(self) -> set[str]:
        """The actions that are asked for by a rule that is true."""
        return {
            code for code, one in self.entries.items() if one["if"] is None or one["if"]["asked"]
        }


@pytest.fixture(scope="module")
def incidents(tmp_path_factory: pytest.TempPathFactory) -> list[Incident]:
    folder, found = tmp_path_factory.mktemp("alternatives"), []
    for source in map(RandomDuties, range(FIRST_SEED, FIRST_SEED + PACKS)):
        assessor = source.loaded(folder / str(source.seed))
        if assessor is None:
            continue
        full = {
            tuple(facts.values()): told(assessor, facts)
            for facts in completions(dict.fromkeys(FACTS))
        }
        chance = random.Random(source.seed)
        for _ in range(12):
            facts = {name: chance.choice((None, None, False, True)) for name in FACTS}
            known = tuple((one, full[tuple(one.values())]) for one in completions(facts))
            found.append(Incident(source, facts, told(assessor, facts), known))
    return found


def pairs(incidents: list[Incident]) -> Iterator[tuple[Incident, Facts, dict[str, Any]]]:
    for incident in incidents:
        for facts, answer in incident.completed:
            yield incident, facts, answer


def test_where_all_facts_are_known_the_first_case_that_is_true_holds_or_all_of_them_together(
    incidents: list[Incident],
) -> None:
    seen = 0
    for incident, facts, answer in pairs(incidents):
        for one in answer["actions"]:
            wanted = incident.source.holds_for(one["code"], facts)  # type: ignore[arg-type]
            within = "at once" if wanted.hours is None else f"{wanted.hours}h"
            found = (one["if"], one["ground"], one["statutory"], one["within"])
            assert found == (None, wanted.ground, wanted.statutory, within), (incident, facts)
            if wanted.hours is not None:
                assert due_at(one) == KNOWN_AT + timedelta(hours=wanted.hours)
            seen += bool(wanted.fact)
    assert seen > PACKS


def test_no_duty_is_lost_and_no_deadline_is_later_while_facts_are_unknown(
    incidents: list[Incident],
) -> None:
    seen: Counter[str] = Counter()
    for incident, facts, answer in pairs(incidents):
        entries, where = incident.entries, (incident.source.seed, incident.facts, facts)
        kept = {*entries, *(one["code"] for one in incident.answer["held"])}
        for one in answer["actions"]:
            code = one["code"]
            assert code in kept or not one["statutory"], where
            if code not in entries:
                continue
            told = entries[code]
            assert due_at(told) <= due_at(one), where
            assert set(one["ground"].split("; ")) <= set(told["ground"].split("; ")), where
            assert told["statutory"] or not one["statutory"], where
            if told["if"] is None:
                same = ("ground", "within", "statutory", "due_at")
                assert [told[key] for key in same] == [one[key] for key in same], where
            seen["duties"] += one["statutory"]
            seen["sure"] += told["if"] is None
            seen["open"] += told["if"] is not None
    assert min(seen.values()) > PACKS, seen


def test_what_decides_is_asked_for_and_only_unknown_facts_decide(
    incidents: list[Incident],
) -> None:
    seen: Counter[bool] = Counter()
    for incident in incidents:
        asked = {one["fact"] for one in incident.answer["unknowns"]}
        for one in incident.answer["actions"]:
            if one["if"] is None:
                continue
            facts = set(one["if"]["facts"])
            assert facts, (incident.source.seed, incident.facts)
            assert facts <= asked
            assert facts <= {name for name in FACTS if incident.facts[name] is None}
            seen[one["if"]["asked"]] += 1
    assert min(seen.values()) > PACKS / 4, seen


def test_what_stands_in_the_plan_is_never_held_blocked_or_left_out_once_more_is_known(
    incidents: list[Incident],
) -> None:
    """So a duty that an unknown fact decides is held if it would have to wait for its opposite."""
    for incident, facts, answer in pairs(incidents):
        found, where = places(answer), (incident.source.seed, incident.facts, facts)
        for place in ("held", "blocked", "left_out"):
            assert not incident.entries.keys() & found[place], where
    for incident in incidents:
        planned = incident.entries.keys()
        assert not any(pair <= planned for pair in incident.source.pairs), incident.source.seed
