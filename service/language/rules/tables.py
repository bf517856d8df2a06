"""Tables of thresholds: each cell of a row is one rule, that gives an output one of its values. Writes rules, judges nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from schemas.closest import did_you_mean
from schemas.vocabulary import Fact, Text
from service.language.files.source import Path, Source
from service.language.model import Output
from service.language.problem import Problem

THRESHOLD = "threshold"
"""The placeholder that stands for a cell's threshold in the row's because-text."""
WAYS = ("at_least", "at_most", "one_of", "when")
BETWEEN = {"zh": "、", "ja": "、"}


@dataclass(frozen=True, slots=True)
class Cell:
    """One rule of a table, as it would be written. `when` is a condition, at `path` in the file."""

    name: str
    value: str
    when: Any
    generated: bool
    because: Text
    row: Mapping[str, Any]
    row_path: Path
    path: Path


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with a table, and where."""

    path: Path
    code: str
    message: str
    hint: str = ""
    key: bool = False

    def at(self, source: Source) -> Problem:
        return source.problem(self.path, self.code, self.message, self.hint, key=self.key)


def cell_names(tables: list[Mapping[str, Any]]) -> Iterator[tuple[str, Path]]:
    """The ids of all rules that tables stand for, each with its cell's place."""
    for number, table in enumerate(tables):
        for line, row in enumerate(table["rows"]):
            for way in WAYS:
                for value in row.get(way, {}):
                    path = ("tables", number, "rows", line, way, str(value))
                    yield f"{table['id']}.{value}.{row['id']}", path


def read_table(
    table: Mapping[str, Any],
    path: Path,
    facts: Mapping[str, Fact],
    outputs: Mapping[str, Output],
) -> Iterator[Cell | Mistake]:
    """The table's cells, row by row, the worst value first; and its mistakes."""
    output = outputs.get(table["output"])
    if output is None:
        message = f"'{table['output']}' is not an output of this pack"
        hint = did_you_mean(table["output"], outputs)
        yield Mistake((*path, "output"), "unknown-output", message, hint)
        return
    if not output.policy.is_ranked:
        message = (
            f"a table gives values in order of priority; '{output.name}' has hit: {output.hit}"
        )
        yield Mistake((*path, "output"), "table-form", message)
        return
    for line, row in enumerate(table["rows"]):
        reader = _Row(table["id"], row, (*path, "rows", line), facts, output)
        yield from reader.read()


