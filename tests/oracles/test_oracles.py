"""6,000 random conditions, each with its own incident: our evaluator agrees with every oracle that can judge the condition."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from random import Random

from schemas.vocabulary import Vocabulary
from tests.oracles.generate import Conditions
from tests.oracles.judges import judged, nested, tocsin
from tests.oracles.texts import CEL_PYTHON, COMMON, Expression
from tests.oracles.vocabulary import MOMENTS, random_incident, vocabulary

WANTED = 6_000
CHUNKS, CHUNK = 14, 480
UNKNOWN = 0.17
Verdict = tuple[str, bool | None, tuple[str, ...]]
"""A condition, the result that all gave, and the oracles that judged it."""


def test_every_oracle_agrees_with_our_evaluator_on_6_000_conditions(
    tmp_path: Path,
) -> None:
    work = partial(_judge_chunk, vocabulary(tmp_path / "pack"))
    with ProcessPoolExecutor(2, get_context("spawn")) as workers:
        chunks = list(workers.map(work, range(CHUNKS)))
    verdicts = {text: (said, oracles) for chunk in chunks for text, said, oracles in chunk}
    by_oracle = Counter(oracle for _, oracles in verdicts.values() for oracle in oracles)
    by_value = Counter(said for said, _ in verdicts.values())
    assert len(verdicts) >= WANTED
    assert min(by_oracle[CEL_PYTHON], by_oracle[COMMON]) >= 0.7 * len(verdicts)
    assert min(by_value[True], by_value[False], by_value[None]) >= 0.2 * len(verdicts)


def test_the_same_seed_gives_the_same_conditions() -> None:
    first, second = (Conditions(Random(5)) for _ in range(2))

    assert [first.condition(3) for _ in range(50)] == [second.condition(3) for _ in range(50)]


def _judge_chunk(known: Vocabulary, seed: int) -> list[Verdict]:
    """Runs in a child process; raises on the first disagreement."""
    random = Random(seed)
    return [_agreed(random, condition, known) for condition in _conditions(random)]


def _conditions(random: Random) -> Iterator[Expression]:
    """Distinct conditions that at least one oracle can judge."""
    conditions, seen = Conditions(random), set[str]()
    while len(seen) < CHUNK:
        condition = conditions.condition(random.choice((0, 1, 1, 2, 2, 3)))
        if condition.tocsin not in seen and condition.judges():
            seen.add(condition.tocsin)
            yield condition


def _agreed(random: Random, condition: Expression, known: Vocabulary) -> Verdict:
    facts = random_incident(random, tuple(known.facts), UNKNOWN)
    if condition.judges() == (COMMON,):
        facts |= random_incident(random, tuple(condition.inner), 0)
    facts = {name: value for name, value in facts.items() if name in condition.reads}
    as_of = random.choice(MOMENTS)
    variables = nested(facts, as_of, {name.split(".")[0] for name in known.facts})
    ours = tocsin(condition.tocsin, facts, as_of, known)
    oracles = tuple(
        oracle
        for oracle in condition.judges()
        if oracle != COMMON or condition.inner <= facts.keys()
    )
    for oracle in oracles:
        said = judged(oracle, condition.cel, variables)
        assert said is ours, (
            f"{oracle} says {said}, we say {ours}: {condition.tocsin}\n"
            f"in plain CEL: {condition.cel}\nfacts: {facts}, as_of: {as_of}"
        )
    return condition.tocsin, ours, oracles
