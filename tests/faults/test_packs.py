"""For every mutated pack the loader gives problems at existing places, or a pack that answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.language.problem import Problem
from tests.faults.campaign import checked_by_command, mutated_packs
from tests.faults.pack_judge import misplaced
from tests.faults.packs import PACKS, Mutants
from tests.packs import HARBOUR

SEED = 1


def test_mutated_packs_give_problems_or_a_pack_that_answers(tmp_path: Path) -> None:
    outcome = mutated_packs(SEED, range(1, 80), tmp_path)
    assert outcome.failures == [], outcome.details()


def test_the_command_checks_mutated_packs_without_a_traceback(tmp_path: Path) -> None:
    outcome = checked_by_command(SEED, range(1, 4), tmp_path)
    assert outcome.failures == [], outcome.details()


def test_a_seed_and_a_number_are_always_the_same_mutant() -> None:
    one, other = Mutants(7), Mutants(7)
    assert [one.mutant(n) for n in range(60)] == [other.mutant(n) for n in range(60)]


def test_some_mutants_of_each_pack_differ_from_it() -> None:
    mutants = [Mutants(SEED).mutant(number) for number in range(42)]
    assert {mutant.pack for mutant in mutants} == set(PACKS)
    for mutant in mutants[:5]:
        folder = PACKS[mutant.pack]
        assert any((folder / name).read_bytes() != raw for name, raw in mutant.files.items())


FILE = str(HARBOUR / "pack.yaml")
MISPLACED = {
    "no file": Problem("nowhere.yaml", 1, 1, "bad-value", "x"),
    "line 0": Problem(FILE, 0, 1, "bad-value", "x"),
    "a line after the end": Problem(FILE, 999, 1, "bad-value", "x"),
    "a column after the end": Problem(FILE, 2, 99, "bad-value", "x"),
    "an unknown code": Problem(FILE, 2, 1, "new", "x"),  # type: ignore[arg-type]
    "no message": Problem(FILE, 2, 1, "bad-value", ""),
    "no width": Problem(FILE, 2, 1, "bad-value", "x", length=0),
}


@pytest.mark.parametrize("problem", MISPLACED.values(), ids=MISPLACED)
def test_the_judge_of_problems_reports(problem: Problem) -> None:
    assert misplaced(problem)
    assert not misplaced(Problem(FILE, 2, 1, "bad-value", "x"))
