"""A folder of Parquet that the real command wrote, and the same answers as JSON lines. It needs no reader of Parquet."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.packs import HARBOUR

MOMENT = "2026-01-01T08:00:00Z"
COUNT = 9000
"""More than two parts."""
WRONG = 100
"""So many lines come before the one that is wrong."""
COMMAND = [sys.executable, "-c", "from service.cli import main; main()"]


@dataclass(frozen=True)
class WrittenAnswers:
    folder: Path
    lines: list[dict[str, Any]]


def incidents(count: int = COUNT) -> bytes:
    bodies = [
        {"incident_id": f"i-{number}", "facts": {"wind": {"speed": number % 60}}}
        for number in range(count)
    ]
    bodies[WRONG]["facts"] = {"wind": {"speed": -1}}
    return b"".join(json.dumps(body).encode() + b"\n" for body in bodies)


def assess(*arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
    given = ["assess", "--pack", HARBOUR, "--engine", "reference", "--as-of", MOMENT, *arguments]
    return subprocess.run([*COMMAND, *given], capture_output=True, timeout=300, check=False)


def write_answers(folder: Path) -> WrittenAnswers:
    file, out = folder / "incidents.ndjson", folder / "answers.parquet"
    file.write_bytes(incidents())
    written = assess(file, "--out", out, "--jobs", "2")
    assert written.returncode == 1, written.stderr.decode()
    lines = assess(file).stdout.splitlines()
    return WrittenAnswers(out, [json.loads(line) for line in lines])
