"""Packs are swapped while they serve. A good version answers every request, also if files are broken or workers are killed."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from tests.load import asking, known_answers, packs_of, two_packs
from tests.packs import HARBOUR, copy_of_harbour
from tests.server import Server, running
from tests.waiting import eventually

WINDY = {"facts": {"wind": {"speed": 20, "gusts": 0}}}
SECONDS_TO_RELOAD = 1.0
WORKERS = 2
SEED = 20264
CHANGES = (
    ("pack.yaml", "version: 0.1.0", "version: 0.2.0"),
    ("facts.yaml", "en: Wind speed", "en: Speed of the wind"),
    ("actions.yaml", "en: Close the gate", "en: Shut the gate"),
    ("10_alert.yaml", "wind.speed >= 25", "wind.speed >= 18"),
)
BROKEN = "rules:\n  - id: alert.typo\n    when: wind.sped > 1\n    then: {alert: storm}\n    because: {en: x, zh: x}\n"


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    (tmp_path / "packs").mkdir()
    copy_of_harbour(tmp_path / "packs")
    return tmp_path / "packs"


@pytest.fixture
def server(packs: Path, tmp_path: Path) -> Iterator[Server]:
    with running(packs, tmp_path / "log", TOCSIN_STATE=str(tmp_path / "state")) as started:
        yield started


def stricter(packs: Path, speed: int = 18) -> None:
    """Changes the rules so that less wind is a storm."""
    rules = (HARBOUR / "10_alert.yaml").read_text("utf-8")
    changed = rules.replace("wind.speed >= 25", f"wind.speed >= {speed}")
    (packs / "harbour" / "10_alert.yaml").write_text(changed, "utf-8")


def break_pack(packs: Path) -> None:
    (packs / "harbour" / "10_alert.yaml").write_text(BROKEN, "utf-8")


def alert(server: Server) -> str:
    return str(server.post(WINDY).json["alert"]["code"])


def digests(server: Server, requests: int = 40) -> set[str]:
    """The digests of the packs that answer. It sends enough requests to reach every worker."""
    return {server.post(WINDY).json["pack"]["digest"] for _ in range(requests)}


def are_replaced(server: Server, gone: set[int]) -> bool:
    return len(server.workers()) == WORKERS and not server.workers() & gone


@contextmanager
def under_load(server: Server) -> Iterator[list[str]]:
    """Sends requests without a pause. Yields the list of what went wrong with them."""
    failures: list[str] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            try:
                reply = server.post(WINDY)
                if reply.status != 200:
                    failures.append(f"{reply.status} {reply.body[:200]!r}")
            except OSError as error:
                failures.append(repr(error))

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        yield failures
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def test_every_worker_loads_a_good_change_and_no_request_fails(server: Server, packs: Path) -> None:
    (before,) = digests(server)
    with under_load(server) as failures:
        stricter(packs)
        eventually(lambda: before not in digests(server, 20))
    assert failures == []
    assert alert(server) == "storm"
    assert len(digests(server)) == 1


def test_under_load_each_answer_is_entirely_of_the_old_or_the_new_version(tmp_path: Path) -> None:
    """The change is in every kind of file. An answer that mixes both versions would differ from either."""
    (tmp_path / "packs").mkdir()
    folder, new = two_packs(tmp_path / "packs"), tmp_path / "new"
    shutil.copytree(folder, new)
    for name, old_text, new_text in CHANGES:
        text = (new / "harbour" / name).read_text("utf-8")
        assert old_text in text
        (new / "harbour" / name).write_text(text.replace(old_text, new_text), "utf-8")
    versions = [packs_of(folder, tmp_path / "old state"), packs_of(new, tmp_path / "new state")]
    known = known_answers(versions, SEED, 100)
    wanted = versions[1].served["harbour"].pack.digest
    with (
        running(folder, tmp_path / "log", TOCSIN_STATE=str(tmp_path / "state")) as server,
        asking(server, known, 6, SEED, keep_alive=False) as asked,
    ):
        eventually(lambda: asked.right > 100, 60)
        for name, _, _ in CHANGES:
            shutil.copyfile(new / "harbour" / name, folder / "harbour" / name)
        eventually(lambda: asked.by_digest.get(wanted, 0) > 100, 60)
    assert (asked.wrong, asked.unanswered, asked.cut) == ([], [], 0)
    assert set(asked.by_digest) == {digest for one in known for digest in one.answers}


def test_after_a_broken_change_the_old_version_serves_and_the_problem_is_reported(
    server: Server, packs: Path
) -> None:
    (before,) = digests(server)
    with under_load(server) as failures:
        break_pack(packs)
        eventually(lambda: server.get("/readyz").json["problems"] != [])
        time.sleep(SECONDS_TO_RELOAD)
    assert failures == []
    assert digests(server) == {before}
    ready = server.get("/readyz")
    assert ready.status == 200
    assert ready.json["problems"][0]["place"] == "harbour/10_alert.yaml:3:11"
    stricter(packs)
    eventually(lambda: server.get("/readyz").json["problems"] == [] and alert(server) == "storm")


def test_workers_that_are_killed_while_the_files_are_broken_restart_with_the_old_version(
    server: Server, packs: Path
) -> None:
    (before,) = digests(server)
    break_pack(packs)
    for worker in server.workers():
        os.kill(worker, signal.SIGKILL)
        eventually(partial(are_replaced, server, {worker}), 10)
    time.sleep(1)
    assert digests(server) == {before}
    assert server.get("/readyz").status == 200


def test_sighup_while_the_files_are_broken_changes_nothing(server: Server, packs: Path) -> None:
    (before,) = digests(server)
    break_pack(packs)
    old = server.workers()
    os.kill(server.master(), signal.SIGHUP)
    eventually(partial(are_replaced, server, old), 15)
    assert digests(server) == {before}
    assert server.get("/readyz").status == 200


def test_a_server_that_starts_while_the_files_are_broken_loads_the_newest_good_version(
    packs: Path, tmp_path: Path
) -> None:
    state = str(tmp_path / "state")
    with running(packs, tmp_path / "log", TOCSIN_STATE=state) as server:
        stricter(packs)
        eventually(lambda: alert(server) == "storm")
    break_pack(packs)
    with running(packs, tmp_path / "log", TOCSIN_STATE=state) as server:
        assert alert(server) == "storm"
        assert server.get("/readyz").json["problems"]


def test_files_copied_one_by_one_are_loaded_only_when_all_are_there(
    server: Server, packs: Path, tmp_path: Path
) -> None:
    (before,) = digests(server)
    new = copy_of_harbour(tmp_path / "new")
    for name in ("pack.yaml", "facts.yaml", "10_alert.yaml", "20_guards.yaml"):
        text = (new / name).read_text("utf-8").replace("ships.inside", "ships.moored")
        (new / name).write_text(text, "utf-8")
    for name in ("facts.yaml", "pack.yaml", "20_guards.yaml", "10_alert.yaml"):
        shutil.copyfile(new / name, packs / "harbour" / name)
        if name != "10_alert.yaml":
            time.sleep(0.6)
            assert digests(server) == {before}
    eventually(lambda: before not in digests(server, 20))


RENAMED = (("gale", "strong"), ("SOUND_HORN", "BLOW_HORN"))


def test_a_reload_never_refuses_a_running_incident(server: Server, packs: Path) -> None:
    """The new version has neither the value nor the action of the previous answer. Both versions answer for a moment."""
    first = server.post(WINDY).json
    for path in (packs / "harbour").rglob("*.yaml"):
        text = path.read_text("utf-8")
        for old, new in RENAMED:
            text = text.replace(old, new)
        path.write_text(text, "utf-8")
    last, statuses = first, set()

    def goes_on() -> bool:
        nonlocal last
        reply = server.post({**WINDY, "previous": last})
        statuses.add(reply.status)
        last = reply.json
        return first["pack"]["digest"] not in digests(server, 10)

    eventually(goes_on)
    assert statuses == {200}
    reply = server.post({**WINDY, "previous": first}).json
    assert [(one["path"], one["reason"], one["got"]) for one in reply["previous_ignored"]] == [
        ("previous.outputs.alert", "unknown-value", "gale"),
        ("previous.actions[0]", "unknown-action", "SOUND_HORN"),
    ]
    assert server.post({**WINDY, "previous": reply}).json["previous_ignored"] == []


def test_packs_are_added_and_removed(server: Server, packs: Path) -> None:
    other = packs / "quay"
    shutil.copytree(packs / "harbour", other)
    about = (other / "pack.yaml").read_text("utf-8").replace("pack: harbour", "pack: quay")
    (other / "pack.yaml").write_text(about, "utf-8")

    def names() -> set[str]:
        return {pack["name"] for pack in server.get("/v1/packs").json["packs"]}

    eventually(lambda: all(names() == {"harbour", "quay"} for _ in range(10)))
    shutil.rmtree(other)
    eventually(lambda: all(names() == {"harbour"} for _ in range(10)))


def test_the_server_continues_after_its_folder_of_packs_is_removed(
    server: Server, packs: Path
) -> None:
    shutil.rmtree(packs)
    time.sleep(SECONDS_TO_RELOAD)
    assert alert(server) == "gale"
    worker = server.workers().pop()
    os.kill(worker, signal.SIGKILL)
    eventually(partial(are_replaced, server, {worker}))
    assert {alert(server) for _ in range(40)} == {"gale"}
