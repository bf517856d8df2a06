"""The commands that make runs print their usage."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.server import ROOT

COMMANDS = (
    "tests.campaigns.differential",
    "tests.campaigns.same_answers",
    "tests.conformance",
    "tests.faults",
    "tests.mutants",
    "tests.rules.campaign",
    "tests.soak",
)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_prints_its_options(command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", command, "--help"], cwd=ROOT, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "usage:" in done.stdout
