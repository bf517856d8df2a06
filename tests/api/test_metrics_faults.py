"""The figures of a server whose workers are killed, whose files are broken, and whose temporary disk is full."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from tests.api.test_metrics import STORM, value
from tests.faults.scenes.machine import Filler, Impossible, tiny_disk
from tests.packs import copy_of_harbour
from tests.server import WRITTEN, Server, running
from tests.waiting import eventually

ANSWERED = 'tocsin_requests_total{resource="assessments.assess",status="200"}'
UNREADABLE = "tocsin_metrics_unreadable_files_total"
KILLS = 3
SECONDS_OF_TWO_WRITES = 0.6


@pytest.fixture(scope="module")
def temporary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The server's temporary folder: a tiny file system of its own, if this user may mount one."""
    folder = tmp_path_factory.mktemp("temporary")
    with ExitStack() as stack:
        with suppress(Impossible):
            stack.enter_context(tiny_disk(folder, kilobytes=256, inodes=64))
        yield folder


@pytest.fixture(scope="module")
def server(temporary: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    (folder / "packs").mkdir()
    copy_of_harbour(folder / "packs")
    settings = {"TMPDIR": str(temporary), "TOCSIN_STATE": str(folder / "state")}
    with running(folder / "packs", folder / "log", **settings) as started:
        yield started
    assert list(temporary.glob("*tocsin-metrics-*")) == []


def post(server: Server, count: int) -> None:
    for _ in range(count):
        assert server.post(STORM).status == 200


def answered(server: Server) -> float:
    return value(server.metrics(), ANSWERED)


def kill_one(server: Server) -> None:
    old = server.workers()
    os.kill(max(old), signal.SIGKILL)
    eventually(lambda: len(server.workers() - old) == 1 and len(server.workers()) == 2)


def test_what_killed_workers_counted_stays_in_the_sum(server: Server, temporary: Path) -> None:
    before = answered(server)
    for kills in range(1, KILLS + 1):
        post(server, 10)
        assert answered(server) == before + 10 * kills
        kill_one(server)
        assert answered(server) == before + 10 * kills
    (folder,) = temporary.glob("tocsin-metrics-*")
    assert len(list(folder.glob("worker-*.json"))) == 2


def test_broken_files_are_left_out_and_counted(server: Server, temporary: Path) -> None:
    post(server, 5)
    kill_one(server)
    before = answered(server)
    (folder,) = temporary.glob("tocsin-metrics-*")
    broken = [folder / "worker-9001.json", folder / "worker-9002.json", folder / "ended.json"]
    broken[0].touch()
    broken[1].write_bytes(b"\0" * 4096)
    broken[2].write_bytes(b"{")
    eventually(lambda: value(server.metrics(), UNREADABLE) >= 2)
    eventually(lambda: answered(server) == before)  # the master writes its file again
    for path in broken[:2]:
        path.unlink()


def test_the_folder_with_the_figures_is_made_again_if_it_is_deleted(
    server: Server, temporary: Path
) -> None:
    post(server, 10)
    kill_one(server)
    before = answered(server)
    (folder,) = temporary.glob("tocsin-metrics-*")
    folder.rename(temporary / "deleted")
    shutil.rmtree(temporary / "deleted")
    for _ in range(10):
        assert server.get("/metrics").status == 200
    post(server, 10)
    eventually(lambda: answered(server) == before + 10)
    kill_one(server)
    assert answered(server) == before + 10


def fill_until_figures_stand_still(server: Server, filler: Filler) -> dict[int, float]:
    """When each worker last wrote figures. A write that is under way while the disk is filled frees room when it ends."""
    seen = [written(server)]

    def stand_still() -> bool:
        was_free = filler.fill()
        time.sleep(SECONDS_OF_TWO_WRITES)
        seen.append(written(server))
        return not was_free and seen[-1] == seen[-2]

    eventually(stand_still)
    return seen[-1]


def test_a_full_temporary_disk_costs_figures_and_nothing_else(
    server: Server, temporary: Path
) -> None:
    if not temporary.is_mount():
        pytest.skip("this user may not mount a file system that can be full")
    post(server, 10)
    before = answered(server)
    filler = Filler(temporary)
    last = fill_until_figures_stand_still(server, filler)
    post(server, 50)
    kill_one(server)
    post(server, 50)
    (survivor,) = server.workers() & set(last)
    assert written(server)[survivor] == last[survivor]
    filler.remove()
    assert before + 50 <= answered(server) <= before + 100
    post(server, 10)
    assert answered(server) >= before + 60


def written(server: Server) -> dict[int, float]:
    reply = server.get("/metrics")
    assert reply.status == 200
    return {int(process): float(at) for process, at in WRITTEN.findall(reply.body.decode())}