@dataclass(frozen=True, slots=True)
class _Row:
    table: str
    row: Mapping[str, Any]
    path: Path
    facts: Mapping[str, Fact]
    output: Output

    def read(self) -> Iterator[Cell | Mistake]:
        ways = [way for way in WAYS if way in self.row]
        if len(ways) != 1:
            message = f"a row says one of {', '.join(WAYS)}; this says {', '.join(ways) or 'none'}"
            yield Mistake(self.path, "table-form", message)
            return
        (way,) = ways
        cells: Mapping[str, Any] = self.row[way]
        mistakes = [*self._unknown_values(way, cells), *self._fact_mistakes(way)]
        mistakes += [] if mistakes else self._cell_mistakes(way, cells)
        yield from mistakes
        if mistakes:
            return
        worse: Any = None
        for value in self.output.type.values:
            if value in cells:
                yield self._cell(way, value, cells[value], worse)
                worse = cells[value]

    def _unknown_values(self, way: str, cells: Mapping[str, Any]) -> Iterator[Mistake]:
        values = self.output.type.values
        for value in cells:
            if value not in values:
                message = f"'{value}' is not a value of '{self.output.name}'"
                hint = did_you_mean(str(value), values)
                yield Mistake((*self.path, way, value), "unknown-value", message, hint, key=True)

    def _fact_mistakes(self, way: str) -> Iterator[Mistake]:
        name = self.row.get("fact")
        if (name is None) != (way == "when"):
            needs = "needs no fact: it is a condition" if way == "when" else "needs a fact"
            yield Mistake((*self.path, way), "table-form", f"'{way}' {needs}", key=True)
        elif name is not None and name not in self.facts:
            message = f"'{name}' is not a fact of this pack"
            hint = did_you_mean(name, self.facts)
            yield Mistake((*self.path, "fact"), "unknown-fact", message, hint)
        elif name is not None:
            kind = self.facts[name].type
            if way == "one_of" and not (kind.item or kind).is_textual:
                message = f"one_of needs a text, an enum or a list of them; '{name}' is {kind.with_article}"
                yield Mistake((*self.path, "fact"), "type-mismatch", message)
            if way in ("at_least", "at_most") and not kind.is_numeric:
                message = f"{way} needs a number; '{name}' is {kind.with_article}"
                yield Mistake((*self.path, "fact"), "type-mismatch", message)

    def _cell_mistakes(self, way: str, cells: Mapping[str, Any]) -> Iterator[Mistake]:
        if way == "one_of":
            yield from self._unknown_codes(cells)
        if way in ("at_least", "at_most"):
            yield from self._order_mistakes(way, cells)

    def _unknown_codes(self, cells: Mapping[str, Any]) -> Iterator[Mistake]:
        kind = self.facts[self.row["fact"]].type
        codes = (kind.item or kind).values
        for value, named in cells.items():
            for position, code in enumerate(named if codes else ()):
                if code not in codes:
                    message = f"'{code}' is not a value of '{self.row['fact']}'"
                    place = (*self.path, "one_of", value, position)
                    yield Mistake(place, "unknown-value", message, did_you_mean(code, codes))

    def _order_mistakes(self, way: str, cells: Mapping[str, Any]) -> Iterator[Mistake]:
        """Towards the worse value a least threshold rises, a most one falls: else a band would be empty."""
        whole = self.facts[self.row["fact"]].type.kind == "integer"
        last: tuple[str, Any] | None = None
        for value in (v for v in self.output.type.values if v in cells):
            number, place = cells[value], (*self.path, way, value)
            if whole and not isinstance(number, int):
                message = f"'{self.row['fact']}' is a whole number, so its thresholds are too"
                yield Mistake(place, "wrong-type", message)
            if last is not None and (number >= last[1] if way == "at_least" else number <= last[1]):
                side = "below" if way == "at_least" else "above"
                message = f"the threshold of '{value}' must lie {side} that of '{last[0]}'"
                yield Mistake(place, "table-order", message)
            last = (value, number)

    def _cell(self, way: str, value: str, cell: Any, worse: Any) -> Cell:
        return Cell(
            name=f"{self.table}.{value}.{self.row['id']}",
            value=value,
            when=cell if way == "when" else self._condition(way, cell, worse),
            generated=way != "when",
            because=self._because(way, cell),
            row=self.row,
            row_path=self.path,
            path=(*self.path, way, value),
        )

    def _condition(self, way: str, cell: Any, worse: Any) -> str:
        """A band: from this threshold up to the next worse one, whose own cell speaks from there on."""
        name = self.row["fact"]
        if way == "one_of":
            listed = "[" + ", ".join(f'"{code}"' for code in cell) + "]"
            kind = self.facts[name].type
            return f"{name}.exists(one, one in {listed})" if kind.item else f"{name} in {listed}"
        inside, outside = (">=", "<") if way == "at_least" else ("<=", ">")
        condition = f"{name} {inside} {self._number(cell)}"
        return (
            condition if worse is None else f"{condition} && {name} {outside} {self._number(worse)}"
        )

    def _number(self, value: int | float) -> str:
        return (
            str(value)
            if self.facts[self.row["fact"]].type.kind == "integer"
            else repr(float(value))
        )

    def _because(self, way: str, cell: Any) -> Text:
        if way == "when":
            return self.row["because"]  # type: ignore[no-any-return]
        return {
            language: text.replace(f"{{{THRESHOLD}}}", self._said(way, cell, language))
            for language, text in self.row["because"].items()
        }

    def _said(self, way: str, cell: Any, language: str) -> str:
        if way != "one_of":
            return f"{cell:,}"
        texts = self.facts[self.row["fact"]].value_texts
        said = [texts.get(code, {}).get(language, code) for code in cell]
        return BETWEEN.get(language.partition("-")[0], ", ").join(said)


def row_placeholders(row: Mapping[str, Any]) -> tuple[str, ...]:
    """The placeholders that a row's text may use beside facts and outputs."""
    return () if "when" in row else (THRESHOLD,)
