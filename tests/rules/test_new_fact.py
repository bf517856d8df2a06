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
NEW = "signal.petition: {type: boolean, ASSUMEtext: {en: A petition, zh: 请愿}}"


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
        ("assume: false, assume_because: {en: x, zh: x}, ", {"signal.petition": False}, "none"),
        ("assume: false, assume_because: {en: x, zh: x}, ", {"signal.petition": True}, "blue"),
    ],
)
def test_a_new_fact_keeps_a_day_from_being_quiet(
    assume: str, told: dict[str, Any], grade: str, tmp_path: Path
) -> None:
    assessor = Assessor(pack_with(tmp_path, NEW.replace("ASSUME", assume)), "reference")
    answer = assessor.assess({**COUNTS, **told}, AS_OF, "en")
    assert answer["grade"]["code"] == grade
