"""The places of the parts of a condition in their files. Places are not compared, and no other process gets them."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from service.engine.assess import Assessor
from service.engine.judging.compile_pack import compile_pack
from service.engine.rete.network import translate_rules
from service.engine.why.atoms import written_atoms
from service.language.declared.vocabulary.calm import POSTED
from service.language.model import Pack, Rule
from service.language.place import Place
from service.language.syntax import FactReference, Literal, place_of, walk
from tests.packs import HARBOUR, copy_of_harbour, loaded, plain_pack
from tests.server import ROOT

DEFAULT = ROOT / "rules" / "pr_crisis"
NOW = datetime(2026, 6, 1, tzinfo=UTC)
TREE = """rules:
  - id: tree
    when:
      all:
        - any: [ "a.count >= 100", 'b.count == 1' ]
        - not: >
            a.flag &&
            a.share
            < 0.5
        - |
          b.flag
          || (a.count > 7)
        - "a.kind == \\"x\\" ||
          b.count
          >= 12"
    then: {score: 1}
    because: a tree
  - id: always
    when: always
    then: {score: 1}
    because: no condition
"""
TABLE = """tables:
  - id: by
    output: level
    rows:
      - id: count
        fact: a.count
        only_if: a.flag && b.count >= 3
        at_least: {middle: 100, high: 1000}
        because: many
      - id: kind
        when: {high: 'a.kind == "x"'}
        because: this kind
