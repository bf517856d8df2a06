"""A server that can write neither temporary files nor state, as in a container with a read-only root."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator

import pytest

from tests.packs import copy_of_harbour
from tests.server import Server, running
from tests.waiting import eventually

READ_ONLY = """
set -e
here=$PWD
for folder in /tmp /var/tmp /usr/tmp /dev/shm "$here"; do
  test -d "$folder" || continue
  mount --bind "$folder" "$folder"
  mount -o remount,ro,bind "$folder"
done
cd "$here"
exec "$@"
"""
"""Makes every folder read-only in which Python looks for a temporary folder, for the command that follows and no other."""

WITHOUT_MAKE = "service:create_app(None)"
"""The same application. make could find its environment out of date, and cannot write there."""
STORM = {"facts": {"wind": {"speed": 30}}}
LINE = json.dumps(STORM).encode() + b"\n"
NDJSON = {"Content-Type": "application/x-ndjson"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    own = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"])]
    folder = tmp_path_factory.mktemp("read-only")
    for name in ("packs", "state"):
        (folder / name).mkdir()
    copy_of_harbour(folder / "packs")
    settings = {"TOCSIN_STATE": str(folder / "state"), "TMPDIR": "/nowhere"}
    by = [*own, "sh", "-c", READ_ONLY, "read-only"]
    if subprocess.run(
        [*by, "true"], env={**os.environ, **settings}, capture_output=True
    ).returncode:
        pytest.skip("this system lets this user mount nothing, so no folder can be made read-only")
    with running(
        folder / "packs", folder / "log", WITHOUT_MAKE, started_by=by, **settings
    ) as started:
        yield started


def test_it_answers_and_a_killed_worker_is_replaced(server: Server) -> None:
    assert server.post(STORM).status == 200
    assert server.get("/readyz").status == 200
    old = server.workers()
    os.kill(min(old), signal.SIGKILL)
    eventually(lambda: len(server.workers() - old) == 1)
    assert server.post(STORM).json["alert"]["code"] == "storm"


def test_it_says_what_it_cannot_write_and_each_worker_shows_its_own_figures(server: Server) -> None:
    (figures,) = server.log_lines("metrics-not-shared")
    assert "temporary" in figures["cause"]
    (state,) = server.log_lines("state-not-kept")
    assert "Read-only" in state["cause"]
    assert server.get("/metrics").status == 200


def test_bodies_that_fit_into_memory_are_answered_and_longer_ones_may_be_sent_later(
    server: Server,
) -> None:
    fits, too_long = (LINE * (size // len(LINE)) for size in (10**6 // 5, 2 * 2**20))
    reply = server.request("POST", "/v1/assessments/batch", fits, NDJSON)
    assert (reply.status, reply.body.count(b"\n")) == (200, fits.count(b"\n"))
    reply = server.request("POST", "/v1/assessments/batch", too_long, NDJSON)
    assert (reply.status, reply.json["code"]) == (503, "busy")
    assert reply.headers["retry-after"] == "1"
