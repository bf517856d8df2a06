"""The short form of `make soak`: memory does not grow over some thousand decisions and a few reloads."""

from __future__ import annotations

import subprocess
import sys

from tests.server import ROOT

SHORT = ("--warm-up", "3000", "--decisions", "3000", "--reloads", "3", "--allow", "3")
"""A handle of the C module that is not freed takes a third of a megabyte; each reload makes several."""


def test_memory_does_not_grow_over_decisions_and_reloads() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.soak", *SHORT], cwd=ROOT, capture_output=True, timeout=300
    )
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
