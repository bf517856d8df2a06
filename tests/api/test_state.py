"""The folder for state of a real server: full from the start, then replaced by a link; and what ends a first start."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path

import pytest

from tests.api.test_metrics import value
from tests.api.test_reload import alert, are_replaced, break_pack, stricter
from tests.api.test_start import refused
from tests.faults.scenes.machine import Filler, Impossible, tiny_disk
from tests.server import Server, running
from tests.test_state import OWN, make_link
from tests.waiting import eventually


@pytest.fixture(scope="module")
def state(packs: Path) -> Iterator[Path]:
    """A tiny file system of its own, if this user may mount one. It is full."""
    folder = packs.parent / "state"
    with ExitStack() as stack:
        with suppress(Impossible):
            stack.enter_context(tiny_disk(folder, kilobytes=256, inodes=64))
            Filler(folder).fill()
        yield folder


@pytest.fixture(scope="module")
def server(packs: Path, state: Path) -> Iterator[Server]:
    with running(packs, packs.parent / "log", TOCSIN_STATE=str(state)) as started:
        yield started


def warnings(server: Server) -> list[set[str]]:
    """What `/readyz` warns of, asked often enough to meet every worker."""
    replies = [server.get("/readyz") for _ in range(10)]
    assert {reply.status for reply in replies} == {200}
    return [{one["message"] for one in reply.json.get("warnings", [])} for reply in replies]


def kill_one(server: Server) -> None:
    worker = server.workers().pop()
    os.kill(worker, signal.SIGKILL)
    eventually(partial(are_replaced, server, {worker}))


def test_a_full_folder_is_a_warning_and_good_versions_are_kept_once_there_is_room(
    server: Server, packs: Path, state: Path
) -> None:
    if not state.is_mount():
        pytest.skip("this user may not mount a file system that can be full")
    (line,) = server.log_lines("state-not-kept")
    assert "No space left on device" in line["cause"]
    full = [{"state: No space left on device"}] * 10
    eventually(lambda: warnings(server) == full)
    eventually(lambda: len(server.log_lines("keep-failed")) == 2)
    assert {line["cause"] for line in server.log_lines("keep-failed")} == {
        "No space left on device"
    }
    assert value(server.metrics(), "tocsin_keep_failures_total") >= 2
    stricter(packs)
    eventually(lambda: {alert(server) for _ in range(10)} == {"storm"})
    kill_one(server)
    assert {alert(server) for _ in range(10)} == {"storm"}
    eventually(lambda: warnings(server) == full)
    for path in state.glob("filler-*"):
        path.unlink()
    stricter(packs, 30)
    eventually(lambda: {alert(server) for _ in range(10)} == {"gale"})
    eventually(lambda: warnings(server) == [set()] * 10)
    break_pack(packs)
    eventually(lambda: server.get("/readyz").json["problems"] != [])
    kill_one(server)
    assert {alert(server) for _ in range(10)} == {"gale"}


def test_a_link_in_place_of_the_folder_is_not_followed_and_ends_nothing(
    server: Server, packs: Path, state: Path
) -> None:
    victim = packs.parent / "victim"
    victim.mkdir()
    shutil.rmtree(state / OWN, ignore_errors=True)
    make_link(state, victim)
    stricter(packs)
    eventually(lambda: {alert(server) for _ in range(10)} == {"storm"})
    kill_one(server)
    assert {alert(server) for _ in range(10)} == {"storm"}
    eventually(lambda: warnings(server) == [{f"state: '{OWN}' in it is a link or a file"}] * 10)
    assert list(victim.iterdir()) == []


def test_a_foreign_folder_ends_a_first_start_in_one_line(packs: Path, tmp_path: Path) -> None:
    """tests/test_state.py has the other foreign folders."""
    make_link(tmp_path, packs)
    said = refused(packs, TOCSIN_STATE=str(tmp_path))
    assert [line for line in said.splitlines() if line.startswith("tocsin")] == [
        f"tocsin: TOCSIN_STATE is '{tmp_path}', but must be a folder that only this user or root can change: "
        f"'{OWN}' in it is a link or a file"
    ]


def test_a_path_that_can_be_no_folder_ends_a_first_start_in_one_line(packs: Path) -> None:
    said = refused(packs, TOCSIN_STATE="/dev/null/x")
    assert [line for line in said.splitlines() if line.startswith("tocsin")] == [
        "tocsin: TOCSIN_STATE is '/dev/null/x', but must be a folder: Not a directory"
    ]
