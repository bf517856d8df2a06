"""Reads rules from their files, also those in the cells of tables. Checks conditions, consequences and placeholders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from service.language.collector import BoundValue
from service.language.conditions.check import check_condition
from service.language.conditions.scope import AS_OF, GUARD_CLOSED, RULE_CLOSED, Scope
from service.language.conditions.when import read_condition
from service.language.defaults import rules_with_defaults
from service.language.files.read_file import LoadedFile
from service.language.model import BLOCKING_OR_HOLDING, Contribution, Rule, Table, TableRow
from service.language.place import Path, Place
from service.language.rules.consequences import ConsequenceReader, RuleContext
from service.language.rules.effective import read_effective
from service.language.rules.tables import (
    WAYS,
    Cell,
    cell_names,
    constant_of,
    read_table,
    row_placeholders,
)
from service.language.syntax import And, Node, Span
from service.language.texts.placeholders import check_placeholders, names_with_unit


@dataclass(frozen=True, slots=True)
class RuleReader:
    """Reads the rules of files and appends them to `rules` and `tables`."""

    context: RuleContext
    rules: list[Rule] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    _placeholders: dict[tuple[str, ...], frozenset[str]] = field(default_factory=dict)

    def read(self, file: LoadedFile) -> None:
        """Reads rules and tables in the order of the file."""
        data, whole = rules_with_defaults(file.data, file.here)
        for key in file.source.data:
            for number, entry in enumerate(data[key] if key in ("rules", "tables") else ()):
                here = whole.at(key, number)
                self.rules.extend(
                    self._table(entry, here) if key == "tables" else self._rule(entry, here)
                )

    def _rule(self, entry: Mapping[str, Any], here: BoundValue) -> list[Rule]:
        before = len(here.collector.problems)
        closed = (
            RULE_CLOSED if entry["then"].keys().isdisjoint(BLOCKING_OR_HOLDING) else GUARD_CLOSED
        )
        scope = replace(self.context.scope, closed=closed)
        when = read_condition(entry["when"], scope, here.at("when"))
        then = ConsequenceReader(self.context).read(entry["then"], here.at("then"))
        self._check_because(entry, here)
        rule = self._made(entry, here, entry["id"], here.at("id").place, entry["when"], when, then)
        return [] if rule is None or here.collector.has_errors(since=before) else [rule]

    def _table(self, table: Mapping[str, Any], here: BoundValue) -> list[Rule]:
        before = len(here.collector.problems)
        for line, row in enumerate(table["rows"]):
            self._check_because(row, here.at("rows", line), *row_placeholders(row))
        scope = replace(self.context.scope, closed=RULE_CLOSED)
        cells = read_table(table, scope.facts, scope.outputs, here)
        rules = [self._cell(cell, table["output"], scope) for cell in cells]
        if here.collector.has_errors(since=before):
            return []
        self.tables.append(self._as_written(table, here))
        return [rule for rule in rules if rule is not None]

    def _as_written(self, table: Mapping[str, Any], here: BoundValue) -> Table:
        rows = [self._row(row, here.at("rows", line)) for line, row in enumerate(table["rows"])]
        return Table(table["id"], table["output"], tuple(rows), here.at("id").place)

    def _row(self, row: Mapping[str, Any], here: BoundValue) -> TableRow:
        way = next(way for way in WAYS if way in row)
        start, end = read_effective(
            row.get("effective", {}), self.context.timezone, here.at("effective")
        )
        return TableRow(
            id=row["id"],
            way=way,
            cells=row[way],
            fact=row.get("fact"),
            only_if=row.get("only_if"),
            because=row["because"],
            source=row.get("source", {}),
            place=here.at("id").place,
            effective_from=start,
            effective_until=end,
            named={
                value: name
                for value in row[way]
                if (name := constant_of(here.at(way, value))) is not None
            },
        )

    def _cell(self, cell: Cell, output: str, scope: Scope) -> Rule | None:
        then = [Contribution(output, cell.value)]
        when, written = self._condition(cell, scope), cell.when
        only_if = cell.row.get("only_if")
        if only_if is not None:
            shared = read_condition(only_if, scope, cell.row_here.at("only_if"))
            both = Span(text=cell.here.place.whole())
            when = None if when is None or shared is None else And((shared, when), span=both)
            written = {"all": [only_if, written]}
        row = {**cell.row, "because": cell.because}
        return self._made(row, cell.row_here, cell.name, cell.here.place, written, when, then)

    def _condition(self, cell: Cell, scope: Scope) -> Node | None:
        """Read a cell's condition. Problems of a generated condition are reported at its whole cell: no author typed it."""
        if not cell.generated:
            return read_condition(cell.when, scope, cell.here)
        return check_condition(cell.when, scope, cell.here.collector.at(cell.here.place.whole()))

    def _made(
        self,
        entry: Mapping[str, Any],
        here: BoundValue,
        name: str,
        place: Place,
        written: Any,
        when: Node | None,
        then: Sequence[Contribution],
    ) -> Rule | None:
        start, end = read_effective(
            entry.get("effective", {}), self.context.timezone, here.at("effective")
        )
        if when is None:
            return None
        return Rule(
            id=name,
            when=when,
            then=tuple(then),
            because=entry["because"],
            source=entry.get("source", {}),
            written=written,
            place=Place(place.file, place.line, place.column, len(name)),
            effective_from=start,
            effective_until=end,
        )

    def _check_because(self, entry: Mapping[str, Any], here: BoundValue, *more: str) -> None:
        if more not in self._placeholders:
            facts = self.context.scope.facts
            known = [*facts, *names_with_unit(facts), *self.context.outputs, AS_OF, *more]
            self._placeholders[more] = frozenset(known)
        check_placeholders(entry["because"], self._placeholders[more], here.at("because"))


def rule_names(data: Mapping[str, Any]) -> Iterator[tuple[str, Path]]:
    """The ids of a file's rules and of its tables' cells, each with its path."""
    for number, entry in enumerate(data["rules"]):
        yield entry["id"], ("rules", number, "id")
    yield from cell_names(data.get("tables", []))


def check_rule_names(file: LoadedFile, seen: dict[str, str]) -> None:
    """Report each rule whose id is in `seen` already, and add the file's other ids to `seen` with their places."""
    for name, path in rule_names(file.data):
        here = file.here.at(*path)
        if name in seen:
            message = f"the rule '{name}' is already defined at {seen[name]}"
            here.error("duplicate-rule", message, "each rule needs an id of its own")
        else:
            seen[name] = f"{here.place.file}:{here.place.line}"
