"""The examples work unchanged with the real server, and they are short."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

from service.authoring.cases import run_cases
from service.authoring.check import check_pack
from tests.server import ROOT, Server, running

EXAMPLES = ROOT / "examples"
PACK = EXAMPLES / "packs" / "cold_store"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    log = tmp_path_factory.mktemp("examples") / "log"
    with running(EXAMPLES / "packs", log, TOCSIN_WORKERS="1") as started:
        yield started


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """The client needs nothing installed: its one file is found in `client`."""
    found = {**os.environ, "PYTHONPATH": str(ROOT / "client")}
    return subprocess.run(command, cwd=ROOT, env=found, capture_output=True, text=True, timeout=60)


def url(server: Server) -> str:
    return f"http://127.0.0.1:{server.port}"


def test_the_pack_has_no_problem_and_its_case_passes() -> None:
    pack, problems = check_pack(PACK)
    assert problems == []
    assert pack is not None
    assert [list(result.problems) for result in run_cases(pack)] == [[]]


def test_the_script_gets_an_answer_that_is_open_while_the_temperature_is_unknown(
    server: Server,
) -> None:
    done = run("examples/ask.sh", url(server))
    assert (done.returncode, done.stderr) == (0, "")
    answer = json.loads(done.stdout)
    assert (answer["alarm"]["code"], answer["at_worst"]["alarm"]["code"]) == ("none", "high")
    assert [action["code"] for action in answer["actions"]] == ["CLOSE_DOOR"]


def test_the_client_prints_the_alarm_and_the_unknown_facts(server: Server) -> None:
    done = run(sys.executable, "examples/client.py", "9.5", url(server))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "high\nnot known: Is the door open?\n"


def test_the_client_prints_the_problem_of_a_refused_request(server: Server) -> None:
    done = run(sys.executable, "examples/client.py", "nan", url(server))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "invalid-json: NaN is not JSON\n"


def test_the_client_says_that_no_server_runs() -> None:
    done = run(sys.executable, "examples/client.py", "9.5", "http://127.0.0.1:1")
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(
        r"http://127.0.0.1:1: no answer after [0-9]+ tries: .*refused\n", done.stderr
    )


def test_the_client_and_the_pack_have_at_most_20_lines() -> None:
    client = (EXAMPLES / "client.py").read_text("utf-8").splitlines()
    pack = [line for path in PACK.glob("*.yaml") for line in path.read_text("utf-8").splitlines()]
    assert len(client) <= 20
    assert len(pack) <= 20
