"""Whatever lies in a pack's folder, the pack's last good version serves, other packs don't notice, and no version is mixed."""

from __future__ import annotations

import os
import shutil
import time
from functools import partial
from pathlib import Path

from tests.load import asking, known_answers, packs_of
from tests.packs import HARBOUR, copy_of_harbour
from tests.server import Server, running
from tests.waiting import eventually

WINDY = {"facts": {"wind": {"speed": 20, "gusts": 0}}}
SEED = 20266
SECONDS_OF_SWAPS, SECONDS_TO_LOAD = 3.0, 10.0


def quay(packs: Path) -> Path:
    """A copy of the harbour pack beside it, called otherwise."""
    copy = packs / "quay"
    shutil.copytree(packs / "harbour", copy)
    about = (copy / "pack.yaml").read_text("utf-8").replace("pack: harbour", "pack: quay")
    (copy / "pack.yaml").write_text(about, "utf-8")
    return copy


def problems(server: Server) -> dict[str, str]:
    """The code of each problem by its place."""
    return {one["place"]: one["code"] for one in server.get("/readyz").json["problems"]}


def answers(server: Server, pack: str) -> bool:
    replies = [server.post({**WINDY, "pack": pack}) for _ in range(10)]
    return all(reply.status == 200 for reply in replies)


def test_unreadable_files_are_problems_of_their_pack_alone_until_they_are_mended(
    tmp_path: Path,
) -> None:
    packs = tmp_path / "packs"
    packs.mkdir()
    copy_of_harbour(packs)
    broken = quay(packs)
    with running(packs, tmp_path / "log", TOCSIN_STATE=str(tmp_path / "state")) as server:
        before = {one["name"]: one["digest"] for one in server.get("/readyz").json["packs"]}
        for name in ("facts.yaml", "actions.yaml", "10_alert.yaml", "20_guards.yaml"):
            (broken / name).unlink()
        (broken / "facts.yaml").mkdir()
        os.mkfifo(broken / "actions.yaml")
        (broken / "10_alert.yaml").symlink_to("/dev/zero")
        (broken / "20_guards.yaml").symlink_to("/etc/passwd")
        (broken / os.fsdecode(b"\xff.yaml")).touch()
        with (broken / "90_large.yaml").open("wb") as large:
            large.truncate(2**31)
        wanted = {
            "quay/10_alert.yaml:1:1": "unreadable-file",
            "quay/20_guards.yaml:1:1": "unreadable-file",
            "quay/90_large.yaml:1:1": "file-too-large",
            r"quay/\xff.yaml:1:1": "unreadable-file",
            "quay/actions.yaml:1:1": "unreadable-file",
            "quay/facts.yaml:1:1": "unreadable-file",
        }
        eventually(lambda: all(problems(server) == wanted for _ in range(10)))
        assert answers(server, "quay")
        assert answers(server, "harbour")
        assert "root:" not in server.get("/readyz").body.decode()
        shutil.rmtree(broken)
        quay(packs)
        eventually(lambda: all(problems(server) == {} for _ in range(10)))
        after = {one["name"]: one["digest"] for one in server.get("/readyz").json["packs"]}
        assert after == before


def swap(link: Path, target: Path) -> None:
    new = link.with_name("new")
    new.symlink_to(target)
    new.replace(link)


def test_while_the_link_to_the_packs_is_swapped_each_answer_is_of_one_version(
    tmp_path: Path,
) -> None:
    """From A to B and back again and again, so that the digests of the files agree before and after many readings."""
    versions = [tmp_path / "A", tmp_path / "B"]
    for folder in versions:
        shutil.copytree(HARBOUR, folder / "harbour", ignore=shutil.ignore_patterns("cases"))
    for name, old_text, new_text in (
        ("facts.yaml", "en: Wind speed", "en: Speed of the wind"),
        ("10_alert.yaml", "wind.speed >= 25", "wind.speed >= 18"),
        ("actions.yaml", "en: Close the gate", "en: Shut the gate"),
    ):
        path = versions[1] / "harbour" / name
        text = path.read_text("utf-8")
        assert old_text in text
        path.write_text(text.replace(old_text, new_text), "utf-8")
    loaded = [packs_of(folder, tmp_path / "expected") for folder in versions]
    first, second = (packs.served["harbour"].pack.digest for packs in loaded)
    known = known_answers(loaded, SEED, 50)
    link = tmp_path / "packs"
    link.symlink_to(versions[0])
    with (
        running(link, tmp_path / "log", TOCSIN_STATE=str(tmp_path / "state")) as server,
        asking(server, known, 4, SEED, keep_alive=False) as asked,
    ):
        ends = time.monotonic() + SECONDS_OF_SWAPS
        while time.monotonic() < ends:
            for folder in reversed(versions):
                swap(link, folder)
                time.sleep(0.1)
        for folder, digest in ((versions[1], second), (versions[0], first), (versions[1], second)):
            swap(link, folder)
            eventually(partial(all_serve, server, digest), SECONDS_TO_LOAD)
        assert problems(server) == {}
    assert (asked.wrong, asked.unanswered, asked.cut) == ([], [], 0)
    assert set(asked.by_digest) == {first, second}


def all_serve(server: Server, digest: str) -> bool:
    """Asked often enough to meet every worker."""
    return {server.post(WINDY).json["pack"]["digest"] for _ in range(20)} == {digest}
