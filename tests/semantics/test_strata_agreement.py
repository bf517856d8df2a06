"""Both matchers give the same answer for packs of several strata, where rules read outputs that are still open."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest

from service.engine.assess import Assessor
from service.engine.rete import ReteMatcher, available
from tests.semantics.completions import assessed, random_incident
from tests.semantics.random_packs import random_pack

pytestmark = pytest.mark.skipif(not available(), reason="durable_rules does not import here")

PACKS = 80
INCIDENTS = 20


def no_second_try(_: ReteMatcher) -> None:
    raise AssertionError("the matchers differed, and a rebuild would have hidden it")


def test_both_engines_give_the_same_answer_at_the_first_try(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ReteMatcher, "rebuild", no_second_try)
    depths: Counter[int] = Counter()
    for seed in range(PACKS):
        source = random_pack(seed)
        pack = source.loaded(tmp_path / str(seed))
        if pack is None:
            continue
        depths[len(pack.strata)] += 1
        both, reference = Assessor(pack, "both"), Assessor(pack, "reference")
        chance = random.Random(seed)
        for _ in range(INCIDENTS):
            facts = random_incident(source, chance)
            assert assessed(both, facts) == assessed(reference, facts), (seed, facts)
        both.close()
    assert sum(number for depth, number in depths.items() if depth >= 3) > PACKS / 3, depths
