"""Runs `make same-answers` in a repository of its own with few cases, because a clone may lack the history of this one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.campaigns.same_answers.recorder import without_id, without_problem_texts
from tests.mutants import FOLDER, copy_of_tree, read

UUIDS = ("5f0c2f0e-6f3e-4a57-9b0f-0d6a4f1f3c11", "00000000-0000-4000-8000-000000000000")
AUTHOR = ("-c", "user.name=Author", "-c", "user.email=author@example.org")


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A commit of this working tree."""
    tree = copy_of_tree(tmp_path_factory.mktemp("same_answers"))
    for cases in (tree / "rules" / "pr_crisis").rglob("cases/*.yaml"):
        if not cases.name.startswith("01"):
            cases.unlink()
    for command in (["init", "--quiet"], ["add", "."], [*AUTHOR, "commit", "--quiet", "-m", "All"]):
        subprocess.run(["git", *command], cwd=tree, check=True)
    return tree


@pytest.fixture
def tree(repository: Path) -> Iterator[Path]:
    """The working tree of that commit. What a test changes in it is undone."""
    yield repository
    subprocess.run(["git", "checkout", "--quiet", "."], cwd=repository, check=True)


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


def test_reworded_problems_are_no_difference_if_their_texts_are_left_out(tree: Path) -> None:
    source = tree / "service" / "problem_details.py"
    before = source.read_text("utf-8")
    source.write_text(
        before.replace('"Fields of the request are wrong"', '"Some fields are wrong"')
    )
    code, printed, told = campaign(tree, "--seed", "5", "--incidents", "1", "--no-problem-texts")
    assert code == 0, printed + told
    assert ": 422 application/problem+json" in printed


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


PROBLEM: dict[str, Any] = {
    "type": "/docs#problem-invalid-request",
    "title": "Fields of the request are wrong",
    "status": 422,
    "code": "invalid-request",
    "detail": "1 field is wrong; see errors",
    "errors": [
        {
            "path": "facts.harm.deaths",
            "code": "wrong-type",
            "message": "an integer is needed",
            "got": {"title": "posted", "hint": 1.5},
            "allowed": "an integer",
            "hint": "write 1",
        }
    ],
}
ANSWER = b'{"assessment_id":"assessment-id","title":"one","hint":1.50}'


def problem(**texts: str) -> dict[str, Any]:
    """The problem with other texts at its top."""
    return PROBLEM | texts


def with_error(**changes: Any) -> dict[str, Any]:
    """The problem with other values in its error. A value of None removes the key."""
    error = PROBLEM["errors"][0] | changes
    return PROBLEM | {"errors": [{key: value for key, value in error.items() if value is not None}]}


def problems_are_equal(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether the campaign without the texts of problems finds them equal, alone and as a line of a batch."""
    alone = [compared([document], "application/problem+json") for document in (one, other)]
    batch = [compared([document], "application/x-ndjson", ANSWER) for document in (one, other)]
    assert (alone[0] == alone[1]) == (batch[0] == batch[1])
    return alone[0] == alone[1]


def compared(documents: list[dict[str, Any]], mimetype: str, *lines: bytes) -> bytes:
    body = b"\n".join([*lines, *(json.dumps(document).encode() for document in documents)])
    return without_problem_texts(body, mimetype)


@pytest.mark.parametrize(
    "reworded",
    [
        problem(title="Other"),
        problem(detail="Other"),
        with_error(message="Other"),
        with_error(hint="Other"),
    ],
    ids=["title", "detail", "message", "hint"],
)
def test_a_reworded_text_of_a_problem_can_be_left_out(reworded: dict[str, Any]) -> None:
    assert problems_are_equal(PROBLEM, reworded)


@pytest.mark.parametrize(
    "changed",
    [
        problem(code="other"),
        problem(type="other"),
        PROBLEM | {"status": 400},
        PROBLEM | {"line": 2},
        PROBLEM | {"errors": []},
        with_error(path="other"),
        with_error(code="other"),
        with_error(allowed="other"),
        with_error(got={"title": "other", "hint": 1.5}),
        with_error(hint=None),
    ],
    ids=[
        "code",
        "type",
        "status",
        "line",
        "errors",
        "path",
        "its code",
        "allowed",
        "got",
        "no hint",
    ],
)
def test_any_other_change_of_a_problem_is_a_difference(changed: dict[str, Any]) -> None:
    assert not problems_are_equal(PROBLEM, changed)


@pytest.mark.parametrize(
    "mimetype", ["application/json", "application/x-ndjson", "text/markdown", "text/plain"]
)
def test_an_answer_stays_as_it_is_if_the_texts_of_problems_are_left_out(mimetype: str) -> None:
    assert without_problem_texts(ANSWER + b"\n", mimetype) == ANSWER + b"\n"
