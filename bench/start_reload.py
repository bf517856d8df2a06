"""Measures the real server, started as `make run` does: the time until it is ready, and until every worker has a changed pack."""

from __future__ import annotations

import shutil
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.figures import Section, Verdict, table
from service.language.files.pack_files import read_files
from tests.server import ROOT, Server, running

WORKERS = 2
MOST_TO_START = 1.5
MOST_TO_RELOAD = 1.0
SECONDS_TO_GIVE_UP = 30.0
CHANGED = Path("pr_crisis", "10_findings.yaml")


class NoReload(AssertionError):
    """Not every worker had the changed pack in time."""


@dataclass(frozen=True)
class Waits:
    """Seconds from the command to the first answer, with an empty `TOCSIN_STATE` and with a used one; and to a reload."""

    first_start: Sequence[float]
    next_start: Sequence[float]
    reload: Sequence[float]


def measured(repeats: int, folder: Path) -> Waits:
    first, following = [], []
    for number in range(repeats):
        state = folder / f"state-{number}"
        first.append(_start(folder, state))
        following.append(_start(folder, state))
    return Waits(first, following, reloads(repeats, folder))


def _start(folder: Path, state: Path) -> float:
    began = time.perf_counter()
    with running(ROOT / "rules", folder / "log", TOCSIN_STATE=str(state)):
        return time.perf_counter() - began


def reloads(repeats: int, folder: Path) -> list[float]:
    packs = folder / "packs"
    shutil.copytree(ROOT / "rules", packs)
    settings = {"TOCSIN_STATE": str(folder / "state"), "TOCSIN_WORKERS": str(WORKERS)}
    with running(packs, folder / "log", **settings) as server:
        while len(server.workers()) < WORKERS:
            time.sleep(0.01)
        return [_reload(packs / CHANGED, number, server) for number in range(repeats)]


def _reload(changed: Path, number: int, server: Server) -> float:
    """Seconds from the last write until the last worker has logged the reload."""
    with changed.open("a", encoding="utf-8") as file:
        file.write(f"# {number}\n")
    written = time.perf_counter()
    wanted = {changed.parent.name: read_files(changed.parent).digest()}
    while time.perf_counter() < written + SECONDS_TO_GIVE_UP:
        swapped = [line for line in server.log_lines("reload") if line["packs"] == wanted]
        if len(swapped) == WORKERS:
            return time.perf_counter() - written
        time.sleep(0.005)
    raise NoReload(f"after {SECONDS_TO_GIVE_UP:.0f} s")


def section(waits: Waits) -> Section:
    named = {
        "start, empty state folder (packs are proved in a child process)": waits.first_start,
        "start, good versions in the state folder": waits.next_start,
        f"reload: from a file's change until the last of {WORKERS} workers has it": waits.reload,
    }
    rows = [
        [name, f"{statistics.median(seconds):.2f}", f"{max(seconds):.2f}"]
        for name, seconds in named.items()
    ]
    lines = [
        "Wall time. A start is from `make run` to the first answer of `/readyz`, requested every 20 ms; a reload is from the last write",
        f"until the last worker has logged it. {len(waits.reload)} of each.",
        "",
        *table(["default pack, `both`", "seconds, median", "worst"], rows),
    ]
    verdicts = [
        _verdict("start", [*waits.first_start, *waits.next_start], MOST_TO_START),
        _verdict("reload", waits.reload, MOST_TO_RELOAD),
    ]
    return Section("Start and reload", lines, verdicts)


def _verdict(what: str, seconds: Sequence[float], most: float) -> Verdict:
    worst = max(seconds)
    return Verdict(what, f"≤ {most} s", f"{worst:.2f} s at worst", worst <= most)
