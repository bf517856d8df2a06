"""Many threads and two workers, preloaded or not, give the same answers as a single thread."""

from __future__ import annotations

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from service.serving.packs import Packs
from tests.load import Known, answer_to, asking, known_answers, packs_of, two_packs
from tests.packs import copy_of_harbour
from tests.server import Server, running
from tests.waiting import eventually

SEED = 20261
INCIDENTS = 150
ANSWERS = 600
CLIENTS = 16
SECONDS_OF_A_FORK = 120
THREADED = {"TOCSIN_WORKERS": "2", "TOCSIN_THREADS": "8"}
PRELOADED = {"GUNICORN_CMD_ARGS": "--preload"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return two_packs(tmp_path_factory.mktemp("packs"))


@pytest.fixture(scope="module")
def packs(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Packs:
    return packs_of(folder, tmp_path_factory.mktemp("state"))


@pytest.fixture(scope="module")
def known(packs: Packs) -> list[Known]:
    return known_answers([packs], SEED, INCIDENTS)


def grades(known: list[Known]) -> set[str]:
    answers = [answer for one in known for answer in one.answers.values()]
    return {
        answer[name]["code"] for answer in answers for name in ("grade", "alert") if name in answer
    }


def test_the_known_answers_differ(known: list[Known]) -> None:
    assert grades(known) == {"red", "orange", "yellow", "blue", "storm", "gale", "calm"}


@pytest.mark.parametrize("how", [{}, PRELOADED], ids=["forked", "preloaded"])
def test_under_load_every_answer_is_right(
    folder: Path, known: list[Known], tmp_path: Path, how: dict[str, str]
) -> None:
    with running(folder, tmp_path / "log", **THREADED, **how) as server:
        with asking(server, known, CLIENTS, SEED) as asked:
            eventually(lambda: asked.right >= ANSWERS or bool(asked.wrong), 120)
        assert (asked.wrong, asked.unanswered, asked.cut) == ([], [], 0)
        assert len(server.workers()) == 2


def count_wrong(packs: Packs, known: list[Known], threads: int) -> int:
    def wrong(one: Known) -> bool:
        return dict([answer_to(packs, one.body)]) != one.answers

    with ThreadPoolExecutor(threads) as pool:
        return sum(pool.map(wrong, known))


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_process_that_is_judging_and_its_forks_judge_correctly(
    packs: Packs, known: list[Known]
) -> None:
    with ThreadPoolExecutor(1) as parent:
        deciding = parent.submit(count_wrong, packs, known * 3, 4)
        children = []
        for _ in range(4):
            child = os.fork()
            if child == 0:
                signal.alarm(SECONDS_OF_A_FORK)
                os._exit(min(count_wrong(packs, known, 4), 1))
            children.append(child)
        ended = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
        assert (ended, deciding.result()) == ([0, 0, 0, 0], 0)


def test_preloaded_workers_load_changes_and_no_longer_serve_the_old_version(tmp_path: Path) -> None:
    """A thread does not survive a fork, so each worker must watch the files itself."""
    (tmp_path / "packs").mkdir()
    pack = copy_of_harbour(tmp_path / "packs")
    with running(tmp_path / "packs", tmp_path / "log", **PRELOADED) as server:
        before = server.get("/v1/packs").json["packs"][0]["digest"]
        rules = (pack / "10_alert.yaml").read_text("utf-8")
        (pack / "10_alert.yaml").write_text(rules.replace(">= 25", ">= 26"), "utf-8")

        def serving() -> set[str]:
            return {server.get("/v1/packs").json["packs"][0]["digest"] for _ in range(20)}

        eventually(lambda: before not in serving())
        eventually(lambda: f'digest="{before}",pack="harbour"}} 1.0' not in metrics(server))


def metrics(server: Server) -> str:
    return server.get("/metrics").body.decode()
