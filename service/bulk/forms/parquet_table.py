"""Writes rows as one Parquet file. No other module imports pyarrow, which is an extra; workers import it, never their parent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import orjson
import pyarrow
from pyarrow import parquet

from schemas.scalars import parse_datetime
from schemas.strict_json import Json
from service.bulk.forms.columns import ColumnType, TableColumn, table_row

ROWS_AT_ONCE = 256
"""So many answers are held as Python objects. The rest of a part is held as Arrow data."""
GROUP_BYTES = 64 * 1024 * 1024
"""A group of rows is written once it has so many bytes in memory."""
COMPRESSION = "zstd"
_PLAIN = {
    "text": pyarrow.string(),
    "json": pyarrow.string(),
    "integer": pyarrow.int64(),
    "number": pyarrow.float64(),
    "boolean": pyarrow.bool_(),
}


def schema_of(columns: Sequence[TableColumn], zone: str) -> pyarrow.Schema:
    """The types of the columns: a code is a dictionary of all its codes, a moment is in `zone`."""
    return pyarrow.schema([(column.name, _type(column, zone)) for column in columns])


def part(columns: Sequence[TableColumn], zone: str, lines: Iterable[Json]) -> bytes:
    """The rows as the bytes of a file."""
    schema = schema_of(columns, zone)
    written = pyarrow.BufferOutputStream()
    with parquet.ParquetWriter(written, schema, compression=COMPRESSION) as writer:
        for group in _groups(columns, schema, iter(lines)):
            writer.write_table(group)
    return written.getvalue().to_pybytes()  # type: ignore[no-any-return]


def _groups(
    columns: Sequence[TableColumn], schema: pyarrow.Schema, lines: Iterator[Json]
) -> Iterator[pyarrow.Table]:
    held: list[pyarrow.RecordBatch] = []
    while some := [table_row(line) for line in islice(lines, ROWS_AT_ONCE)]:
        held.append(_batch(columns, schema, some))
        if sum(batch.nbytes for batch in held) >= GROUP_BYTES:
            yield _group(held, schema)
            held = []
    if held:
        yield _group(held, schema)


def _group(batches: Sequence[pyarrow.RecordBatch], schema: pyarrow.Schema) -> pyarrow.Table:
    return pyarrow.Table.from_batches(batches, schema).unify_dictionaries()


def _batch(
    columns: Sequence[TableColumn], schema: pyarrow.Schema, rows: Sequence[Json]
) -> pyarrow.RecordBatch:
    arrays = [
        _array(column, field.type, [column.value(row) for row in rows])
        for column, field in zip(columns, schema, strict=True)
    ]
    return pyarrow.RecordBatch.from_arrays(arrays, schema=schema)


def _type(column: TableColumn, zone: str) -> pyarrow.DataType:
    match column.type:
        case "code":
            of_one = pyarrow.dictionary(pyarrow.int32(), pyarrow.string())
        case "moment":
            of_one = pyarrow.timestamp("us", tz=zone)
        case other:
            of_one = _PLAIN[other]
    return pyarrow.list_(of_one) if column.is_list else of_one


def _array(column: TableColumn, type_: pyarrow.DataType, values: Sequence[Any]) -> pyarrow.Array:
    if not column.is_list:
        return _flat(column, type_, values)
    entries = [entry for value in values for entry in value or ()]
    offsets = _offsets(values)
    flat = _flat(column, type_.value_type, entries)
    return pyarrow.ListArray.from_arrays(offsets, flat, type=type_)


def _offsets(values: Sequence[Any]) -> pyarrow.Array:
    """Where the list of each row begins. None is a row without a list."""
    offsets: list[int | None] = []
    end = 0
    for value in values:
        offsets.append(None if value is None else end)
        end += len(value or ())
    return pyarrow.array([*offsets, end], pyarrow.int32())


def _flat(column: TableColumn, type_: pyarrow.DataType, values: Sequence[Any]) -> pyarrow.Array:
    if column.type == "code":
        known = dict.fromkeys([*column.codes, *(one for one in values if one is not None)])
        positions = {code: position for position, code in enumerate(known)}
        found = pyarrow.array([positions.get(value) for value in values], pyarrow.int32())
        return pyarrow.DictionaryArray.from_arrays(found, pyarrow.array([*known], pyarrow.string()))
    return pyarrow.array([_plain(column.type, value) for value in values], type_)


def _plain(type_: ColumnType, value: Any) -> Any:
    if value is None:
        return None
    match type_:
        case "moment":
            return parse_datetime(value)
        case "json":
            return orjson.dumps(value).decode()
        case "text" if not isinstance(value, str):
            return orjson.dumps(value).decode()
    return value
