"""TOCSIN_ENGINE=reference: nothing imports durable_rules, so Tocsin also runs where it does not build, such as on Python 3.13."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from tests.api.test_addresses import GUNICORN, listening, refused
from tests.command import installed_tocsin
from tests.packs import HARBOUR
from tests.server import ROOT
from tests.test_command import STORM, lines

PYTHON_313 = ROOT / ".venv-3.13" / "bin"
on_python_313 = pytest.mark.skipif(
    not PYTHON_313.exists(),
    reason="there is no Python 3.13: .ci/run makes .venv-3.13 if it finds one",
)
BOTH = "TOCSIN_ENGINE is 'both', but must be 'reference' here: this Python has no durable_rules"


def library(folder: Path, code: str) -> None:
    """Another library in place of durable_rules, for a PYTHONPATH with this folder."""
    (folder / "durable_rules_engine.py").write_text(code, "utf-8")


def alert(line: str) -> str:
    """What the server that printed this line answers."""
    found = re.search(r"serving on (\S+),", line)
    assert found, line
    body = json.dumps(STORM).encode()
    request = Request(f"{found[1]}/v1/assessments", body, {"Content-Type": "application/json"})
    with urlopen(request, timeout=30) as answer:
        return str(json.load(answer)["alert"]["code"])


def test_with_the_reference_alone_nothing_imports_durable_rules(
    packs: Path, tmp_path: Path
) -> None:
    library(tmp_path, "import os; os._exit(99)")
    alone = {"PYTHONPATH": str(tmp_path), "TOCSIN_ENGINE": "reference"}
    with listening(packs, tmp_path / "log", "127.0.0.1:0", **alone) as line:
        assert alert(line) == "storm"
    status, _, said = installed_tocsin(
        "assess",
        "-",
        given=lines(STORM),
        TOCSIN_PACKS=str(packs),
        PYTHONPATH=str(tmp_path),
        TOCSIN_ENGINE="reference",
    )
    assert (status, said) == (0, "")


def test_without_durable_rules_only_the_reference_can_be_chosen(
    packs: Path, tmp_path: Path
) -> None:
    library(tmp_path, "raise ImportError")
    assert refused(packs, PYTHONPATH=str(tmp_path)) == BOTH
    status, printed, said = installed_tocsin("test", HARBOUR, PYTHONPATH=str(tmp_path))
    assert (status, printed, said.splitlines()[-1]) == (2, "", f"Error: {BOTH}")
    reference = installed_tocsin("test", HARBOUR, "--engine", "reference", PYTHONPATH=str(tmp_path))
    assert reference == (0, "2 cases, 0 failed\n", "")
    assert installed_tocsin("check", HARBOUR, PYTHONPATH=str(tmp_path)) == (0, "", "")


@on_python_313
def test_a_server_on_python_313_answers(packs: Path, tmp_path: Path) -> None:
    command = [str(PYTHON_313 / "python"), *GUNICORN[1:]]
    with listening(
        packs, tmp_path / "log", "127.0.0.1:0", command, TOCSIN_ENGINE="reference"
    ) as line:
        assert alert(line) == "storm"
    assert "Warning" not in (tmp_path / "log").read_text("utf-8")


@on_python_313
def test_the_command_on_python_313_checks_tests_and_assesses() -> None:
    pack, alone = str(HARBOUR), ["--engine", "reference"]
    for arguments in (
        ["check", pack],
        ["test", pack, *alone],
        ["assess", "-", "--pack", pack, *alone],
    ):
        done = subprocess.run(
            [PYTHON_313 / "tocsin", *arguments],
            input=lines(STORM),
            capture_output=True,
            timeout=60,
        )
        assert (done.returncode, done.stderr.decode()) == (0, "")
    assert json.loads(done.stdout)["alert"]["code"] == "storm"
