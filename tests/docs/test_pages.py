"""The documents tell the truth: generated parts are fresh, links lead somewhere, settings and codes are all there."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.assessment import AssessmentSchema
from service.language.problem_codes import PROBLEM_CODES
from tests.server import ROOT, running

PAGES = [
    ROOT / "README.md",
    ROOT / "ARCHITECTURE.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").glob("*.md")),
]
REPORTERS = {
    "Problem",
    "problem",
    "problem_inside",
    "report",
    "_report",
    "Finding",
    "ConditionError",
    "RefusedYaml",
    "Mistake",
}


def codes_in_the_source() -> Iterator[str]:
    for folder in ("language", "engine", "serving", "authoring"):
        for path in (ROOT / "service" / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and _name(node.func) in REPORTERS:
                    yield from (
                        argument.value
                        for argument in node.args
                        if isinstance(argument, ast.Constant)
                        and isinstance(argument.value, str)
                        and re.fullmatch("[a-z]+(-[a-z0-9]+)+|bounds", argument.value)
                    )


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def test_generated_parts_are_fresh() -> None:
    done = subprocess.run(
        [sys.executable, "docs/build.py", "--check"], cwd=ROOT, capture_output=True, timeout=60
    )
    assert (done.returncode, done.stderr.decode()) == (0, "")


def test_every_code_an_author_can_meet_is_explained_and_no_other() -> None:
    assert set(codes_in_the_source()) == set(PROBLEM_CODES)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text("utf-8")):
        assert target.startswith("http") or (page.parent / target).exists(), target


def test_every_setting_is_described_and_every_described_one_is_read() -> None:
    described = set(
        re.findall(
            "^\\| `(TOCSIN_[A-Z_]+)`",
            (ROOT / "docs" / "operators.md").read_text("utf-8"),
            re.MULTILINE,
        )
    )
    sources = [ROOT / "gunicorn.conf.py", ROOT / "service" / "config.py"]
    read = {
        name for path in sources for name in re.findall("TOCSIN_[A-Z_]+", path.read_text("utf-8"))
    }
    assert described == read


def test_the_page_of_the_api_says_how_to_read_each_key_of_an_answer() -> None:
    page = (ROOT / "docs" / "api.md").read_text("utf-8")
    table = page.split("| key | how to read it |", 1)[1].split("\n\n", 1)[0]
    cells = [line.split("|")[1] for line in table.splitlines()[2:]]
    keys = [
        key for cell in cells if "the pack's" not in cell for key in re.findall("`(.+?)`", cell)
    ]
    assert sorted(keys) == sorted(AssessmentSchema().fields)


def test_the_readmes_curl_gets_the_answer_it_shows(tmp_path: Path) -> None:
    """Typed as it stands, except for the port."""
    text = (ROOT / "README.md").read_text("utf-8")
    found = re.search(r"\$ (curl -s .*?\}')", text, re.DOTALL)
    assert found
    with running(ROOT / "rules", tmp_path / "log") as server:
        command = found[1].replace("127.0.0.1:8000", f"127.0.0.1:{server.port}")
        done = subprocess.run(["bash", "-c", command], capture_output=True, timeout=60, check=True)
    answer = json.loads(done.stdout)
    shown = json.loads(text.split("```json\n", 1)[1].split("```", 1)[0])
    for key in ("as_of", "pack", "grade", "type", "provisional", "at_worst", "at_best", "assumed"):
        assert answer[key] == shown[key]
    assert answer["actions"][:2] == shown["actions"][:2]
    assert shown["actions"][2] == f"… {len(answer['actions']) - 2} more"
