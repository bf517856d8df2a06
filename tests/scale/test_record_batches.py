"""Arrow record batches get one row of results for each row, with the bytes of one process, in batches of limited size."""

from __future__ import annotations

import pyarrow as pa
import pytest

from service.distributed.record_batches import MOST_ROWS, assess_batches, result_schema
from service.distributed.result_columns import LiftedColumn, ResultColumns, result_columns
from service.distributed.run import DistributedRun
from tests.scale.corpus import in_one_process


def batch_of(incidents: pa.Array) -> pa.RecordBatch:
    return pa.RecordBatch.from_pydict({"id": range(len(incidents)), "incident": incidents})


def columns_of(run: DistributedRun, batch: pa.RecordBatch) -> ResultColumns:
    return result_columns(batch.schema.names, "incident", None, run.lifted)


@pytest.mark.parametrize(
    "type_",
    [
        *(pa.string(), pa.large_string(), pa.string_view(), pa.binary(), pa.large_binary()),
        pa.dictionary(pa.int32(), pa.string()),
    ],
    ids=str,
)
def test_a_batch_has_the_bytes_of_one_process_whatever_the_type_of_its_texts(
    run: DistributedRun, incidents: list[str], type_: pa.DataType
) -> None:
    batch = batch_of(pa.array(incidents).cast(type_))
    [found] = assess_batches([batch], run.settings, columns_of(run, batch))
    rows = found.to_pylist()
    assert [row["answer"] or row["problem"] for row in rows] == in_one_process(run, incidents)
    assert [row["id"] for row in rows] == list(range(len(incidents)))


def test_the_results_have_the_schema_that_is_told_before(
    run: DistributedRun, incidents: list[str]
) -> None:
    batch = batch_of(pa.array(incidents))
    columns = columns_of(run, batch)
    schema = result_schema(batch.schema, columns)
    assert schema.names == ["id", "answer", "problem", "alert"]
    assert schema.field("alert").type == pa.dictionary(pa.int16(), pa.string())
    [found] = assess_batches([batch], run.settings, columns)
    assert found.schema == schema
    assert found.column("alert").dictionary.to_pylist() == ["storm", "gale", "calm"]
    [plain] = assess_batches([batch], run.settings, columns, dictionaries=False)
    assert plain.column("alert").to_pylist() == found.column("alert").to_pylist()
    assert plain.schema.field("alert").type == pa.string()


def test_a_large_batch_is_answered_in_batches_of_limited_size(
    run: DistributedRun, incidents: list[str]
) -> None:
    batch = batch_of(pa.array(incidents * 5))
    found = list(assess_batches([batch], run.settings, columns_of(run, batch)))
    assert [one.num_rows for one in found] == [MOST_ROWS, MOST_ROWS, len(incidents) * 5 % MOST_ROWS]
    ids = [number for one in found for number in one.column("id").to_pylist()]
    assert ids == list(range(len(incidents) * 5))


def test_outputs_of_every_type_can_be_columns(run: DistributedRun) -> None:
    others = (
        LiftedColumn("load", "integer"),
        LiftedColumn("share", "number"),
        LiftedColumn("open", "boolean"),
        LiftedColumn("note", "string"),
    )
    schema = result_schema(pa.schema([]), ResultColumns("incident", (), others))
    assert [field.type for field in schema][2:] == [
        *(pa.int64(), pa.float64(), pa.bool_(), pa.string()),
    ]


def test_a_null_is_a_problem_and_a_column_of_numbers_is_refused(run: DistributedRun) -> None:
    nothing = batch_of(pa.nulls(2))
    [found] = assess_batches([nothing], run.settings, columns_of(run, nothing))
    assert all("invalid-json" in problem for problem in found.column("problem").to_pylist())
    numbers = batch_of(pa.array([1]))
    with pytest.raises(TypeError, match="the column 'incident' is int64, but it must be JSON"):
        list(assess_batches([numbers], run.settings, columns_of(run, numbers)))
