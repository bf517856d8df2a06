"""The temporary folder is a tiny disk that is full. It costs figures, and long bodies, and nothing else."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tests.faults.scenes.judging import play_fault
from tests.faults.scenes.machine import Filler
from tests.faults.scenes.places import Kind, Place
from tests.faults.scenes.scene import Run, Scene
from tests.server import WRITTEN

TINY = Kind(temporary_kilobytes=4 * 1024)
SECONDS_OF_OLD_FIGURES = 2.0
LINE = b'{"facts": {"ships": {"names": ["' + b"x" * 4000 + b'"]}}}\n'
BATCH = LINE * 300
"""More than a worker keeps in memory."""
NDJSON = {"Content-Type": "application/x-ndjson"}


def a_full_temporary_folder_costs_figures_and_long_bodies_only(run: Run) -> None:
    place = run.places.shared(TINY)
    run.check(_batch(place) == (200, ""), "a batch is refused before the fault")
    filler = Filler(place.temporary)

    def is_seen() -> bool:
        filler.fill()  # a write that was under way frees room when it ends
        return bool(_old_figures(place)) and _batch(place) == (503, "application/problem+json")

    def is_healed() -> bool:
        return not _old_figures(place) and _batch(place) == (200, "")

    play_fault(run, place, _removed(filler), is_seen, is_healed)


SCENES: Sequence[Scene] = (a_full_temporary_folder_costs_figures_and_long_bodies_only,)


def _old_figures(place: Place) -> list[float]:
    """The times of figures that a worker wrote too long ago."""
    text, now = place.server.get("/metrics").body.decode(), time.time()
    written = [float(at) for _, at in WRITTEN.findall(text)]
    return [at for at in written if now - at > SECONDS_OF_OLD_FIGURES]


def _batch(place: Place) -> tuple[int, str]:
    """The status of a large batch, and the type of a problem."""
    reply = place.server.request("POST", "/v1/assessments/batch", BATCH, NDJSON)
    return reply.status, "" if reply.status == 200 else reply.headers["content-type"]


@contextmanager
def _removed(filler: Filler) -> Iterator[None]:
    try:
        yield
    finally:
        filler.remove()
