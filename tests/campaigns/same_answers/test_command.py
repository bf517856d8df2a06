"""Runs `make same-answers` in a repository of its own with few cases, because a clone may lack the history of this one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.campaigns.same_answers.recorder import without_id
from tests.mutants import FOLDER, copy_of_tree, read

UUIDS = ("5f0c2f0e-6f3e-4a57-9b0f-0d6a4f1f3c11", "00000000-0000-4000-8000-000000000000")
AUTHOR = ("-c", "user.name=Author", "-c", "user.email=author@example.org")


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A commit of this working tree."""
    tree = copy_of_tree(tmp_path_factory.mktemp("same_answers"))
    for cases in (tree / "rules" / "pr_crisis" / "cases").iterdir():
        if not cases.name.startswith("01"):
            cases.unlink()
    for command in (["init", "--quiet"], ["add", "."], [*AUTHOR, "commit", "--quiet", "-m", "All"]):
        subprocess.run(["git", *command], cwd=tree, check=True)
    return tree


def campaign(tree: Path, *options: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.campaigns.same_answers", "--incidents", "10", *options],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_it_ends_with_0_if_nothing_changed_and_with_1_and_a_diff_if_a_mistake_is_planted(
    tree: Path,
) -> None:
    code, printed, told = campaign(tree, "--seed", "5")
    assert code == 0, printed + told
    assert "seed 5" in printed.splitlines()[0]
    assert printed.splitlines()[-1].split(" answers, ")[1].startswith("0 differ")
    for kind in ("200 application/json", "200 text/markdown", "200 application/x-ndjson"):
        assert f": {kind}" in printed
    assert " 503 " not in printed

    read(FOLDER / "blame_the_wrong_rules.patch").apply(tree)
    code, printed, told = campaign(tree, "--seed", "5")
    assert code == 1, printed + told
    assert "DIFFERENCE in " in printed
    assert "\n+++ this working tree\n" in printed
    assert "\nPOST /v1/assessments\n" in printed


def test_an_unknown_commit_ends_with_2(tree: Path) -> None:
    code, printed, told = campaign(tree, "--base", "none")
    assert (code, printed) == (2, "")
    assert told.startswith("git: ")


@pytest.mark.parametrize(
    ("mimetype", "text"),
    [
        ("application/json", '{{"assessment_id":"{}","grade":1}}'),
        ("application/x-ndjson", '{{"status":422}}\n{{"assessment_id":"{}","grade":1}}\n'),
        ("text/markdown", "Rules: Plain 1.0.0, 0123. Answer {}.\n"),
        ("text/markdown", "规则：Plain 1.0.0，0123。答复编号 {}。\n\n---\n\n"),
    ],
)
def test_the_random_id_is_left_out(mimetype: str, text: str) -> None:
    one, other = (without_id(text.format(uuid).encode(), mimetype) for uuid in UUIDS)
    assert one == other != text.format(UUIDS[0]).encode()


@pytest.mark.parametrize(
    ("mimetype", "text"),
    [
        ("application/json", '{{"grade":1,"assessment_id":"{}"}}'),
        ("application/json", '{{"assessment_id":"0","incident_id":"{}"}}'),
        ("application/problem+json", '{{"status":400,"request_id":"{}"}}'),
        ("text/markdown", "Incident {}\n"),
    ],
)
def test_an_id_anywhere_else_is_compared(mimetype: str, text: str) -> None:
    one, other = (without_id(text.format(uuid).encode(), mimetype) for uuid in UUIDS)
    assert one != other
