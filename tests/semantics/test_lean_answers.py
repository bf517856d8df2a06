"""An answer that was asked for with `fields` is the whole answer, cut: the same bytes in what is wanted, and nothing else."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from schemas.answer_fields import ALWAYS, FOR_PREVIOUS
from schemas.scalars import format_datetime
from schemas.strict_json import read_json, write_json
from service.answering import answer
from service.asking.posted import Posted
from service.engine.errors import RuleConflict
from service.language.model import Pack
from service.serving.packs import Packs
from service.serving.served_pack import ServedPack
from tests.packs import HARBOUR, default_pack, loaded
from tests.rules.incidents import AS_OF, Incidents
from tests.rules.wrong_facts import posted
from tests.semantics.completions import NOW, random_incident
from tests.semantics.random_packs import RandomPack, random_pack

RANDOM_PACKS, INCIDENTS = 25, 3
REQUESTED: dict[str, Any] = {"explain": "full", "contingency": True, "drafts": True}


@dataclass(frozen=True)
class Asking:
    """A pack, and what makes the facts of an incident as they are posted."""

    packs: Packs
    facts: Callable[[random.Random], dict[str, Any]]
    as_of: datetime = NOW

    @property
    def pack(self) -> Pack:
        return self.packs.served[self.packs.default].pack

    def answer(self, facts: Any, **more: Any) -> dict[str, Any]:
        body = {"facts": facts, "as_of": format_datetime(self.as_of), **more}
        found: dict[str, Any] = read_json(write_json(answer(self.packs, Posted(body, self.as_of))))
        return found


def asking(pack: Pack, facts: Callable[[random.Random], dict[str, Any]], as_of: datetime = NOW) -> Asking:  # fmt: skip
    return Asking(Packs({pack.name: ServedPack.of(pack, "reference")}, pack.name), facts, as_of)


@pytest.fixture(scope="module")
def default() -> Asking:
    incidents = Incidents(default_pack(), 5)
    return asking(default_pack(), lambda chance: posted(incidents.draw().facts), AS_OF)


def every_pack(folder: Path, default: Asking) -> Iterator[Asking]:
    yield default
    yield asking(loaded(HARBOUR), lambda chance: {"wind": {"speed": chance.choice([3.0, 30.0])}})
    for seed in range(RANDOM_PACKS):
        source = random_pack(seed, with_verdict=True)
        pack = source.loaded(folder / str(seed))
        if pack is not None:
            yield asking(pack, partial(_facts, source))


def _facts(source: RandomPack, chance: random.Random) -> dict[str, Any]:
    return posted(random_incident(source, chance))


def chosen_names(told: dict[str, Any], chance: random.Random) -> list[str]:
    """Some keys of an answer, some of them with one of the keys in it."""
    names = []
    for key in chance.sample([*told], min(len(told), chance.choice([1, 2, 5, 12]))):
        entries = told[key] if isinstance(told[key], list) else [told[key]]
        within = [name for one in entries if isinstance(one, dict) for name in one]
        if within and key not in ("assumed", "provenance", "figures") and chance.random() < 0.5:
            names.append(f"{key}.{chance.choice(within)}")
        else:
            names.append(key)
    return names


def cut(told: dict[str, Any], names: list[str]) -> dict[str, Any]:
    """A second definition of what is wanted."""
    found = {}
    for key, value in told.items():
        within = {name.split(".", 1)[1] for name in names if name.startswith(f"{key}.")}
        if key in ALWAYS or key in names:
            found[key] = value
        elif within and isinstance(value, list):
            found[key] = [{k: v for k, v in one.items() if k in within} for one in value]
        elif within:
            found[key] = value and {k: v for k, v in value.items() if k in within}
    return found


def test_a_lean_answer_is_the_whole_one_cut(tmp_path: Path, default: Asking) -> None:
    chance, compared, conflicts = random.Random(1), 0, 0
    for one in every_pack(tmp_path, default):
        for _ in range(INCIDENTS):
            facts = one.facts(chance)
            more = {key: value for key, value in REQUESTED.items() if chance.random() < 0.3}
            try:
                whole = one.answer(facts, **more)
            except RuleConflict:
                with pytest.raises(RuleConflict):
                    one.answer(facts, fields="pack", **more)
                conflicts += 1
                continue
            names = chosen_names(whole, chance)
            lean = one.answer(facts, fields=names, **more)
            del whole["assessment_id"], lean["assessment_id"]
            assert write_json(lean) == write_json(cut(whole, names)), names
            compared += 1
    assert compared > RANDOM_PACKS
    assert conflicts


def test_what_is_enough_for_previous_makes_the_same_next_answer(default: Asking) -> None:
    chance, differ = random.Random(2), 0
    for _ in range(25):
        facts, later = default.facts(chance), default.facts(chance)
        whole = default.answer(facts)
        lean = default.answer(facts, fields=FOR_PREVIOUS)
        differ += len(write_json(lean)) < len(write_json(whole)) / 2
        after, after_lean = (default.answer(later, previous=one) for one in (whole, lean))
        del after["assessment_id"], after_lean["assessment_id"]
        assert after == after_lean
    assert differ == 25


def test_the_outputs_at_the_top_of_a_lean_answer_count_when_it_is_sent_back(
    default: Asking,
) -> None:
    lean = default.answer({"harm": {"deaths": 1}}, fields="grade,type,stage,since")
    outputs = {name: lean[name]["code"] for name in ("grade", "type", "stage")}
    short = {"as_of": lean["as_of"], "outputs": outputs, "since": lean["since"]}
    later = {"harm": {"deaths": 0}}
    told = [default.answer(later, previous=one) for one in (lean, short)]
    for one in told:
        del one["assessment_id"]
    assert told[0] == told[1] != default.answer(later)
