"""The packs with which a server starts, what it does about broken packs, and its message if it cannot start."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.packs import copy_of_harbour
from tests.server import ROOT, command, running

BROKEN_RULES = """rules:
  - id: alert.typo
    when: wind.sped >= 25
    then: {alert: storm}
    because: {en: wind, zh: 风}
"""


def two_packs(folder: Path) -> Path:
    """A good pack, and a copy of it with another name and a typing mistake."""
    packs = folder / "packs"
    packs.mkdir()
    copy_of_harbour(packs)
    broken = packs / "quay"
    shutil.copytree(packs / "harbour", broken)
    about = (broken / "pack.yaml").read_text("utf-8").replace("pack: harbour", "pack: quay")
    (broken / "pack.yaml").write_text(about, "utf-8")
    (broken / "10_alert.yaml").write_text(BROKEN_RULES, "utf-8")
    return packs


def refused(folder: Path, **settings: str) -> str:
    """The standard error of a server that must not start."""
    environment = {
        **os.environ,
        "TOCSIN_PACKS": str(folder),
        "TOCSIN_BIND": "127.0.0.1:0",
        "TOCSIN_STATE": str(ROOT / "build" / "state"),
        **settings,
    }
    done = subprocess.run(command(), cwd=ROOT, env=environment, capture_output=True, timeout=60)
    assert done.returncode != 0
    said = done.stderr.decode()
    assert "Traceback" not in said
    return said


def test_a_broken_pack_does_not_stop_a_good_one(tmp_path: Path) -> None:
    with running(two_packs(tmp_path), tmp_path / "log") as server:
        assert server.post({"facts": {"wind": {"speed": 30}}}).json["alert"]["code"] == "storm"
        reply = server.post({"facts": {}, "pack": "quay"})
        assert (reply.status, reply.json["code"]) == (503, "pack-unavailable")
        assert server.get("/v1/packs/quay").status == 503
        ready = server.get("/readyz")
        assert ready.status == 200
        (problem,) = ready.json["problems"]
        assert problem["place"] == "quay/10_alert.yaml:3:11"
        assert problem["code"] == "unknown-fact"
        assert "wind.speed" in problem["hint"]


def test_a_broken_default_pack_is_not_ready(tmp_path: Path) -> None:
    with running(two_packs(tmp_path), tmp_path / "log", TOCSIN_PACK="quay") as server:
        assert server.get("/readyz").status == 503
        assert server.post({"facts": {}}).status == 503
        assert server.post({"facts": {}, "pack": "harbour"}).status == 200


def test_the_default_pack_can_be_named(tmp_path: Path) -> None:
    packs = tmp_path / "packs"
    shutil.copytree(ROOT / "rules", packs)
    copy_of_harbour(packs)
    with running(packs, tmp_path / "log", TOCSIN_PACK="pr_crisis") as server:
        assert server.post({"facts": {}}).json["pack"]["name"] == "pr_crisis"
        assert server.post({"facts": {}, "pack": "harbour"}).json["pack"]["name"] == "harbour"


def test_without_a_good_pack_the_server_prints_the_problems_and_does_not_start(
    tmp_path: Path,
) -> None:
    packs = two_packs(tmp_path)
    shutil.rmtree(packs / "harbour")
    said = refused(packs)
    assert "10_alert.yaml:3:11: unknown-fact: 'wind.sped' is not a fact of this pack" in said
    assert "      |           ^^^^^^^^^" in said
    assert "every pack in" in said


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"TOCSIN_ENGINE": "rete"}, "TOCSIN_ENGINE is 'rete', but must be one of: both, reference"),
        ({"TOCSIN_LOG_LEVEL": "loud"}, "TOCSIN_LOG_LEVEL is 'loud'"),
        ({"TOCSIN_WORKERS": "many"}, "TOCSIN_WORKERS is 'many'"),
        (
            {"TOCSIN_HEAD_SECONDS": "0"},
            "TOCSIN_HEAD_SECONDS is '0', but must be a whole number from 1 to 3600",
        ),
        ({"TOCSIN_PACK": "nope"}, "there is no pack 'nope'"),
        ({"TOCSIN_PACKS": "/nowhere/at/all"}, "does not exist"),
    ],
)
def test_a_wrong_setting_is_reported_in_one_line(settings: dict[str, str], words: str) -> None:
    said = refused(ROOT / "rules", **settings)
    assert any(line.startswith("tocsin: ") and words in line for line in said.splitlines()), said


def test_an_empty_folder_is_reported(tmp_path: Path) -> None:
    assert "there is no pack in" in refused(tmp_path)


def test_it_serves_with_the_reference_alone(tmp_path: Path) -> None:
    packs = tmp_path / "packs"
    packs.mkdir()
    copy_of_harbour(packs)
    with running(packs, tmp_path / "log", TOCSIN_ENGINE="reference") as server:
        assert server.post({"facts": {"wind": {"speed": 30}}}).json["alert"]["code"] == "storm"
        assert server.get("/readyz").json["cross_check"] == 0


def test_a_stopped_server_ends_without_a_traceback(tmp_path: Path) -> None:
    with running(ROOT / "rules", tmp_path / "log") as server:
        assert server.get("/healthz").status == 200
        server.process.terminate()
    assert "Traceback" not in server.log.read_text("utf-8")
