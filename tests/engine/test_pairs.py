"""Two facts that only together lead to a worse value are found wherever they stand, and whatever is unknown beside them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from service.engine.assess import Assessor
from service.language.model import Pack
from tests.packs import PLAIN_PACK, plain_pack
from tests.semantics.completions import NOW
from tests.semantics.random_packs import text_of

MANY = [f"f.n{number:02}" for number in range(20)]


def pack_of(folder: Path, when: str, facts: list[str], derived: dict[str, str]) -> Pack:
    """`when` leads to high. All facts are looked at, as a rule reads each of them."""
    texts = {"text": {"en": "x"}, "type": "boolean"}
    declared = {
        "facts": dict.fromkeys(facts, texts),
        "derived": {name: {**texts, "value": value} for name, value in derived.items()},
    }
    rules = [("r.high", when, "high"), ("r.low", " && ".join(facts), "low")]
    written = [
        {"id": name, "when": condition, "then": {"level": level}, "because": {"en": name}}
        for name, condition, level in rules
    ]
    about = PLAIN_PACK + "contingency: {output: level}\n"
    return plain_pack(folder, text_of({"rules": written}), pack=about, facts=text_of(declared))


def way_to_high(pack: Pack, facts: dict[str, Any]) -> list[str] | None:
    found = Assessor(pack).assess(facts, NOW, "en", contingency=True)["contingency"]
    (high,) = [way for way in found["worse"] if way["value"] == "high"]
    return high["changes"] and sorted(change["fact"] for change in high["changes"])


@pytest.mark.parametrize("one", [0, 7, 19])
@pytest.mark.parametrize("other", [3, 8, 12, 18])
def test_the_second_fact_is_found_among_many(tmp_path: Path, one: int, other: int) -> None:
    pair = sorted([MANY[one], MANY[other]])
    pack = pack_of(tmp_path, " && ".join(pair), MANY, {})
    assert way_to_high(pack, dict.fromkeys(MANY, False)) == pair


@pytest.mark.parametrize(
    "value", ["f.one || f.unknown", "f.one && !has(f.unknown)", "f.one && f.two"]
)
def test_a_derived_fact_is_settled_by_a_change_though_something_else_in_it_is_unknown(
    tmp_path: Path, value: str
) -> None:
    facts = ["f.one", "f.two", "f.unknown"]
    pack = pack_of(tmp_path, "d.first && f.two", facts, {"d.first": value})
    assert way_to_high(pack, {"f.one": False, "f.two": False}) == ["f.one", "f.two"]


def test_a_fact_derived_from_a_derived_fact_follows_a_pair(tmp_path: Path) -> None:
    derived = {"d.first": "f.one || f.unknown", "d.second": "d.first && f.two"}
    pack = pack_of(tmp_path, "d.second", ["f.one", "f.two", "f.unknown"], derived)
    assert way_to_high(pack, {"f.one": False, "f.two": False}) == ["f.one", "f.two"]


def test_what_only_an_unknown_fact_could_lead_to_is_no_way(tmp_path: Path) -> None:
    pack = pack_of(tmp_path, "f.one && f.two && f.unknown", ["f.one", "f.two", "f.unknown"], {})
    assert way_to_high(pack, {"f.one": False, "f.two": False}) is None


def test_an_output_that_an_unknown_fact_leaves_open_is_settled_by_a_pair(tmp_path: Path) -> None:
    """With `least` at 0 it no longer matters that an unknown rule may give 7; without, a rule that reads it stays undetermined."""
    about = PLAIN_PACK.replace(
        "  score:", "  least: {type: integer, hit: min, default: 3}\n  score:"
    )
    texts = {"text": {"en": "x"}, "type": "boolean"}
    facts = {"facts": dict.fromkeys(["f.one", "f.two", "f.unknown"], texts)}
    rules = [
        ("r.unknown", "f.unknown", {"least": 7}),
        ("r.one", "f.one", {"least": 0}),
        ("r.high", "least <= 3 && f.two", {"level": "high"}),
    ]
    written = [
        {"id": name, "when": when, "then": then, "because": {"en": name}}
        for name, when, then in rules
    ]
    pack = plain_pack(
        tmp_path,
        text_of({"rules": written}),
        pack=about + "contingency: {output: level}\n",
        facts=text_of(facts),
    )
    assert way_to_high(pack, {"f.one": False, "f.two": False}) == ["f.one", "f.two"]
