"""Gives numbered inputs to a judge and collects the failures. The same seed and number give the same input."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from tests.campaigns.differential.shrink import shrunk
from tests.faults import connections
from tests.faults.answers import JSON, MARKDOWN, NDJSON
from tests.faults.bodies import Bodies
from tests.faults.body_judge import BATCH, SECONDS, SINGLE, OverHttp, Posted, in_process
from tests.faults.generated import judge as generated
from tests.faults.generated.packs import GeneratedPacks
from tests.faults.pack_judge import SECONDS as PACK_SECONDS
from tests.faults.pack_judge import by_command, in_folder
from tests.faults.packs import Mutants
from tests.faults.watched import Judge, Watched
from tests.server import ROOT, Server

BATCH_EVERY = 10
REPORT_EVERY = 7
SAVED = ROOT / "build" / "faults"
MOST_SHRUNK = 10


@dataclass(slots=True)
class Outcome:
    """The outcome of one campaign. A failure is the number of an input, the input, and what was wrong."""

    name: str
    seed: int
    inputs: int = 0
    seconds: float = 0.0
    failures: list[tuple[int, Any, str]] = field(default_factory=list)
    slowest: float = 0.0
    more: str = ""

    def __str__(self) -> str:
        found = len(self.failures)
        slowest = f", the slowest {self.slowest:.1f} s" if self.slowest else ""
        return f"{self.name}: {self.inputs} inputs, {found} failures, {self.seconds:.0f} s{slowest}{self.more}"

    def details(self) -> str:
        """The failures with their inputs in hex escapes, each cut to 2,000 characters."""
        return "\n".join(
            f"{self.name} {number} (seed {self.seed}): {what}\n  {given!r:.2000}"
            for number, given, what in self.failures
        )

    def save(self, folder: Path = SAVED) -> None:
        """Writes each failing input in full to a file, as a Python literal."""
        for number, given, what in self.failures:
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / f"{self.name.replace(' ', '-')}-{self.seed}-{number}.txt"
            path.write_text(f"{what}\n{given!r}\n", "utf-8", "backslashreplace")


def run(
    name: str, seed: int, numbers: Iterable[int], make: Callable[[int], Any], judge: Judge
) -> Outcome:
    outcome, started = Outcome(name, seed), time.monotonic()
    for number in numbers:
        given = make(number)
        outcome.inputs += 1
        before = time.monotonic()
        if what := judge(given):
            outcome.failures.append((number, given, what))
        outcome.slowest = max(outcome.slowest, time.monotonic() - before)
    outcome.seconds = time.monotonic() - started
    return outcome


def bodies_in_process(seed: int, numbers: Iterable[int], packs: Path, state: Path) -> Outcome:
    """Posts bodies to the WSGI application in a watched process."""
    watched = Watched(in_process, packs, state, seconds=SECONDS)
    try:
        return run("bodies in process", seed, numbers, posted_by(seed), watched.judge)
    finally:
        watched.close()


def bodies_over_http(seed: int, numbers: Iterable[int], server: Server) -> Outcome:
    """Posts bodies to a real server. No worker may end, and the log may have no internal error."""
    over_http = OverHttp(server)
    try:
        outcome = run("bodies over HTTP", seed, numbers, posted_by(seed), over_http.judge)
    finally:
        over_http.close()
    if server.log_lines("worker-stopped"):
        outcome.failures.append((-1, b"", "a worker ended"))
    if faults := server.log_lines("internal-error"):
        outcome.failures.append((-1, b"", f"the log has {len(faults)} internal errors"))
    return outcome


def mutated_packs(seed: int, numbers: Iterable[int], folder: Path) -> Outcome:
    """Loads mutated packs, renders their problems and assesses with them, in a watched process."""
    watched = Watched(in_folder, folder, seconds=PACK_SECONDS)
    try:
        return run("mutated packs", seed, numbers, Mutants(seed).mutant, watched.judge)
    finally:
        watched.close()


def generated_packs(seed: int, numbers: Iterable[int], folder: Path) -> Outcome:
    """Loads packs generated from the schemas and asks those that load for everything, in a watched process.

    Of the first failing packs, changes that do not matter are left out.
    """
    watched = Watched(generated.in_folder, folder, seconds=PACK_SECONDS)
    try:
        made = GeneratedPacks(seed)
        outcome = run("generated packs", seed, numbers, made.pack, watched.judge)
        outcome.more = f"; {watched.judge(generated.TALLY)}"
        for place, (number, pack, _) in enumerate(outcome.failures[:MOST_SHRUNK]):
            small = shrunk(pack, lambda one: bool(watched.judge(one)))
            outcome.failures[place] = (number, small, watched.judge(small))
        return outcome
    finally:
        watched.close()


def checked_by_command(seed: int, numbers: Iterable[int], folder: Path) -> Outcome:
    """Checks mutated packs with `tocsin check`, in one process for each."""
    return run("tocsin check", seed, numbers, Mutants(seed).mutant, by_command(folder))


def mutated_connections(seed: int, numbers: Iterable[int]) -> Outcome:
    """Received in pieces, in process."""
    mutated = partial(connections.mutated, seed)
    return run("mutated connections", seed, numbers, mutated, connections.judge)


def posted_by(seed: int) -> Callable[[int], Posted]:
    """A function that makes the input of a number."""
    bodies = Bodies(seed)

    def posted(number: int) -> Posted:
        if number % BATCH_EVERY == 0:
            return BATCH, bodies.batch(number), NDJSON
        return SINGLE, bodies.body(number), MARKDOWN if number % REPORT_EVERY == 0 else JSON

    return posted
