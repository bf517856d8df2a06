"""Reads tables of thresholds. Each cell of a row becomes one rule, which gives an output one of its values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, assert_never, get_args

from schemas.closest import did_you_mean
from schemas.types import Type
from schemas.vocabulary import Fact, Text
from service.language.collector import BoundValue
from service.language.model import CONSTANT_NAME, Output, Way
from service.language.place import Path
from service.language.texts.figures import default_say, number_in_words

THRESHOLD = "threshold"
"""The placeholder that stands for a cell's threshold in the row's because-text."""
WAYS: tuple[Way, ...] = get_args(Way)
BETWEEN = {"zh": "、", "ja": "、"}


@dataclass(frozen=True, slots=True)
class Cell:
    """One rule of a table. `when` is its condition; `here` is bound to the cell, `row_here` to its row."""

    name: str
    value: str
    when: Any
    generated: bool
    because: Text
    row: Mapping[str, Any]
    row_here: BoundValue
    here: BoundValue


def cell_names(tables: list[Mapping[str, Any]]) -> Iterator[tuple[str, Path]]:
    """The ids of the rules of all tables, each with the path of its cell."""
    for number, table in enumerate(tables):
        for line, row in enumerate(table["rows"]):
            for way in WAYS:
                for value in row.get(way, {}):
                    path = ("tables", number, "rows", line, way, str(value))
                    yield f"{table['id']}.{value}.{row['id']}", path


def read_table(
    table: Mapping[str, Any],
    facts: Mapping[str, Fact],
    outputs: Mapping[str, Output],
    here: BoundValue,
) -> list[Cell]:
    """The table's cells, row by row, the worst value first. Rows with mistakes are left out."""
    name = table["output"]
    output = outputs.get(name)
    if output is None:
        message = f"'{name}' is not an output of this pack"
        here.at("output").error("unknown-output", message, did_you_mean(name, outputs))
        return []
    if not output.policy.is_ranked:
        message = f"a table gives values in order of priority; '{name}' has hit: {output.hit}"
        here.at("output").error("table-form", message)
        return []
    rows = [
        _Row(table["id"], row, facts, output, here.at("rows", line))
        for line, row in enumerate(table["rows"])
    ]
    return [cell for row in rows for cell in row.read()]


