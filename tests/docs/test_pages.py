"""The documents are true: generated parts are up to date, links lead to files, and all settings and codes are described."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

from schemas.assessment import AssessmentSchema
from service.language.problem_codes import ProblemCode
from tests.client.every_way import ask_in_every_way
from tests.server import ROOT, Server, running

PAGES = [
    ROOT / "README.md",
    ROOT / "ARCHITECTURE.md",
    ROOT / "CHANGELOG.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "SECURITY.md",
    ROOT / "examples" / "README.md",
    ROOT / "client" / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
]


def test_generated_parts_are_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, "docs/build.py", "--check"], cwd=ROOT, capture_output=True, timeout=60
    )
    assert (done.returncode, done.stderr.decode()) == (0, "")


def test_every_code_of_an_authors_problem_is_explained_and_no_other() -> None:
    page = (ROOT / "docs" / "problems.md").read_text("utf-8")
    assert set(re.findall(r"^\| `(.+?)` \|", page, re.MULTILINE)) == set(get_args(ProblemCode))


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


def test_the_page_of_the_api_explains_each_key_of_an_answer() -> None:
    page = (ROOT / "docs" / "api.md").read_text("utf-8")
    table = page.split("| key | how to read it |", 1)[1].split("\n\n", 1)[0]
    cells = [line.split("|")[1] for line in table.splitlines()[2:]]
    keys = [
        key for cell in cells if "the pack's" not in cell for key in re.findall("`(.+?)`", cell)
    ]
    assert sorted(keys) == sorted(AssessmentSchema().fields)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(ROOT / "rules", tmp_path_factory.mktemp("readme") / "log") as started:
        yield started


@pytest.fixture(scope="module")
def answer(server: Server) -> Any:
    """The answer to the README's curl, run unchanged except for the port."""
    found = re.search(r"\$ (curl -s .*?\}')", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    assert found
    command = found[1].replace("127.0.0.1:8000", f"127.0.0.1:{server.port}")
    done = subprocess.run(["bash", "-c", command], capture_output=True, timeout=60, check=True)
    return json.loads(done.stdout)


def run_program(program: str) -> tuple[str, str]:
    """What a program prints that finds the client in its folder."""
    found = {**os.environ, "PYTHONPATH": str(ROOT / "client")}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=found, capture_output=True, text=True, timeout=60)
    return done.stdout, done.stderr


def test_the_readmes_program_prints_what_the_readme_shows(server: Server) -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    program, shown = re.findall(r"```(?:python|text)\n(.*?)```", text, re.DOTALL)
    program = program.replace("127.0.0.1:8000", f"127.0.0.1:{server.port}")
    assert run_program(program) == (shown, "")


def test_the_programs_on_the_clients_page_run(server: Server) -> None:
    text = (ROOT / "client" / "README.md").read_text("utf-8")
    programs = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    said = 'facts = {"harm": {"deaths": 1}}\nincidents = [{"facts": facts}, {"facts": 1}]\n'
    program = said + "\n".join(programs)
    program = program.replace("https://tocsin.example.com", f"http://127.0.0.1:{server.port}")
    printed, errors = run_program(program.replace("tocsin_…", "tocsin_x"))
    assert errors == ""
    lines = printed.splitlines()
    assert lines[0].startswith("yellow none Level III (yellow)")
    assert lines[1:3] == ["None red", "2 invalid-request: 1 field is wrong; see errors"]


def test_the_thin_client_posts_in_every_way(server: Server) -> None:
    assert ask_in_every_way(f"http://127.0.0.1:{server.port}").startswith("tocsin-http ")


def answer_shown_in(page: Path) -> Any:
    text = page.read_text("utf-8").split("<!-- answer -->\n```json\n", 1)[1]
    return json.loads(text.split("```", 1)[0])


def test_the_readmes_curl_gets_the_long_answer_that_the_api_page_shows(answer: Any) -> None:
    shown = answer_shown_in(ROOT / "docs" / "api.md")
    for key in ("as_of", "pack", "grade", "type", "provisional", "at_worst", "at_best", "assumed"):
        assert answer[key] == shown[key]
    assert answer["actions"][:2] == shown["actions"][:2]
    assert shown["actions"][2] == f"… {len(answer['actions']) - 2} more"
    assert list(shown) == [key for key in answer if key != "outputs"]


def test_the_readmes_curl_gets_the_short_answer_that_the_readme_shows(answer: Any) -> None:
    shown = answer_shown_in(ROOT / "README.md")
    for key, value in shown.items():
        whole = answer[key]
        if isinstance(value, list):
            assert value[0].items() <= whole[0].items(), key
            assert value[1:] == [f"… {len(whole) - 1} more"], key
        elif isinstance(value, dict):
            assert value.items() <= whole.items(), key
        else:
            assert value == whole, key


def test_the_readmes_answer_has_a_dozen_lines() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    found = re.search(r"<!-- answer -->\n```json\n(.*?)```", text, re.DOTALL)
    assert found
    assert len(found[1].splitlines()) == 12
