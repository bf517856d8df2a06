"""A partial answer is sound: whatever values the unknown facts have, the full answer keeps its promises."""

from __future__ import annotations

import os
import random
from collections import Counter
from dataclasses import dataclass, field

import pytest

from schemas.files.names import HIT_POLICY_NAMES
from tests.semantics.completions import NOW, Case, cases_of
from tests.semantics.promises import PROMISES
from tests.semantics.random_packs import random_pack

PACKS = int(os.environ.get("TOCSIN_RANDOM_PACKS", "300"))
FIRST_SEED = int(os.environ.get("TOCSIN_FIRST_SEED", "0"))
INCIDENTS = 4


@dataclass
class Survey:
    """The results of all random cases: breaches by promise, and how often each situation occurred."""

    breaches: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in PROMISES})
    seen: Counter[str] = field(default_factory=Counter)

    def add(self, case: Case) -> None:
        for name, promise in PROMISES.items():
            self.breaches[name] += [f"{case}: {breach}" for breach in promise(case)]
        self.seen["cases"] += 1
        self.seen["completions"] += len(case.completed)
        self.seen["has"] += case.assessor.program.asks_has_of_unknown(
            case.assessor.program.environment(case.facts, NOW)[0]
        )
        for name, output in case.pack.outputs.items():
            self.seen[output.hit] += not case.partial["outputs"][name]["established"]
        for place in ("actions", "held", "blocked", "assumed", "unknowns", "verdict"):
            self.seen[f"with {place}"] += bool(case.partial[place])
        self.seen["not applying"] += not case.source.applies.keys().isdisjoint(
            case.partial["assumed"]
        )
        self.seen["provisional"] += case.partial["provisional"]
        self.seen["final"] += not case.partial["provisional"]


@pytest.fixture(scope="module")
def survey(tmp_path_factory: pytest.TempPathFactory) -> Survey:
    folder, survey = tmp_path_factory.mktemp("packs"), Survey()
    for seed in range(FIRST_SEED, FIRST_SEED + PACKS):
        cases = list(cases_of(seed, folder, INCIDENTS))
        survey.seen["packs"] += bool(cases)
        for case in cases:
            survey.add(case)
    return survey


@pytest.mark.parametrize("promise", PROMISES)
def test_every_completion_keeps_the_promise(survey: Survey, promise: str) -> None:
    breaches = survey.breaches[promise]
    assert not breaches, f"{len(breaches)} breaches:\n" + "\n".join(breaches[:5])


def test_few_random_packs_are_refused(survey: Survey) -> None:
    assert survey.seen["packs"] > 0.9 * PACKS


@pytest.mark.parametrize("hit", HIT_POLICY_NAMES)
def test_every_hit_policy_was_often_open(survey: Survey, hit: str) -> None:
    assert survey.seen[hit] > PACKS / 10


@pytest.mark.parametrize(
    "what",
    [
        "with actions",
        "with held",
        "with blocked",
        "with assumed",
        "with verdict",
        "provisional",
        "final",
        "has",
        "not applying",
    ],
)
def test_every_kind_of_answer_occurred_often(survey: Survey, what: str) -> None:
    assert survey.seen[what] > PACKS / 8


def test_there_were_many_completions(survey: Survey) -> None:
    assert survey.seen["cases"] > 2 * PACKS
    assert survey.seen["completions"] > 20 * PACKS


def test_a_seed_always_gives_the_same_pack() -> None:
    seed = random.randrange(10**6)
    assert random_pack(seed) == random_pack(seed), seed
