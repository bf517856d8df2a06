"""`make soak`: very many decisions and reloads in one process, whose memory must not grow. It measures only its own process.

The watcher of a server loads the packs that change on disk. The code for the lines of a batch makes the decisions.
"""

from __future__ import annotations

import argparse
import gc
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from schemas.strict_json import write_json
from service.api.metrics import AnswerMetrics, count_reload
from service.asking.posted import Post
from service.config import Config
from service.lines import assess_line
from service.serving.pack_watcher import PackWatcher
from service.serving.packs import Packs
from tests.incidents import random_bodies
from tests.load import NEVER, two_packs

AT_ONCE = 100
ROWS = 20
CHANGED = "pr_crisis"


@dataclass(frozen=True, slots=True)
class Sample:
    decisions: int
    reloads: int
    seconds: float
    megabytes: float


@dataclass
class Changes:
    """Writes new versions of a pack, one in ten broken, and counts the good ones that were swapped in."""

    folder: Path
    taken: int = 0
    _written: int = 0
    _waiting: bool = False

    def write(self) -> None:
        """Writes the next version, unless the previous one has not been loaded yet."""
        if self._waiting:
            return
        self._waiting = True
        self._written += 1
        about = self.folder / "pack.yaml"
        text = about.read_text("utf-8")
        rest = text[text.index("\ntitle:") :]
        version = "?" if self._written % 10 == 0 else f"1.0.{self._written}"
        about.write_text(f"pack: {self.folder.name}\nversion: {version}{rest}", "utf-8")

    def swapped(self, packs: Packs, before: Packs) -> None:
        count_reload(packs)
        self.taken += not packs.problems
        self._waiting = False


@dataclass
class Soak:
    """`decisions` and `reloads` are those after the warm-up. The warm-up has its own, in the same ratio."""

    decisions: int
    reloads: int
    warm_up: int
    seed: int

    def run(self, folder: Path) -> Iterator[Sample]:
        (folder / "packs").mkdir()
        packs = two_packs(folder / "packs")
        changes = Changes(packs / CHANGED)
        deployment = Config(packs=packs, state=folder / "state").deployment()
        watcher = PackWatcher(deployment, changes.swapped)
        random, started, decided = Random(self.seed), time.monotonic(), 0
        share = self.reloads * self.warm_up // self.decisions
        while decided < self.warm_up or changes.taken < share:
            decided += self._step(watcher, changes, random, decided, changes.taken)
        warm, warm_taken, due = decided, changes.taken, decided
        while decided < warm + self.decisions or changes.taken < warm_taken + self.reloads:
            if decided >= due:
                due += self.decisions // ROWS
                yield _sample(decided, changes.taken, started)
            decided += self._step(
                watcher, changes, random, decided - warm, changes.taken - warm_taken
            )
        yield _sample(decided, changes.taken, started)

    def _step(
        self, watcher: PackWatcher, changes: Changes, random: Random, decided: int, taken: int
    ) -> int:
        """Makes some more decisions and returns their number. If reloads are behind, it first changes a pack."""
        if taken * self.decisions <= decided * self.reloads:
            changes.write()
        return _decide(watcher.packs, random)


def _sample(decided: int, reloads: int, started: float) -> Sample:
    """A server puts off full collections for some loads of packs: what such a collection frees is no growth."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    return Sample(decided, reloads, time.monotonic() - started, resident_megabytes(os.getpid()))


def _decide(packs: Packs, random: Random) -> int:
    """Assesses each incident twice: the same packs, facts and moment must give the same bytes."""
    models = [served.pack for served in packs.served.values()]
    bodies = random_bodies(models, random, AT_ONCE // 2)
    first, second = _answers(packs, bodies), _answers(packs, bodies)
    if first != second:
        raise SystemExit("the same incident got two different answers")
    return len(first) + len(second)


_post = Post(lambda: NEVER)


def _answers(packs: Packs, bodies: Sequence[bytes]) -> list[bytes]:
    found = []
    for number, body in enumerate(bodies):
        answer, well = assess_line(body, number, packs, _post, [AnswerMetrics()])
        if not well:
            raise SystemExit(f"{body!r} was not answered: {answer}")
        found.append(write_json(answer))
    return found


def resident_megabytes(process: int) -> float:
    status = Path(f"/proc/{process}/statm")
    if status.exists():
        return int(status.read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    told = subprocess.check_output(["ps", "-o", "rss=", "-p", str(process)])  # macOS
    return int(told) * 1024 / 1e6


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--decisions", type=int, default=1_000_000)
    parser.add_argument("--reloads", type=int, default=500)
    parser.add_argument("--warm-up", type=int, default=50_000, help="decisions before")
    parser.add_argument("--allow", type=float, default=5.0, help="megabytes of growth")
    parser.add_argument("--seed", type=int, default=20_261)
    options = parser.parse_args(arguments)
    print(f"seed {options.seed}, Python {platform.python_version()}, {platform.machine()}")
    print("decisions  reloads  seconds  resident MB  growth MB")
    samples: list[Sample] = []
    with tempfile.TemporaryDirectory() as folder:
        soak = Soak(options.decisions, options.reloads, options.warm_up, options.seed)
        for one in soak.run(Path(folder)):
            samples.append(one)
            growth = one.megabytes - samples[0].megabytes
            print(
                f"{one.decisions:>9,}  {one.reloads:>7}  {one.seconds:>7.0f}"
                f"  {one.megabytes:>11.1f}  {growth:>9.2f}",
                flush=True,
            )
    growth = max(one.megabytes for one in samples) - samples[0].megabytes
    print(f"growth after the warm-up at most {growth:.2f} MB, allowed {options.allow} MB")
    return int(growth > options.allow)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
