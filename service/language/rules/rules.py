"""Rules from their files, written out or as the cells of tables: conditions checked, consequences typed, texts' placeholders known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from service.language.conditions.check import check_condition
from service.language.conditions.scope import AS_OF, GUARD_CLOSED, RULE_CLOSED, Scope
from service.language.conditions.when import read_condition
from service.language.files.source import Source
from service.language.model import BLOCKING_OR_HOLDING, Contribution, Rule, Table, TableRow
from service.language.place import Path
from service.language.problem import Problem
from service.language.rules.consequences import ConsequenceReader, RuleContext
from service.language.rules.effective import read_effective
from service.language.rules.tables import (
    WAYS,
    Cell,
    Mistake,
    cell_names,
    read_table,
    row_placeholders,
)
from service.language.syntax import And, Node
from service.language.texts.placeholders import placeholder_problems


@dataclass(slots=True)
class RuleReader:
    """Reads the rules of one file; `problems` and `tables` grow as it goes."""

    source: Source
    context: RuleContext
    problems: list[Problem] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)

    def read(self, data: Mapping[str, Any]) -> list[Rule]:
        """Rules and tables in the order in which they stand in the file."""
        rules: list[Rule] = []
        for key in self.source.data:
            for number, entry in enumerate(data[key]):
                path = (key, number)
                rules += self._table(entry, path) if key == "tables" else self._rule(entry, path)
        return rules

    def _rule(self, entry: Mapping[str, Any], path: Path) -> list[Rule]:
        before = len(self.problems)
        closed = (
            RULE_CLOSED if entry["then"].keys().isdisjoint(BLOCKING_OR_HOLDING) else GUARD_CLOSED
        )
        scope = replace(self.context.scope, closed=closed)
        when = read_condition(self.source, (*path, "when"), entry["when"], scope, self.problems)
        then = ConsequenceReader(self.source, self.context, self.problems).read(
            entry["then"], (*path, "then")
        )
        self._check_because(entry, path)
        rule = self._made(entry, path, entry["id"], (*path, "id"), entry["when"], when, then)
        return [] if rule is None or has_error(self.problems[before:]) else [rule]

    def _table(self, table: Mapping[str, Any], path: Path) -> list[Rule]:
        before = len(self.problems)
        for line, row in enumerate(table["rows"]):
            self._check_because(row, (*path, "rows", line), *row_placeholders(row))
        scope = replace(self.context.scope, closed=RULE_CLOSED)
        rules = []
        for found in read_table(table, path, scope.facts, scope.outputs):
            if isinstance(found, Mistake):
                self.problems.append(found.at(self.source))
            elif (rule := self._cell(found, table["output"], scope)) is not None:
                rules.append(rule)
        if has_error(self.problems[before:]):
            return []
        self.tables.append(self._as_written(table, path))
        return rules

    def _as_written(self, table: Mapping[str, Any], path: Path) -> Table:
        place = self.source.problem((*path, "id"), "", "")
        rows = [self._row(row, (*path, "rows", line)) for line, row in enumerate(table["rows"])]
        return Table(table["id"], table["output"], tuple(rows), place.file, place.line)

    def _row(self, row: Mapping[str, Any], path: Path) -> TableRow:
        """What is wrong with the row's dates is reported with its cells."""
        way = next(way for way in WAYS if way in row)
        effective, timezone = row.get("effective", {}), self.context.timezone
        start, end = read_effective(effective, self.source, path, timezone, [])
        return TableRow(
            id=row["id"],
            way=way,
            cells=row[way],
            fact=row.get("fact"),
            only_if=row.get("only_if"),
            because=row["because"],
            source=row.get("source", {}),
            line=self.source.problem((*path, "id"), "", "").line,
            effective_from=start,
            effective_until=end,
        )

    def _cell(self, cell: Cell, output: str, scope: Scope) -> Rule | None:
        then = [Contribution(output, cell.value)]
        when, written = self._generated(cell, scope) if cell.generated else self._typed(cell, scope)
        only_if = cell.row.get("only_if")
        if only_if is not None:
            path = (*cell.row_path, "only_if")
            shared = read_condition(self.source, path, only_if, scope, self.problems)
            when = None if when is None or shared is None else And((shared, when))
            written = {"all": [only_if, written]}
        row = {**cell.row, "because": cell.because}
        return self._made(row, cell.row_path, cell.name, cell.path, written, when, then)

    def _typed(self, cell: Cell, scope: Scope) -> tuple[Node | None, Any]:
        return read_condition(self.source, cell.path, cell.when, scope, self.problems), cell.when

    def _generated(self, cell: Cell, scope: Scope) -> tuple[Node | None, Any]:
        """What is found in a condition that nobody typed is said of its cell."""
        node, findings = check_condition(cell.when, scope)
        for found in findings:
            self.problems.append(
                self.source.problem(
                    cell.path, found.code, found.message, found.hint, severity=found.severity
                )
            )
        return node, cell.when

    def _made(
        self,
        entry: Mapping[str, Any],
        path: Path,
        name: str,
        name_path: Path,
        written: Any,
        when: Node | None,
        then: Sequence[Contribution],
    ) -> Rule | None:
        start, end = read_effective(
            entry.get("effective", {}),
            self.source,
            (*path, "effective"),
            self.context.timezone,
            self.problems,
        )
        if when is None:
            return None
        place = self.source.problem(name_path, "", "")
        return Rule(
            id=name,
            when=when,
            then=tuple(then),
            because=entry["because"],
            source=entry.get("source", {}),
            written=written,
            file=place.file,
            line=place.line,
            column=place.column,
            effective_from=start,
            effective_until=end,
        )

    def _check_because(self, entry: Mapping[str, Any], path: Path, *more: str) -> None:
        known = [*self.context.scope.facts, *self.context.outputs, AS_OF, *more]
        self.problems += placeholder_problems(
            self.source, entry["because"], (*path, "because"), known
        )


def has_error(problems: Sequence[Problem]) -> bool:
    return any(problem.severity == "error" for problem in problems)


def rule_names(data: Mapping[str, Any]) -> Iterator[tuple[str, Path]]:
    """The ids of a file's rules, those of its tables' cells too, each with its place."""
    for number, entry in enumerate(data["rules"]):
        yield entry["id"], ("rules", number, "id")
    yield from cell_names(data.get("tables", []))


def duplicate_rules(
    source: Source, data: Mapping[str, Any], seen: dict[str, str]
) -> Iterator[Problem]:
    """A problem for each rule id that stands in `seen`, to which the others are added with their place."""
    for name, path in rule_names(data):
        place = source.problem(path, "duplicate-rule", "")
        if name in seen:
            message = f"the rule '{name}' stands at {seen[name]} already"
            yield replace(place, message=message, hint="every rule has an id of its own")
        seen.setdefault(name, f"{place.file}:{place.line}")
