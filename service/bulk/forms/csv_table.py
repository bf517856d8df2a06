"""Writes rows as CSV (RFC 4180): one column a field. docs/bulk.md says how lists and what else is no text are written."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import orjson

from schemas.strict_json import Json
from service.bulk.forms.columns import TableColumn, table_row

BETWEEN = "|"
_ESCAPED = str.maketrans({"\\": "\\\\", BETWEEN: "\\" + BETWEEN})


def header(columns: Sequence[TableColumn]) -> bytes:
    return _written([[column.name for column in columns]])


def rows(columns: Sequence[TableColumn], lines: Iterable[Json]) -> bytes:
    cells = [(column, _cell(column)) for column in columns]
    return _written(_row(cells, table_row(line)) for line in lines)


def _row(cells: Sequence[tuple[TableColumn, Callable[[Any], str]]], row: Json) -> list[str]:
    return [
        "" if (value := column.value(row)) is None else as_cell(value) for column, as_cell in cells
    ]


def _cell(column: TableColumn) -> Callable[[Any], str]:
    of_one = _json if column.type == "json" else _text
    return (lambda values: _joined(values, of_one)) if column.is_list else of_one


def _joined(values: Sequence[Any], of_one: Callable[[Any], str]) -> str:
    """The entries with `|` between them. In an entry a `|` and a `\\` have a `\\` before them. null is empty."""
    return BETWEEN.join(
        "" if value is None else of_one(value).translate(_ESCAPED) for value in values
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else _json(value)


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


def _written(table: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(table)
    return text.getvalue().encode()
