"""The short form of the differential campaign: all judges of a random pack or condition agree."""

from __future__ import annotations

import pytest

from service.engine.rete.matcher import available
from tests.campaigns.differential.run import Chunk, run
from tests.campaigns.differential.tally import TRUTHS, Tally, Total

pytestmark = pytest.mark.skipif(not available(), reason="durable_rules does not import here")

PAIRS = 40_000
SEED = 0


@pytest.fixture(scope="module")
def campaign() -> tuple[Total, list[Chunk]]:
    return run(SEED, PAIRS, 2, lambda total: None)


def test_no_two_judges_differ(campaign: tuple[Total, list[Chunk]]) -> None:
    total, wrong = campaign
    assert not wrong, "\n".join(found for chunk in wrong for found in chunk.found)
    assert len(total.seen) >= PAIRS


@pytest.mark.parametrize("truth", TRUTHS)
def test_true_false_and_unknown_are_each_a_fifth_of_the_pairs(
    campaign: tuple[Total, list[Chunk]], truth: bool | None
) -> None:
    assert campaign[0].share(truth) >= 0.2, campaign[0].truths


@pytest.mark.parametrize(
    ("comparison", "least"),
    [
        ("rete and reference", 40_000),
        ("cel-python", 5_000),
        ("common-expression-language", 5_000),
        ("rules of packs: rete and reference", 1_500),
        ("rules of packs: reference and oracle", 1_000),
        ("outputs of packs: engine and oracle", 500),
        ("actions of packs: engine and oracle", 150),
        ("packs of 3 strata or more", 5),
    ],
)
def test_every_comparison_judged_its_share(
    campaign: tuple[Total, list[Chunk]], comparison: str, least: int
) -> None:
    assert campaign[0].compared[comparison] >= least


def test_a_pair_seen_twice_counts_once() -> None:
    one, other, total = Tally(), Tally(), Total()
    one.add(("a.b > 1", [1]), False)
    one.add(("a.b > 1", [1]), False)
    other.add(("a.b > 1", [1]), False)
    other.add(("a.b > 1", [2]), True)
    total.add(one)
    total.add(other)
    assert (len(total.seen), dict(total.truths)) == (2, {False: 1, True: 1, None: 0})
