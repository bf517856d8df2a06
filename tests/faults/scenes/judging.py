"""The usual course of a scene: requests all the time, a fault, a killed worker, the end of the fault; and what must be true."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress

from tests.faults.scenes.clients import CLIENTS, Asked, asking
from tests.faults.scenes.places import Place
from tests.faults.scenes.scene import SECONDS_TO_ANSWER, Run
from tests.waiting import eventually

LOOKS = 20
"""So many requests meet every worker, mostly."""


def play_fault(
    run: Run,
    place: Place,
    fault: AbstractContextManager[None],
    seen: Callable[[], bool],
    healed: Callable[[], bool],
) -> None:
    """Entering `fault` causes it, leaving it heals it. A worker is killed in between. The first version answers throughout.

    `seen` tells that `/readyz` or a metric shows the fault; `healed` that nothing does any more.
    """
    with asking(place.server, place.versions.known, run.seed) as asked:
        asked.goes_on()
        with fault:
            eventually(seen)
            asked.goes_on()
            kill_a_worker(place)
            eventually(seen)
            asked.goes_on()
        eventually(healed)
        asked.goes_on()
    judge(run, asked, place.versions.digests[0], kills=1)
    judge_health(run, place)


def kill_a_worker(place: Place) -> None:
    """Waits until another one answers in its place."""
    eventually(lambda: len(place.workers()) > 1)
    kill(place, {max(place.workers())})


def kill(place: Place, victims: set[int]) -> None:
    """Kills workers at once, and waits until others answer in their place."""
    count = len(place.workers())
    for victim in victims:
        os.kill(victim, signal.SIGKILL)
    are_replaced(place, victims, count)


def are_replaced(place: Place, old: set[int], count: int) -> None:
    eventually(lambda: not old & (present := place.workers()) and len(present) == count)


def judge(
    run: Run,
    asked: Asked,
    versions: frozenset[str],
    kills: int,
    clients: int = CLIENTS,
    seconds: float = SECONDS_TO_ANSWER,
) -> None:
    """Each request was answered in time, rightly and by one of the `versions`. Only a kill cuts connections."""
    most = run.seconds_to_answer(seconds)
    for one in asked.answers:
        if one.wrong:
            run.failures.append(one.wrong)
        elif one.seconds > most:
            run.failures.append(f"answered after {one.seconds:.2f} s ({one.status})")
        elif one.digest and one.digest not in versions:
            run.failures.append(f"answered by the version {one.digest}")
    cut = sum(one.cut for one in asked.answers)
    run.check(cut <= kills * clients, f"{cut} connections were cut by {kills} kills")
    run.check(bool(asked.answers), "no request was sent")
    run.figures.append(_figures(asked))


def _figures(asked: Asked) -> str:
    statuses = Counter(one.status for one in asked.answers)
    slowest = max((one.seconds for one in asked.answers), default=0.0)
    found = ", ".join(f"{count} × {status}" for status, count in sorted(statuses.items()))
    return f"{found}, the slowest {slowest * 1000:.0f} ms"


def judge_health(run: Run, place: Place) -> None:
    """The server runs on with the same master, and soon no worker knows a problem."""
    run.check(place.server.process.poll() is None, "the server has ended")
    if place.server.log.is_file():
        masters = {line["master"] for line in place.server.log_lines("worker-started")}
        run.check(len(masters) == 1, f"the master changed: {masters}")
    if not _becomes_ready(place):
        run.failures.append(f"not ready: {place.server.get('/readyz').body!r:.500}")


def _becomes_ready(place: Place) -> bool:
    with suppress(AssertionError):
        eventually(lambda: on_every_worker(lambda: _is_ready(place)))
        return True
    return False


def _is_ready(place: Place) -> bool:
    ready = place.server.get("/readyz")
    return ready.status == 200 and not ready.json["problems"]


def on_every_worker(holds: Callable[[], bool]) -> bool:
    """Asked often enough to meet every worker, each time on a new connection."""
    return all(holds() for _ in range(LOOKS))
