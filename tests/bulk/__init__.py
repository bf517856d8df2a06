"""Bulk runs of the command: real processes, which are killed too."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.command import TOCSIN
from tests.packs import HARBOUR
from tests.server import ROOT

MOMENT = "2026-01-01T08:00:00Z"
SECONDS_TO_GIVE_UP = 60.0
ENVIRONMENT = {
    **os.environ,
    "TOCSIN_STATE": str(ROOT / "build" / "state"),
    "TOCSIN_ENGINE": "reference",
}


def incident(number: int, **more: Any) -> dict[str, Any]:
    chance = random.Random(number)
    facts = {"wind": {"speed": chance.randint(0, 60)}, "ships": {"inside": chance.randint(0, 5)}}
    return {"incident_id": f"i-{number}", "facts": facts, **more}


def incidents(count: int, first: int = 0, **more: Any) -> bytes:
    return b"".join(
        json.dumps(incident(number, **more)).encode() + b"\n"
        for number in range(first, first + count)
    )


def file_of(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def arguments(*given: str | Path, pack: Path = HARBOUR) -> list[str | Path]:
    return [TOCSIN, "assess", "--pack", pack, *given]


def assess(*given: str | Path, said: bytes = b"", pack: Path = HARBOUR) -> tuple[int, bytes, str]:
    """Status, standard output and standard error of a run."""
    done = subprocess.run(
        arguments(*given, pack=pack),
        input=said,
        capture_output=True,
        timeout=120,
        env=ENVIRONMENT,
    )
    return done.returncode, done.stdout, done.stderr.decode()


def started(*given: str | Path, pack: Path = HARBOUR) -> subprocess.Popen[bytes]:
    """A run that goes on, in a process group of its own."""
    return subprocess.Popen(
        arguments(*given, pack=pack),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=ENVIRONMENT,
        start_new_session=True,
    )


def workers_of(run: subprocess.Popen[bytes], out: Path) -> list[int]:
    """The processes that a run has forked. Before it has a journal it proves the pack in another process."""
    with suppress(OSError):
        if out.with_name(out.name + ".journal").exists():
            listed = Path(f"/proc/{run.pid}/task/{run.pid}/children").read_text()
            return [int(one) for one in listed.split()]
    return []


def blocks_of(out: Path) -> int:
    """How many blocks are written."""
    journal = out.with_name(out.name + ".journal")
    with suppress(FileNotFoundError):
        found: int = json.loads(journal.read_bytes())["blocks"]
        return found
    return 0


def without_progress(said: str | bytes) -> list[str]:
    """The lines of standard error. A slow run also says how far it is."""
    text = said if isinstance(said, str) else said.decode()
    return [line for line in text.splitlines() if " lines, " not in line]


def wait_for(found: Any, run: subprocess.Popen[bytes]) -> Any:
    """What `found` gives once it gives something. The run must not end before."""
    end = time.monotonic() + SECONDS_TO_GIVE_UP
    while time.monotonic() < end:
        if value := found():
            return value
        assert run.poll() is None, "the run ended before"
        time.sleep(0.002)
    raise AssertionError("it took too long")


def kill_all(run: subprocess.Popen[bytes]) -> None:
    """kill -9 of the run and of its workers."""
    with suppress(ProcessLookupError):
        os.killpg(run.pid, signal.SIGKILL)
    run.communicate()


def rows(written: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written.splitlines()]


def each_line(written: bytes) -> Iterator[tuple[str | None, int]]:
    return ((one["incident_id"], one["line"]) for one in rows(written))
