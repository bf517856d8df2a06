"""What a scene is, how it is played, and how it ended."""

from __future__ import annotations

import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.scenes.machine import Impossible
from tests.faults.scenes.places import Places

MOST_DETAILS = 20
SECONDS_TO_ANSWER = 1.0
SECONDS_TO_ANSWER_IN_A_TEST = 30.0
"""A test may run on a busy machine."""


@dataclass
class Run:
    """One run of a scene. It adds what is wrong to `failures`, and figures worth printing to `figures`."""

    places: Places
    folder: Path
    seed: int
    short: bool = False
    failures: list[str] = field(default_factory=list)
    figures: list[str] = field(default_factory=list)

    def seconds_to_answer(self, usually: float) -> float:
        return SECONDS_TO_ANSWER_IN_A_TEST if self.short else usually

    def check(self, holds: bool, otherwise: str) -> None:
        if not holds:
            self.failures.append(otherwise)


Scene = Callable[[Run], None]
"""Its name is a sentence. It raises Impossible if the machine cannot play it."""


@dataclass(frozen=True)
class Played:
    """How a scene ended: well, with failures, or not played."""

    name: str
    seconds: float
    failures: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()
    skipped: str = ""

    def __str__(self) -> str:
        if self.skipped:
            return f"skipped: {self.name}: {self.skipped}"
        result = "failed" if self.failures else "ok"
        figures = "".join(f"; {one}" for one in self.figures)
        return f"{result}: {self.name}, {self.seconds:.0f} s{figures}"

    def details(self) -> str:
        """Each different failure, with its number."""
        counted = Counter(self.failures)
        more = len(counted) - MOST_DETAILS
        shown = [f"{count} × {one}" for one, count in counted.most_common(MOST_DETAILS)]
        shown += [f"and {more} more"] if more > 0 else []
        return "\n".join(f"{self.name}: {one}" for one in shown)

    def save(self, folder: Path) -> None:
        """Writes the details to a file."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{self.name.replace(' ', '-')}.txt").write_text(self.details(), "utf-8")


def play(scene: Scene, run: Run) -> Played:
    """Plays a scene. The servers of a scene that failed are stopped: the next scene starts its own."""
    name, started, skipped = scene.__name__.replace("_", " "), time.monotonic(), ""
    try:
        run.folder.mkdir(parents=True)
        scene(run)
    except Impossible as why:
        skipped = str(why)
    except Exception:
        run.failures.append(traceback.format_exc())
    if run.failures:
        run.failures += run.places.stop_all()
    seconds = time.monotonic() - started
    return Played(name, seconds, tuple(run.failures), tuple(run.figures), skipped)
