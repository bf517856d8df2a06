"""How readers report problems: at a value, its key, or a part of its text, in a file of any format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.types import BOOLEAN, INTEGER, enum_of
from schemas.vocabulary import Fact
from service.language.collector import Collector
from service.language.conditions.check import check_condition
from service.language.conditions.scope import Scope
from service.language.declared.hit_policies import HIT_POLICIES
from service.language.files.source import parse_source
from service.language.model import Output
from service.language.place import Path, Place
from service.language.rules.tables import read_table
from service.language.syntax import place_of

TEXT = """outer:
  list: [one, "two words"]
  folded: >
    some long
    text
"""


def shown(collector: Collector) -> list[str]:
    return [
        f"{p.file}:{p.line}:{p.column}+{p.length} {p.severity} {p.code}: {p.message} {p.hint}".rstrip()
        for p in collector.problems
    ]


def test_a_problem_stands_at_a_value_its_key_its_parent_or_a_part_of_its_text() -> None:
    collector = Collector()
    source = parse_source(TEXT, "f.yaml", collector)
    assert source is not None
    here = collector.of(source).at("outer")
    here.at("list", 1).error("bad-value", "a value", "a hint")
    here.at("list").key.warning("bad-name", "a key")
    here.at("list", 0).parent.error("bad-value", "a list")
    here.at("list", 1).value.inside(4, 9).error("bad-value", "words")
    here.at("folded").value.inside(10, 14).warning("bad-value", "text")
    here.at("list", 7, "nowhere").error("bad-value", "the nearest value around it")
    assert shown(collector) == [
        "f.yaml:2:15+11 error bad-value: a value a hint",
        "f.yaml:2:3+4 warning bad-name: a key",
        "f.yaml:2:9+1 error bad-value: a list",
        "f.yaml:2:20+5 error bad-value: words",
        "f.yaml:5:5+4 warning bad-value: text",
        "f.yaml:2:9+1 error bad-value: the nearest value around it",
    ]


def test_a_collector_knows_whether_there_are_errors_and_whether_there_are_new_ones() -> None:
    collector = Collector()
    here = collector.at(Place("f.yaml"))
    here.warning("bad-value", "a warning")
    assert not collector.has_errors()
    here.error("bad-value", "an error")
    assert collector.has_errors()
    assert not collector.has_errors(since=len(collector.problems))


@dataclass(frozen=True)
class Cells:
    """A table from a file of comma-separated values: the place of each value in that file."""

    places: Mapping[Path, Place]

    def place(self, path: Path) -> Place:
        return self.places[path]

    def key_place(self, path: Path) -> Place:
        return self.places[path]

    def written(self, path: Path) -> None:
        """No cell has the name of a constant."""


FACTS = {"a.count": Fact("a.count", INTEGER, {}), "a.flag": Fact("a.flag", BOOLEAN, {})}


def test_a_mistake_in_a_tables_cell_stands_at_the_cell_of_a_spreadsheet() -> None:
    """row,fact,high,low / deaths,a.count,1,10 / fires,a.fires,1,"""
    row = ("tables", 0, "rows")
    cells = Cells(
        {
            (*row, 0, "at_least", "high"): Place("thresholds.csv", 2, 3),
            (*row, 0, "at_least", "low"): Place("thresholds.csv", 2, 4, length=2),
            (*row, 1, "fact"): Place("thresholds.csv", 3, 2, length=7),
        }
    )
    rows = [
        {"id": "deaths", "fact": "a.count", "at_least": {"high": 1, "low": 10}, "because": {}},
        {"id": "fires", "fact": "a.fires", "at_least": {"high": 1}, "because": {}},
    ]
    output = Output(
        "level", enum_of(("high", "low")), policy=HIT_POLICIES["priority"], default="low", text={}
    )
    collector = Collector()
    here = collector.of(cells).at("tables", 0)
    table = {"id": "by", "output": "level", "rows": rows}
    assert read_table(table, FACTS, {"level": output}, here) == []
    assert shown(collector) == [
        "thresholds.csv:2:4+2 error table-order: the threshold of 'low' must be below that of 'high'",
        "thresholds.csv:3:2+7 error unknown-fact: 'a.fires' is not a fact of this pack",
    ]


def test_a_condition_and_all_its_parts_stand_at_the_cell_of_a_spreadsheet() -> None:
    cell = Place("thresholds.csv", 3, 2)
    collector = Collector()
    node = check_condition("a.count >= 100 && a.flag", Scope(FACTS), collector.at(cell))
    assert node is not None
    assert {place_of(part) for part in (node, *node.parts)} == {cell}  # type: ignore[union-attr]
    check_condition("a.count >= 100 && a.flap", Scope(FACTS), collector.at(cell))
    (problem,) = collector.problems
    assert (problem.code, problem.file, problem.line, problem.column) == (
        "unknown-fact",
        "thresholds.csv",
        3,
        2,
    )
