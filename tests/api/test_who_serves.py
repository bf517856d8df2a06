"""All workers decide alike which folder serves a pack, also one that starts later, and whatever happens to the folders."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.packs import HARBOUR, copy_of_harbour
from tests.server import Server, running
from tests.waiting import eventually

REQUESTS = 20
"""Enough to meet every worker nearly always. Where a worker may be a little later than the others, tests wait for all."""
BROKEN = "rules: [broken"


@pytest.fixture(scope="module")
def state(packs: Path) -> Path:
    return packs.parent / "state"


@pytest.fixture(scope="module")
def server(packs: Path, state: Path) -> Iterator[Server]:
    with running(packs, packs.parent / "log", TOCSIN_STATE=str(state)) as started:
        yield started


@pytest.fixture(autouse=True)
def restored(packs: Path, server: Server) -> Iterator[None]:
    """Only the harbour pack is there after each test, as it was."""
    yield
    shutil.rmtree(packs)
    packs.mkdir()
    copy_of_harbour(packs)
    eventually(lambda: all(problems(server) == {} for _ in range(REQUESTS)))


def add(packs: Path, folder: str, pack: str, version: str = "0.1.0") -> Path:
    """A harbour pack in this folder, under this name, with this version."""
    made = packs.parent / "made"
    shutil.copytree(HARBOUR, made)
    text = (made / "pack.yaml").read_text("utf-8").replace("pack: harbour", f"pack: {pack}")
    (made / "pack.yaml").write_text(text.replace("version: 0.1.0", f"version: {version}"), "utf-8")
    return made.rename(packs / folder)


def problems(server: Server) -> dict[str, str]:
    reply = server.get("/readyz")
    assert reply.status == 200
    return {one["place"]: one["code"] for one in reply.json["problems"]}


def all_answer(server: Server, pack: str | None, name: str, version: str) -> bool:
    """Whether every worker answers by this version. No request may fail."""
    body = {"facts": {}} if pack is None else {"facts": {}, "pack": pack}
    replies = [server.post(body) for _ in range(REQUESTS)]
    assert {reply.status for reply in replies} == {200}, replies
    found = {(reply.json["pack"]["name"], reply.json["pack"]["version"]) for reply in replies}
    return found == {(name, version)}


def all_report(server: Server, wanted: dict[str, str]) -> bool:
    return all(problems(server) == wanted for _ in range(REQUESTS))


def all_report_a_problem(server: Server) -> bool:
    return all(problems(server) for _ in range(REQUESTS))


def replace_a_worker(server: Server) -> None:
    old = server.workers()
    os.kill(min(old), signal.SIGKILL)
    eventually(lambda: len(server.workers()) == 2 and server.workers() != old)


def test_a_new_folder_whose_name_comes_first_does_not_become_the_default(
    server: Server, packs: Path
) -> None:
    add(packs, "anchor", "anchor", "7.0.0")
    eventually(partial(all_names, server, {"anchor", "harbour"}))
    assert all_answer(server, None, "harbour", "0.1.0")
    replace_a_worker(server)
    assert all_answer(server, None, "harbour", "0.1.0")


def all_names(server: Server, wanted: set[str]) -> bool:
    return all(
        {one["name"] for one in server.get("/v1/packs").json["packs"]} == wanted
        for _ in range(REQUESTS)
    )


def test_the_default_pack_serves_on_while_its_folder_is_gone(server: Server, packs: Path) -> None:
    """Neither another pack nor a copy called backup answers in its place, also in a worker or server that starts then."""
    add(packs, "anchor", "anchor")
    add(packs, "backup", "harbour", "0.0.1")
    copied = {"backup/pack.yaml:1:1": "pack-twice"}
    eventually(partial(all_report, server, copied))
    (packs / "harbour").rename(packs.parent / "away")
    gone = {**copied, "harbour/pack.yaml:1:1": "default-pack-gone"}
    eventually(partial(all_report, server, gone))
    assert all_answer(server, None, "harbour", "0.1.0")
    replace_a_worker(server)
    assert all_answer(server, None, "harbour", "0.1.0")
    assert all_report(server, gone)
    (packs.parent / "away").rename(packs / "harbour")
    eventually(partial(all_report, server, copied))


def test_a_default_pack_that_moves_to_another_folder_is_loaded_from_there(
    server: Server, packs: Path
) -> None:
    (packs / "harbour").rename(packs / "port")
    text = (packs / "port" / "pack.yaml").read_text("utf-8")
    changed = text.replace("version: 0.1.0", "version: 0.9.0")
    (packs / "port" / "pack.yaml").write_text(changed, "utf-8")
    eventually(partial(all_answer, server, None, "harbour", "0.9.0"))
    eventually(partial(all_report, server, {}))


def test_of_two_folders_with_one_pack_the_one_called_like_it_serves_else_the_one_that_served(
    server: Server, packs: Path
) -> None:
    add(packs, "dock", "quay", "1.0.0")
    eventually(partial(all_names, server, {"harbour", "quay"}))
    add(packs, "basin", "quay", "2.0.0")
    eventually(partial(all_report, server, {"basin/pack.yaml:1:1": "pack-twice"}))
    assert all_answer(server, "quay", "quay", "1.0.0")
    replace_a_worker(server)
    assert all_answer(server, "quay", "quay", "1.0.0")
    add(packs, "quay", "quay", "3.0.0")
    twice = {f"{folder}/pack.yaml:1:1": "pack-twice" for folder in ("basin", "dock")}
    eventually(partial(all_report, server, twice))
    eventually(partial(all_answer, server, "quay", "quay", "3.0.0"))


def test_a_worker_that_starts_while_neither_files_nor_state_can_be_read_serves_what_the_others_serve(
    server: Server, packs: Path, state: Path
) -> None:
    """The version and the pack came after the start of the server."""
    add(packs, "quay", "quay", "4.0.0")
    eventually(partial(all_names, server, {"harbour", "quay"}))
    state.rename(packs.parent / "lost")
    state.write_text("in the way", "utf-8")
    for folder in ("harbour", "quay"):
        (packs / folder / "10_alert.yaml").write_text(BROKEN, "utf-8")
    eventually(lambda: all(len(problems(server)) >= 2 for _ in range(REQUESTS)))
    for _ in range(2):
        replace_a_worker(server)
        assert all_answer(server, "quay", "quay", "4.0.0")
        assert all_answer(server, None, "harbour", "0.1.0")
    old = server.workers()
    os.kill(server.master(), signal.SIGHUP)
    eventually(lambda: len(server.workers()) == 2 and not server.workers() & old)
    assert all_answer(server, "quay", "quay", "4.0.0")
    state.unlink()
    (packs.parent / "lost").rename(state)


def test_after_sighup_no_request_waits_until_a_large_changed_pack_is_loaded(tmp_path: Path) -> None:
    rules = [
        f"  - id: many.rule_{number}\n    when: wind.speed > {1000 + number}\n    then: {{alert: storm}}\n"
        "    because: {en: Many, zh: 很多}\n"
        for number in range(3000)
    ]
    (tmp_path / "packs").mkdir()
    pack = copy_of_harbour(tmp_path / "packs")
    with running(pack.parent, tmp_path / "log", TOCSIN_ENGINE="reference") as server:
        (pack / "90_many.yaml").write_text("rules:\n" + "".join(rules), "utf-8")
        eventually(lambda: server.log.read_text("utf-8").count('"event":"reload"') == 2)
        (large,) = digests(server)
        old = server.workers()
        os.kill(server.master(), signal.SIGHUP)
        while server.workers() & old or len(server.workers()) < 2:
            assert digests(server) == {large}
        assert digests(server) == {large}


def digests(server: Server) -> set[str]:
    replies = [server.post({"facts": {}}) for _ in range(REQUESTS)]
    assert {reply.status for reply in replies} == {200}, replies[-1]
    return {reply.json["pack"]["digest"] for reply in replies}


def test_all_workers_serve_the_last_good_version_also_one_that_never_saw_it_on_disk(
    server: Server, packs: Path
) -> None:
    eventually(lambda: len(server.workers()) == 2)
    stopped = min(server.workers())
    os.kill(stopped, signal.SIGSTOP)
    try:
        text = (packs / "harbour" / "pack.yaml").read_text("utf-8")
        changed = text.replace("version: 0.1.0", "version: 5.0.0")
        (packs / "harbour" / "pack.yaml").write_text(changed, "utf-8")
        eventually(partial(all_answer, server, None, "harbour", "5.0.0"))
        (packs / "harbour" / "10_alert.yaml").write_text(BROKEN, "utf-8")
        eventually(partial(all_report_a_problem, server))
    finally:
        os.kill(stopped, signal.SIGCONT)
    eventually(partial(all_report_a_problem, server))
    eventually(partial(all_answer, server, None, "harbour", "5.0.0"))
    replace_a_worker(server)
    assert all_answer(server, None, "harbour", "5.0.0")


def test_a_new_master_that_starts_while_the_default_packs_folder_is_gone_serves_it_too(
    server: Server, packs: Path
) -> None:
    """This test is the last one: it ends with two masters."""
    add(packs, "anchor", "anchor")
    eventually(partial(all_names, server, {"anchor", "harbour"}))
    (packs / "harbour").rename(packs.parent / "away")
    old, master = server.workers(), server.master()
    os.kill(master, signal.SIGUSR2)
    eventually(lambda: len(server.workers()) == 4)
    for worker in old:
        os.kill(worker, signal.SIGSTOP)
    try:
        assert all_answer(server, None, "harbour", "0.1.0")
    finally:
        for worker in old:
            os.kill(worker, signal.SIGCONT)
    shutil.rmtree(packs.parent / "away")