"""


def in_file(place: Place) -> str:
    """The text at a place, up to the end of its line."""
    line = Path(place.file).read_text("utf-8").split("\n")[place.line - 1]
    return line[place.column - 1 : place.column - 1 + place.length]


def at(place: Place) -> tuple[int, int]:
    return place.line, place.column


def rule_of(pack: Pack, name: str) -> Rule:
    return next(rule for rule in pack.rules if rule.id == name)


def atoms(rule: Rule) -> list[tuple[str, tuple[int, int]]]:
    return [(text, at(place_of(node))) for node, text in written_atoms(rule.when, rule.written)]


def test_each_atom_of_a_tree_has_its_line_and_column(tmp_path: Path) -> None:
    rule = rule_of(plain_pack(tmp_path / "pack", TREE), "tree")
    assert atoms(rule) == [
        ("a.count >= 100", (5, 19)),
        ("b.count == 1", (5, 37)),
        ("a.flag", (7, 13)),
        ("a.share < 0.5", (8, 13)),
        ("b.flag", (11, 11)),
        ("a.count > 7", (12, 15)),
        ('a.kind == "x"', (13, 12)),
        ("b.count >= 12", (14, 11)),
    ]


def test_a_threshold_and_the_fact_beside_it_have_places_of_their_own(tmp_path: Path) -> None:
    rule = rule_of(plain_pack(tmp_path / "pack", TREE), "tree")
    places = {
        str(node.value if isinstance(node, Literal) else node.name): place_of(node)
        for node in walk(rule.when)
        if isinstance(node, Literal | FactReference)
    }
    assert (at(places["100"]), in_file(places["100"])) == ((5, 30), "100")
    assert (at(places["0.5"]), in_file(places["0.5"])) == ((9, 15), "0.5")
    assert (at(places["12"]), in_file(places["12"])) == ((15, 14), "12")
    assert (at(places["a.share"]), in_file(places["a.share"])) == ((8, 13), "a.share")


def test_the_place_of_all_any_and_not_is_that_of_the_word(tmp_path: Path) -> None:
    pack = plain_pack(tmp_path / "pack", TREE)
    joined = rule_of(pack, "tree").when
    words = [place_of(node) for node in (joined, *joined.parts[:2])]  # type: ignore[union-attr]
    assert [(at(place), in_file(place)) for place in words] == [
        ((4, 7), "all"),
        ((5, 11), "any"),
        ((6, 11), "not"),
    ]
    assert in_file(place_of(rule_of(pack, "always").when)) == "always"


def test_each_text_of_a_tree_has_its_place(tmp_path: Path) -> None:
    joined = rule_of(plain_pack(tmp_path / "pack", TREE), "tree").when
    texts = {at(node.span.text) for node in walk(joined) if node.span.end}
    assert texts == {(5, 18), (5, 36), (6, 16), (10, 11), (13, 11)}


def test_the_parts_of_a_tables_condition_are_at_its_cell_or_where_they_were_typed(
    tmp_path: Path,
) -> None:
    pack = plain_pack(tmp_path / "pack", TABLE)
    assert atoms(rule_of(pack, "by.middle.count")) == [
        ("a.flag", (7, 18)),
        ("b.count >= 3", (7, 28)),
        ("a.count >= 100", (8, 28)),
        ("a.count < 1000", (8, 28)),
    ]
    assert in_file(place_of(rule_of(pack, "by.middle.count").when)) == "100"
    assert atoms(rule_of(pack, "by.high.kind")) == [('a.kind == "x"', (11, 23))]


@pytest.mark.parametrize("folder", [DEFAULT, HARBOUR], ids=lambda folder: folder.name)
def test_every_typed_atom_of_a_pack_is_found_in_its_file_at_its_place(folder: Path) -> None:
    pack = loaded(folder)
    cells = {
        f"{table.id}.{value}.{row.id}"
        for table in pack.tables
        for row in table.rows
        for value in row.cells
    }
    typed = [rule for rule in pack.rules if rule.id not in cells and rule.written_in_full is None]
    found = [
        (" ".join(text.split()), " ".join(in_file(place_of(node)).split()))
        for rule in typed
        for node, text in written_atoms(rule.when, rule.written)
    ]
    assert [text for text, there in found if text != there] == []
    assert len(found) >= len(typed)


@pytest.mark.parametrize("folder", [DEFAULT, HARBOUR], ids=lambda folder: folder.name)
def test_every_part_of_a_derived_facts_value_is_found_in_its_file_at_its_place(
    folder: Path,
) -> None:
    pack = loaded(folder)
    assert pack.derived
    written = [one for one in pack.derived if not one.fact.name.startswith(POSTED)]
    for derived in written:
        for node in walk(derived.value):
            text = derived.written[node.span.start : node.span.end]
            assert in_file(place_of(node)) == text


def lower_down(folder: Path) -> Path:
    """A copy of the harbour pack in which everything is three lines lower."""
    copy = copy_of_harbour(folder)
    for path in copy.rglob("*.yaml"):
        path.write_text("# a\n# b\n\n" + path.read_text("utf-8"), "utf-8")
    return copy


def test_rules_that_differ_only_in_their_places_are_equal(tmp_path: Path) -> None:
    pack, lower = loaded(HARBOUR), loaded(lower_down(tmp_path))
    assert (lower.rules, lower.tables, lower.derived) == (pack.rules, pack.tables, pack.derived)
    assert [hash(rule.when) for rule in lower.rules] == [hash(rule.when) for rule in pack.rules]
    for here, there in zip(pack.rules, lower.rules, strict=True):
        assert there.place.line == here.place.line + 3
        for node, other in zip(walk(here.when), walk(there.when), strict=True):
            assert place_of(other).line == place_of(node).line + 3


def test_a_tables_rules_that_differ_only_in_their_places_are_equal(tmp_path: Path) -> None:
    pack = plain_pack(tmp_path / "pack", TABLE)
    lower = plain_pack(tmp_path / "lower", "\n\n" + TABLE)
    assert (lower.rules, lower.tables) == (pack.rules, pack.tables)
    assert lower.tables[0].place.line == pack.tables[0].place.line + 2
    assert lower.tables[0].rows[0].place.line == pack.tables[0].rows[0].place.line + 2


@pytest.mark.parametrize("facts", [{}, {"wind.speed": 30}, {"wind.speed": 16, "gate.closed": True}])
def test_an_answer_does_not_depend_on_places(facts: dict[str, Any], tmp_path: Path) -> None:
    answer, same = (
        Assessor(loaded(folder), "reference").assess(facts, NOW, "en")
        for folder in (HARBOUR, lower_down(tmp_path))
    )
    assert answer["pack"].pop("digest") != same["pack"].pop("digest")
    assert answer == same


def test_the_proving_process_gets_no_places(tmp_path: Path) -> None:
    sent = [
        pickle.dumps(translate_rules(pack.rules, compile_pack(pack).layout)[0])
        for pack in (loaded(HARBOUR), loaded(lower_down(tmp_path)))
    ]
    assert sent[0] == sent[1]
    for trace in (b"service.language", b"Place", b"Span", b".yaml", b"harbour"):
        assert trace not in sent[0]