@dataclass(frozen=True, slots=True)
class _Row:
    table: str
    row: Mapping[str, Any]
    facts: Mapping[str, Fact]
    output: Output
    here: BoundValue

    def read(self) -> Sequence[Cell]:
        way = self._way()
        if way is None:
            return []
        before = len(self.here.collector.problems)
        cells: Mapping[str, Any] = self.row[way]
        if not cells:
            message = f"'{way}' gives no value, so this row sets nothing"
            self.here.at(way).error("table-form", message)
        self._check_values(way, cells)
        self._check_fact(way)
        if not self.here.collector.has_errors(since=before):
            self._check_cells(way, cells)
        if self.here.collector.has_errors(since=before):
            return []
        return list(self._cells(way, cells))

    def _way(self) -> Way | None:
        ways = [way for way in WAYS if way in self.row]
        if len(ways) == 1:
            return ways[0]
        message = f"a row needs one of {', '.join(WAYS)}; this has {', '.join(ways) or 'none'}"
        self.here.error("table-form", message)
        return None

    def _check_values(self, way: Way, cells: Mapping[str, Any]) -> None:
        values = self.output.type.values
        for value in cells:
            if not self.output.type.has(value):
                message = f"'{value}' is not a value of '{self.output.name}'"
                hint = did_you_mean(str(value), values)
                self.here.at(way, value).key.error("unknown-value", message, hint)

    def _check_fact(self, way: Way) -> None:
        name = self.row.get("fact")
        at = self.here.at("fact")
        if (name is None) != (way == "when"):
            needs = "needs no fact: it is a condition" if way == "when" else "needs a fact"
            self.here.at(way).key.error("table-form", f"'{way}' {needs}")
        elif name is not None and name not in self.facts:
            message = f"'{name}' is not a fact of this pack"
            at.error("unknown-fact", message, did_you_mean(name, self.facts))
        elif name is not None:
            type_ = self.facts[name].type
            needs = _needs(way, type_)
            if needs:
                message = f"{way} needs {needs}; '{name}' is {type_.with_article}"
                at.error("type-mismatch", message)

    def _check_cells(self, way: Way, cells: Mapping[str, Any]) -> None:
        match way:
            case "at_least" | "at_most":
                self._check_order(way, cells)
            case "one_of":
                self._check_codes(cells)
            case "when":
                pass
            case _:
                assert_never(way)

    def _check_codes(self, cells: Mapping[str, Any]) -> None:
        type_ = self.facts[self.row["fact"]].type
        codes = (type_.item or type_).values
        for value, named in cells.items():
            for position, code in enumerate(named if codes else ()):
                if not (type_.item or type_).has(code):
                    message = f"'{code}' is not a value of '{self.row['fact']}'"
                    at = self.here.at("one_of", value, position)
                    at.error("unknown-value", message, did_you_mean(code, codes))

    def _check_order(self, way: Way, cells: Mapping[str, Any]) -> None:
        """From each value to the next worse one, `at_least` thresholds must rise and `at_most` thresholds fall: no band is empty."""
        whole = self.facts[self.row["fact"]].type.name == "integer"
        last: tuple[str, Any] | None = None
        for value in (v for v in self.output.type.values if v in cells):
            number, at = cells[value], self.here.at(way, value)
            if whole and not isinstance(number, int):
                message = f"'{self.row['fact']}' is a whole number, so its thresholds must be too"
                at.error("wrong-type", message)
            if last is not None and (number >= last[1] if way == "at_least" else number <= last[1]):
                side = "below" if way == "at_least" else "above"
                message = f"the threshold of '{value}' must be {side} that of '{last[0]}'"
                at.error("table-order", message)
            last = (value, number)

    def _cells(self, way: Way, cells: Mapping[str, Any]) -> Iterator[Cell]:
        worse: Any = None
        for value in self.output.type.values:
            if value in cells:
                yield self._cell(way, value, cells[value], worse)
                worse = self._named(way, value, cells[value])

    def _cell(self, way: Way, value: str, cell: Any, worse: Any) -> Cell:
        return Cell(
            name=f"{self.table}.{value}.{self.row['id']}",
            value=value,
            when=self._condition(way, self._named(way, value, cell), worse),
            generated=way != "when",
            because=self._because(way, cell),
            row=self.row,
            row_here=self.here,
            here=self.here.at(way, value),
        )

    def _named(self, way: Way, value: str, cell: Any) -> Any:
        """The cell's constant or list by its name, if it has one, so that the condition is as an author would write it."""
        return constant_of(self.here.at(way, value)) or cell

    def _condition(self, way: Way, cell: Any, worse: Any) -> Any:
        """The condition as an author would write it in a rule."""
        match way:
            case "at_least":
                return self._band(cell, worse, ">=", "<")
            case "at_most":
                return self._band(cell, worse, "<=", ">")
            case "one_of":
                return self._among(cell)
            case "when":
                return cell
            case _:
                assert_never(way)

    def _band(self, cell: Any, worse: Any, inside: str, outside: str) -> str:
        """The band from this threshold to the next worse one, at which the next cell begins."""
        name = self.row["fact"]
        condition = f"{name} {inside} {self._number(cell)}"
        return (
            condition if worse is None else f"{condition} && {name} {outside} {self._number(worse)}"
        )

    def _among(self, cell: Any) -> str:
        name = self.row["fact"]
        listed = cell if isinstance(cell, str) else _listed(cell)
        type_ = self.facts[name].type
        return f"{name}.exists(one, one in {listed})" if type_.item else f"{name} in {listed}"

    def _number(self, value: int | float | str) -> str:
        whole = self.facts[self.row["fact"]].type.name == "integer"
        return str(value) if whole or isinstance(value, str) else repr(float(value))

    def _because(self, way: Way, cell: Any) -> Text:
        return {
            language: text.replace(f"{{{THRESHOLD}}}", self._said(way, cell, language))
            for language, text in self.row["because"].items()
        }

    def _said(self, way: Way, cell: Any, language: str) -> str:
        match way:
            case "at_least" | "at_most":
                return number_in_words(cell, default_say(language), exact=True)
            case "one_of":
                texts = self.facts[self.row["fact"]].value_texts
                said = [texts.get(code, {}).get(language, code) for code in cell]
                return BETWEEN.get(language.partition("-")[0], ", ").join(said)
            case "when":  # it has no threshold: the placeholder stays, and it is reported
                return f"{{{THRESHOLD}}}"
            case _:
                assert_never(way)


def constant_of(here: BoundValue) -> str | None:
    """The name of the constant or list that stands here in place of a value."""
    written = here.written
    return written if isinstance(written, str) and CONSTANT_NAME.fullmatch(written) else None


def _listed(codes: Sequence[str]) -> str:
    return "[" + ", ".join(f'"{code}"' for code in codes) + "]"


def _needs(way: Way, type_: Type) -> str:
    """What a row with this key needs instead of a fact of this type; empty if such a fact is right."""
    match way:
        case "at_least" | "at_most":
            return "" if type_.is_numeric else "a number"
        case "one_of":
            return "" if (type_.item or type_).is_textual else "a text, an enum or a list of them"
        case "when":
            return ""
        case _:
            assert_never(way)


def row_placeholders(row: Mapping[str, Any]) -> tuple[str, ...]:
    """The placeholders that a row's text may use besides facts and outputs."""
    return () if "when" in row else (THRESHOLD,)
