"""The commands for newcomers do what their descriptions say: the targets of make, the hooks, the workflow."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import Any

import pytest
import yaml

from tests.server import ROOT

MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
WITHOUT_OPTIONS = {"help", "lint", "lock", "clean"}
"""Targets that are more than one command, or whose command takes no options."""


def targets() -> list[str]:
    found = re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
    assert found
    return found[1].split()


def make(*arguments: str) -> str:
    """The output of make in the environment of these tests."""
    command = ["make", "--no-print-directory", f"VENV={sys.prefix}", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout


def parsed(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text("utf-8"))


def test_make_help_lists_every_target_with_one_line_and_nothing_else() -> None:
    lines = make("help").splitlines()
    assert sorted(line.split()[1] for line in lines) == sorted(targets())
    assert all(re.fullmatch(r"make [a-z-]+ +\S.*", line) for line in lines)


@pytest.mark.parametrize("target", sorted(set(targets()) - WITHOUT_OPTIONS))
def test_a_target_passes_args_to_its_command(target: str) -> None:
    assert " --an-option" in make("--dry-run", target, "ARGS=--an-option")


def test_the_hooks_run_before_a_commit_are_the_commands_of_make_lint() -> None:
    (repository,) = parsed(".pre-commit-config.yaml")["repos"]
    recipe = MAKEFILE.split("\nlint:", 1)[1].split("\n\n", 1)[0]
    commands = re.findall(r"^\t\$\(BIN\)/(.*)$", recipe, re.MULTILINE)
    assert [hook["entry"] for hook in repository["hooks"]] == [f".venv/bin/{c}" for c in commands]


def test_the_workflow_calls_ci_run_on_both_pythons() -> None:
    job = parsed(".github/workflows/ci.yml")["jobs"]["ci"]
    assert job["strategy"]["matrix"]["python"] == ["3.11", "3.12"]
    assert job["env"] == {"PYTHON": "python${{ matrix.python }}"}
    assert job["steps"][-1] == {"run": ".ci/run"}


def test_preflight_chooses_the_requested_python_or_fails() -> None:
    assert preflight(sys.executable) == (0, f"{sys.executable}\n")
    assert preflight("/no/such/python")[0] == 1


def preflight(python: str) -> tuple[int, str]:
    environment = {**os.environ, "PYTHON": python}
    done = subprocess.run(
        [".ci/preflight"], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )
    return done.returncode, done.stdout
