"""Answers Arrow record batches: one row of results for each row of incidents, in their order, in batches of limited size."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pyarrow as pa

from service.distributed.assess_texts import AssessedText, assess_texts
from service.distributed.result_columns import (
    ANSWER,
    PROBLEM,
    LiftedColumn,
    ResultColumns,
)
from service.distributed.run import RunSettings

MOST_ROWS = 256
"""A batch of results has no more rows. Whole answers of the default pack then take some 15 MB."""
_TYPES = {"integer": pa.int64(), "number": pa.float64(), "boolean": pa.bool_()}


def assess_batches(
    batches: Iterable[pa.RecordBatch],
    settings: RunSettings,
    columns: ResultColumns,
    dictionaries: bool = True,
) -> Iterator[pa.RecordBatch]:
    """The results of incidents. The schema is that of `result_schema`.

    Raises what `assess_texts` raises, and TypeError if the incidents are no texts.
    """
    for batch in batches:
        for start in range(0, batch.num_rows, MOST_ROWS):
            yield _assessed_rows(batch.slice(start, MOST_ROWS), settings, columns, dictionaries)


def result_schema(
    incidents: pa.Schema, columns: ResultColumns, dictionaries: bool = True
) -> pa.Schema:
    """The schema of results. With `dictionaries` an output with a list of values is a dictionary of them, else a text."""
    return pa.schema(
        [
            *(incidents.field(name) for name in columns.kept),
            pa.field(ANSWER, pa.string()),
            pa.field(PROBLEM, pa.string()),
            *(pa.field(one.name, _type(one, dictionaries)) for one in columns.lifted),
        ]
    )


def _assessed_rows(
    batch: pa.RecordBatch, settings: RunSettings, columns: ResultColumns, dictionaries: bool
) -> pa.RecordBatch:
    incidents = batch.column(columns.incident)
    if not _is_text(incidents.type):
        raise TypeError(
            f"the column '{columns.incident}' is {incidents.type}, but it must be JSON texts"
        )
    rows = assess_texts(settings, incidents.to_pylist())
    schema = result_schema(batch.schema, columns, dictionaries)
    arrays = [
        *(batch.column(name) for name in columns.kept),
        pa.array([row.answer for row in rows], pa.string()),
        pa.array([row.problem for row in rows], pa.string()),
        *(_lifted(one, rows, dictionaries) for one in columns.lifted),
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _is_text(type_: pa.DataType) -> bool:
    if pa.types.is_dictionary(type_):
        type_ = type_.value_type
    tests: Sequence[Any] = (
        *(pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view),
        *(pa.types.is_binary, pa.types.is_large_binary, pa.types.is_binary_view, pa.types.is_null),
    )
    return any(test(type_) for test in tests)


def _type(column: LiftedColumn, dictionaries: bool) -> pa.DataType:
    if column.values and dictionaries:
        return pa.dictionary(pa.int16(), pa.string())
    return _TYPES.get(column.type, pa.string())


def _lifted(column: LiftedColumn, rows: Sequence[AssessedText], dictionaries: bool) -> pa.Array:
    values = [row.lifted.get(column.name) for row in rows]
    if column.values and dictionaries:
        place = {value: number for number, value in enumerate(column.values)}
        indices = [None if value is None else place[value] for value in values]
        return pa.DictionaryArray.from_arrays(
            pa.array(indices, pa.int16()), pa.array(column.values, pa.string())
        )
    return pa.array(values, _type(column, dictionaries))
