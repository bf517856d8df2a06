"""The mutants' patches stay valid: each applies to the source, changes one line, and names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from service.language.load import load_pack
from tests.mutants import ROOT, Mutant, all_mutants, copy_of_tree

LEAST = 25
MUTATED = ("service", "schemas", "client")
PACK = "rules/pr_crisis"
LEAST_OF_THE_PACK = 8
MOST_MUTATED = (
    "engine/rete/branches",
    "engine/rete/spelling",
    "engine/rete/translate",
    "engine/expressions/closures",
    "language/conditions/operations",
    "language/conditions/functions",
)
OFTEN_MUTATED = (
    "engine/expressions/open_atoms",
    "language/declared/hit_policies",
    "engine/judging/judge",
    "engine/judging/guards",
    "engine/why/blame",
)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_of_tree(tmp_path_factory.mktemp("mutants"))


def named(mutant: Mutant) -> list[str]:
    """The files that its diff names. It can change no other."""
    return re.findall(r"^(?:---|\+\+\+) [ab]/(.+)$", mutant.path.read_text("utf-8"), re.MULTILINE)


def is_code_or_pack(name: str) -> bool:
    if name.endswith(".py"):
        return name.split("/")[0] in MUTATED
    return name.startswith(PACK) and name.endswith(".yaml")


def is_valid(name: str, text: str, tree: Path) -> bool:
    """Whether Python compiles it, or the pack with it loads: a mistake that stops everything is no mutant."""
    if not name.endswith(".py"):
        return load_pack(tree / PACK)[0] is not None
    compile(text, name, "exec")
    return True


@pytest.mark.parametrize("mutant", all_mutants(), ids=lambda mutant: mutant.name)
def test_a_patch_applies_and_changes_one_line_of_code_or_of_the_pack(
    mutant: Mutant, tree: Path
) -> None:
    (name,) = set(named(mutant))
    assert is_code_or_pack(name)
    before = (tree / name).read_text("utf-8")
    mutant.apply(tree)
    try:
        after = (tree / name).read_text("utf-8")
        lines = zip(before.splitlines(), after.splitlines(), strict=True)
        assert sum(one != other for one, other in lines) == 1
        assert is_valid(name, after, tree)
    finally:
        (tree / name).write_text(before, "utf-8")


@pytest.mark.parametrize("mutant", all_mutants(), ids=lambda mutant: mutant.name)
def test_a_patch_describes_its_mistake_and_names_tests_of_the_suite(mutant: Mutant) -> None:
    assert mutant.mistake.endswith(".")
    assert mutant.tests
    for test in mutant.tests:
        assert (ROOT / test).is_file(), test


def test_there_are_enough_mutants_of_every_part() -> None:
    touched = [mutant.path.read_text("utf-8").split("+++ b/")[1] for mutant in all_mutants()]
    assert len(touched) >= LEAST
    for part in MOST_MUTATED:
        assert sum(text.startswith(f"service/{part}.py") for text in touched) >= 3, part
    for part in OFTEN_MUTATED:
        assert sum(text.startswith(f"service/{part}.py") for text in touched) >= 2, part
    assert sum(text.startswith("service/language/conditions/") for text in touched) >= 13
    assert sum(text.startswith(PACK) for text in touched) >= LEAST_OF_THE_PACK
