"""Nothing ends a running server: workers that cannot be forked or cannot start, and looks at the packs that fail or hang."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from service.api.application import make_app
from service.config import Config
from tests.failing_server import ORDERS
from tests.packs import copy_of_harbour
from tests.server import Server, running
from tests.waiting import eventually

BODY: dict[str, Any] = {"facts": {}}
LOOKED = re.compile(
    r'^tocsin_packs_last_look_timestamp_seconds{process="(\d+)"} (\S+)$', re.MULTILINE
)
SECONDS_WITHOUT_A_WORKER = 0.6
LOCKED = """
import fcntl, sys
fcntl.lockf(int(sys.argv[1]), fcntl.LOCK_EX)
print("locked", flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("failing")
    (made / "packs").mkdir()
    copy_of_harbour(made / "packs")
    (made / "orders").touch()
    return made


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Server]:
    settings = {ORDERS: str(folder / "orders"), "TOCSIN_STATE": str(folder / "state")}
    application = "tests.failing_server:create_app()"
    with running(folder / "packs", folder / "log", application, **settings) as started:
        yield started


@contextmanager
def ordered(folder: Path, order: str) -> Iterator[None]:
    (folder / "orders").write_text(order, "utf-8")
    try:
        yield
    finally:
        (folder / "orders").write_text("", "utf-8")


def change(folder: Path, version: str) -> None:
    path = folder / "packs" / "harbour" / "pack.yaml"
    text = re.sub("version: .*", f"version: {version}", path.read_text("utf-8"))
    path.write_text(text, "utf-8")


def versions(server: Server) -> set[str]:
    return {server.post(BODY).json["pack"]["version"] for _ in range(20)}


def codes(server: Server) -> set[str]:
    """The problems that some worker reports. The packs serve in each case."""
    replies = [server.get("/readyz") for _ in range(20)]
    assert {reply.status for reply in replies} == {200}
    return {problem["code"] for reply in replies for problem in reply.json["problems"]}


@pytest.mark.parametrize("order", ["no fork", "no start"])
def test_workers_that_cannot_start_do_not_end_the_server_and_start_later(
    server: Server, folder: Path, order: str
) -> None:
    old = server.workers()
    with ordered(folder, order):
        os.kill(min(old), signal.SIGKILL)
        ends = time.monotonic() + SECONDS_WITHOUT_A_WORKER
        while time.monotonic() < ends:
            assert server.post(BODY).status == 200
            time.sleep(0.02)
        assert server.process.poll() is None
    eventually(lambda: len(server.workers()) == 2 and server.workers() != old)
    assert len(server.log_lines("hook-failed")) == 0


def test_a_look_that_fails_ends_no_watching(server: Server, folder: Path) -> None:
    """The packs serve on meanwhile; a change is loaded once looks succeed again."""
    with ordered(folder, "looks fail"):
        change(folder, "0.2.0")
        eventually(lambda: codes(server) == {"not-watched"})
        assert versions(server) == {"0.1.0"}
        assert server.log_lines("reload-failed")
    eventually(lambda: versions(server) == {"0.2.0"} and codes(server) == set())


def test_a_look_that_hangs_is_late_and_the_packs_serve_on(server: Server, folder: Path) -> None:
    with ordered(folder, "looks hang"):
        eventually(lambda: codes(server) == {"not-watched"})
        assert versions(server) == {"0.2.0"}
    eventually(lambda: codes(server) == set())


def test_the_metric_has_the_time_of_each_workers_last_look(server: Server) -> None:
    before = time.time()
    eventually(lambda: all(at > before for at in looked(server).values()))
    assert set(looked(server)) == server.workers()


def looked(server: Server) -> dict[int, float]:
    return {int(process): float(at) for process, at in LOOKED.findall(server.metrics())}


def test_a_worker_that_still_loads_what_the_others_serve_answers_503(tmp_path: Path) -> None:
    copy_of_harbour(tmp_path)
    app = make_app(Config(packs=tmp_path, state=tmp_path / "state"))
    watcher = app.extensions["tocsin"].watcher
    watcher.share()
    with memory_locked(watcher._shared.memory.descriptor):
        client = app.test_client()
        reply = client.post("/v1/assessments", json=BODY)
        assert (reply.status_code, reply.get_json()["code"]) == (503, "pack-unavailable")
        assert status_of(app, "/v1/packs") == 503
        assert status_of(app, "/readyz") == 503
        assert client.get("/readyz").get_json()["packs"] == []
        assert status_of(app, "/healthz") == 200
    eventually(lambda: status_of(app, "/readyz") == 200)
    assert client.post("/v1/assessments", json=BODY).status_code == 200


def status_of(app: Flask, path: str) -> int:
    return app.test_client().get(path).status_code


@contextmanager
def memory_locked(memory: int) -> Iterator[None]:
    """Another process has the lock of the memory that workers share."""
    command = [sys.executable, "-c", LOCKED, str(memory)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=[memory]
    ) as other:
        assert other.stdout
        assert other.stdout.readline() == b"locked\n"
        yield
        assert other.stdin
        other.stdin.close()
