"""Checks a running server against its own OpenAPI document by the schemathesis command, with every check on."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tests.packs import HARBOUR
from tests.server import ROOT, Server

HERE = Path(__file__).parent
MOST_SECONDS = 1800


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of schemathesis: the number of its requests, whether all checks passed, and its output."""

    requests: int
    seconds: float
    well: bool
    report: str


def both_packs(folder: Path) -> Path:
    """A folder with the default pack and the harbour pack: two vocabularies in one document."""
    shutil.copytree(ROOT / "rules" / "pr_crisis", folder / "pr_crisis")
    shutil.copytree(HARBOUR, folder / "harbour")
    return folder


def hold_to_document(server: Server, seed: int, examples: int) -> Outcome:
    """Runs at most `examples` random requests for each operation, after the requests that cover its schema."""
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        f"--config-file={HERE / 'schemathesis.toml'}",
        "run",
        f"http://127.0.0.1:{server.port}/openapi.json",
        f"--seed={seed}",
        f"--max-examples={examples}",
        "--no-color",
    ]
    hooks = {"SCHEMATHESIS_HOOKS": "tests.faults.schemathesis_hooks"}
    started = time.monotonic()
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **hooks},
        capture_output=True,
        text=True,
        timeout=MOST_SECONDS,
    )
    seconds = time.monotonic() - started
    report = done.stdout + done.stderr
    made = re.search(r"(\d+) generated", report)
    return Outcome(int(made[1]) if made else 0, seconds, done.returncode == 0, report)
