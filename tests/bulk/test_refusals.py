"""What a run refuses, it refuses before it writes: what was there stays, and no journal of it is left."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.bulk import ENVIRONMENT, MOMENT, file_of, incidents
from tests.command import tocsin
from tests.packs import HARBOUR, copy_of_harbour

AT = ("--as-of", MOMENT)


def assess(*given: str | Path, said: bytes = b"", **settings: str) -> tuple[int, str, str]:
    """Status, standard output, and the last line of standard error."""
    settings = {"TOCSIN_ENGINE": "reference", **settings}
    if "TOCSIN_PACKS" not in settings:
        given = ("--pack", HARBOUR, *given)
    status, written, told = tocsin("assess", *given, given=said, **settings)
    return status, written, (told.splitlines() or [""])[-1]


def cut(out: Path) -> None:
    """Makes the journal of a run that ended that of a run that was cut."""
    journal = journal_of(out)
    journal.write_text(json.dumps({**json.loads(journal.read_bytes()), "finished": False}))


def journal_of(out: Path) -> Path:
    return out.with_name(out.name + ".journal")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return file_of(tmp_path / "a.ndjson", incidents(2))


def test_a_run_goes_on_only_with_its_default_pack_and_its_engine(
    tmp_path: Path, file: Path
) -> None:
    packs = tmp_path / "packs"
    name = {"pack.yaml": (HARBOUR / "pack.yaml").read_text("utf-8").replace("harbour", "pier")}
    copy_of_harbour(packs)
    copy_of_harbour(packs / "other", name).rename(packs / "pier")
    (packs / "other").rmdir()
    out = tmp_path / "out"
    given = (file, *AT, "--out", out, "--resume")
    settings: dict[str, Any] = {"TOCSIN_PACKS": str(packs), "TOCSIN_PACK": "harbour"}
    assert assess(*given, **settings)[0] == 0
    assert assess(*given, **settings) == (0, "", "")
    refused = "Error: --resume is refused: {} changed since the run began: {}"
    assert assess(*given, **{**settings, "TOCSIN_PACK": "pier"}) == (
        2,
        "",
        refused.format("the default pack", "was harbour, is pier"),
    )
    assert assess(*given, **settings, TOCSIN_ENGINE="both") == (
        2,
        "",
        refused.format("an option", "--engine was reference, is both"),
    )
