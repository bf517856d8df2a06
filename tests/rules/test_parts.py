"""The default pack without one of its parts, without all, and with one alone: it serves, its base answers, and nothing of the part is left."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.packs import DEFAULT
from tests.server import Server, running

PARTS = ("food", "internet", "retail", "travel", "vehicles")
POSTED: dict[str, tuple[str, dict[str, Any]]] = {
    "food": ("food", {"food": {"batch_traced": False}}),
    "internet": ("internet", {"internet": {"outage_hours": 5}}),
    "retail": ("retail", {"retail": {"goods_fault": ["fake"]}}),
    "travel": ("transport", {"travel": {"stranded": 5}}),
    "vehicles": ("vehicles", {"vehicles": {"fire": True}}),
}
"""An incident of each part's trade, with a fact of the part."""
DANGER = {
    "finding": {"claim": "confirmed", "basis": "regulator"},
    "harm": {"continuing_danger": True, "injuries": 3},
}
SELECTIONS = {
    "nothing": (),
    **{f"without_{one}": tuple(p for p in PARTS if p != one) for one in PARTS},
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server with all selections, each as a pack of its own; the folders of the parts that are left out are gone.

    Parts are a matter of loading: one matcher is enough here.
    """
    packs: Path = tmp_path_factory.mktemp("packs")
    for name, kept in SELECTIONS.items():
        _copy(packs / name, name, kept)
    with running(
        packs, tmp_path_factory.mktemp("log") / "log", TOCSIN_WORKERS="1", TOCSIN_ENGINE="reference"
    ) as found:
        yield found


def _copy(folder: Path, name: str, kept: tuple[str, ...]) -> None:
    shutil.copytree(DEFAULT, folder, ignore=shutil.ignore_patterns("cases"))
    for part in PARTS:
        if part not in kept:
            shutil.rmtree(folder / "parts" / part)
    about = (folder / "pack.yaml").read_text("utf-8")
    about, named = re.subn(r"^pack: pr_crisis$", f"pack: {name}", about, flags=re.MULTILINE)
    about, listed = re.subn(
        r"^parts: \[.*\]$", f"parts: [{', '.join(kept)}]", about, flags=re.MULTILINE
    )
    assert (named, listed) == (1, 1)
    (folder / "pack.yaml").write_text(about, "utf-8")


def _post(server: Server, pack: str, facts: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    reply = server.post({"pack": pack, "as_of": "2026-06-01T12:00:00+08:00", "facts": facts})
    return reply.status, json.loads(reply.body)


def test_every_part_of_the_folder_is_listed_and_tried() -> None:
    about = (DEFAULT / "pack.yaml").read_text("utf-8")
    assert sorted(PARTS) == sorted(path.name for path in (DEFAULT / "parts").iterdir())
    assert all(part in about for part in PARTS)


@pytest.mark.parametrize("part", PARTS)
def test_a_server_without_a_part_answers_in_its_trade_and_knows_none_of_its_facts(
    server: Server, part: str
) -> None:
    sector, own = POSTED[part]
    incident = {**DANGER, "identity": {"sector": sector, "jurisdiction": ["cn"]}}
    for pack in ("nothing", f"without_{part}"):
        status, answer = _post(server, pack, incident)
        assert (status, answer["grade"]["code"]) == (200, "red")
        assert not [rule for rule in _fired(answer) if rule.startswith(f"{part}.")]
        status, problem = _post(server, pack, {**incident, **own})
        assert status == 422
        assert next(iter(own)) in json.dumps(problem)


@pytest.mark.parametrize("part", PARTS)
def test_the_other_parts_answer_as_before(server: Server, part: str) -> None:
    for other in PARTS:
        if other != part:
            sector, own = POSTED[other]
            facts = {**DANGER, **own, "identity": {"sector": sector, "jurisdiction": ["cn"]}}
            status, answer = _post(server, f"without_{part}", facts)
            assert status == 200
            assert [rule for rule in _fired(answer) if rule.startswith(f"{other}.")], other


def test_without_the_part_of_a_trade_the_general_rule_recalls_its_goods(server: Server) -> None:
    incident = {**DANGER, "identity": {"sector": "food", "jurisdiction": ["cn"]}}
    _, general = _post(server, "without_food", incident)
    _, special = _post(server, "without_retail", incident)
    for answer, rule in ((general, "law.recall"), (special, "food.recall.unclassed")):
        (recall,) = [one for one in answer["actions"] if one["code"] == "RECALL"]
        assert recall["statutory"]
        assert recall["because"] == [rule]


def _fired(answer: dict[str, Any]) -> list[str]:
    return [reason["rule"] for reason in answer["reasons"]]
