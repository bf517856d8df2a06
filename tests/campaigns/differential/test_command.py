"""`make campaign`: figures and exit status 0 if all judges agree, a small sample and exit status 1 for a planted mistake."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from service.engine.rete.matcher import available
from tests.mutants import FOLDER, copy_of_tree, read

pytestmark = pytest.mark.skipif(not available(), reason="durable_rules does not import here")


def campaign(tree: Path, *options: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.campaigns.differential", "--processes", "1", *options],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_it_prints_seed_and_figures_and_ends_with_0_if_all_agree(tmp_path: Path) -> None:
    code, printed = campaign(copy_of_tree(tmp_path), "--seed", "5", "--pairs", "2000")
    assert code == 0, printed
    assert printed.startswith("seed 5, 2,000 unique pairs wanted\n")
    assert " unique pairs of condition and incident: true " in printed
    assert "DIFFERENCE" not in printed


def test_a_planted_mistake_ends_with_1_and_a_small_sample(tmp_path: Path) -> None:
    """The remainder has the wrong sign in both matchers, so only an oracle can find the mistake."""
    tree = copy_of_tree(tmp_path)
    read(FOLDER / "remainder_has_the_divisors_sign.patch").apply(tree)
    code, printed = campaign(tree, "--seed", "2", "--pairs", "100000")
    assert code == 1, printed
    assert "DIFFERENCE (seed 2, chunk " in printed
    found = printed.split("reference and oracles: ", 1)[1]
    assert "cel-python says" in found
    assert "%" in found
    (condition,) = (line for line in found.splitlines() if line.startswith("when: "))
    assert len(condition) < 80
