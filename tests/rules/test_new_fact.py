"""A fact that somebody adds to the default pack is on the safe side by itself: told, it keeps a day from being quiet."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from service.engine.assess import Assessor
from service.language.model import Pack
from tests.packs import loaded
from tests.rules.incidents import AS_OF
from tests.server import ROOT

CRISIS = ROOT / "rules" / "pr_crisis"

COUNTS = {"trend.mentions_24h": 110, "trend.mean_7d": 100.0, "trend.sd_7d": 12.0}
ASSUMED = "assume: false, assume_because: {en: x, zh: x}, "
NEW = "signal.petition: {type: boolean, ASSUMEtext: {en: A petition, zh: 请愿}}"


@pytest.fixture(scope="module")
def assessors(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Assessor]:
    """The default pack with the new fact: without an assumption, and with one."""
    folder = tmp_path_factory.mktemp("packs")
    entries = {assume: NEW.replace("ASSUME", assume) for assume in ("", ASSUMED)}
    packs = {one: pack_with(folder / str(n), entries[one]) for n, one in enumerate(entries)}
    return {assume: Assessor(pack, "reference") for assume, pack in packs.items()}


def pack_with(folder: Path, entry: str) -> Pack:
    copy = folder / "pr_crisis"
    shutil.copytree(CRISIS, copy, ignore=shutil.ignore_patterns("cases"))
    path = copy / "facts.yaml"
    path.write_text(path.read_text("utf-8").replace("facts:\n", f"facts:\n  {entry}\n", 1), "utf-8")
    return loaded(copy)


@pytest.mark.parametrize(
    ("assume", "told", "grade"),
    [
        ("", {}, "none"),
        ("", {"signal.petition": False}, "blue"),
        ("", {"signal.petition": True}, "blue"),
        ("", {"signal.petition": None}, "blue"),
        (ASSUMED, {"signal.petition": False}, "none"),
        (ASSUMED, {"signal.petition": True}, "blue"),
    ],
)
def test_a_new_fact_keeps_a_day_from_being_quiet(
    assume: str, told: dict[str, Any], grade: str, assessors: dict[str, Assessor]
) -> None:
    answer = assessors[assume].assess({**COUNTS, **told}, AS_OF, "en")
    assert answer["grade"]["code"] == grade
