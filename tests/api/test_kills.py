"""Files are broken, the master gets SIGHUP and every worker is killed in turn, all under load: the old version answers every request.

The requests inside a killed worker lose their connection without an answer. No server can prevent that. A caller may send
them again, because an assessment changes nothing. The test sends each of them once more, and it must then be answered.
"""

from __future__ import annotations

import os
import signal
from functools import partial
from pathlib import Path

from tests.load import Asked, asking, known_answers, packs_of, two_packs
from tests.server import Server, running
from tests.waiting import eventually

SEED = 20263
CLIENTS = 6
INCIDENTS = 100
WORKERS = 2
BROKEN = "rules:\n  - id: broken.typo\n    when: no.such.fact > 1\n    then: {provisional: true}\n    because: {en: x, zh: x}\n"


def problems(server: Server) -> set[str]:
    reply = server.get("/readyz")
    assert reply.status == 200
    return {problem["place"] for problem in reply.json["problems"]}


def goes_on(asked: Asked, answers: int = 100) -> None:
    """Waits for this many more answers."""
    enough = asked.right + answers
    eventually(lambda: asked.right >= enough or bool(asked.wrong), 60)


def are_replaced(server: Server, gone: set[int]) -> bool:
    return len(server.workers()) == WORKERS and not server.workers() & gone


def test_the_old_version_answers_every_request_while_files_are_broken_and_workers_killed(
    tmp_path: Path,
) -> None:
    (tmp_path / "packs").mkdir()
    folder = two_packs(tmp_path / "packs")
    known = known_answers([packs_of(folder, tmp_path / "expected")], SEED, INCIDENTS)
    places = {f"{pack}/99_broken.yaml:3:11" for pack in ("pr_crisis", "harbour")}
    state = str(tmp_path / "state")
    with (
        running(folder, tmp_path / "log", TOCSIN_STATE=state) as server,
        asking(server, known, CLIENTS, SEED, keep_alive=False) as asked,
    ):
        goes_on(asked)
        for pack in ("pr_crisis", "harbour"):
            (folder / pack / "99_broken.yaml").write_text(BROKEN, "utf-8")
        eventually(lambda: all(problems(server) == places for _ in range(10)))
        eventually(lambda: len(server.workers()) == WORKERS)
        old = server.workers()
        os.kill(server.master(), signal.SIGHUP)
        eventually(partial(are_replaced, server, old))
        goes_on(asked)
        cut_before_a_kill = asked.cut
        for worker in server.workers():
            os.kill(worker, signal.SIGKILL)
            eventually(partial(are_replaced, server, {worker}))
            goes_on(asked)
        assert problems(server) == places
    assert cut_before_a_kill == 0
    assert (asked.wrong, asked.unanswered) == ([], [])
    assert asked.cut <= CLIENTS * WORKERS
    assert set(asked.by_digest) == {digest for one in known for digest in one.answers}
