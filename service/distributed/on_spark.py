"""Assesses the incidents of a Spark data frame, a streaming one too. The pack is a broadcast: a Python worker reads it once.

The Python of the workers is PYSPARK_PYTHON, which the caller sets. It needs this package too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from weakref import WeakKeyDictionary

import pyarrow as pa
from pyspark import Broadcast, SparkContext
from pyspark.sql import DataFrame
from pyspark.sql.types import (
    BooleanType,
    DataType,
    DoubleType,
    LongType,
    StringType,
    StructField,
    StructType,
)

from service.distributed.packed_pack import PackedPack, PackKey
from service.distributed.record_batches import assess_batches
from service.distributed.result_columns import (
    ANSWER,
    INCIDENT,
    PROBLEM,
    LiftedColumn,
    ResultColumns,
    result_columns,
)
from service.distributed.run import DistributedRun, RunSettings
from service.distributed.worker_packs import receive

_broadcasts: WeakKeyDictionary[SparkContext, dict[PackKey, Broadcast[PackedPack]]] = (
    WeakKeyDictionary()
)
_TYPES: dict[str, type[DataType]] = {
    "integer": LongType,
    "number": DoubleType,
    "boolean": BooleanType,
}


def assess_dataframe(
    run: DistributedRun,
    incidents: DataFrame,
    *,
    column: str = INCIDENT,
    keep: Sequence[str] | None = None,
    lifted: bool = False,
) -> DataFrame:
    """A data frame of results, one row for each incident: the columns to `keep`, None for all but the incident; answer and
    problem, of which one is a JSON text and the other is null; with `lifted` the outputs at the top of answers.

    `column` has the incidents as JSON texts. Raises ValueError for wrong columns.
    """
    outputs = run.lifted if lifted else ()
    columns = result_columns(incidents.columns, column, keep, outputs)
    sent = _sent(incidents.sparkSession.sparkContext, run.pack)
    assess = partial(_assess_partition, sent=sent, settings=run.settings, columns=columns)
    names = list(dict.fromkeys((*columns.kept, column)))
    _check_names(names)
    wanted = incidents.select(*names)
    return wanted.mapInArrow(assess, _schema(incidents.schema, columns))


def _sent(context: SparkContext, packed: PackedPack) -> Broadcast[PackedPack]:
    """The broadcast of the pack: one for a session, however many tables and batches of a stream are assessed."""
    kept = _broadcasts.setdefault(context, {})
    if packed.key not in kept:
        kept[packed.key] = context.broadcast(packed)
    return kept[packed.key]


def _check_names(columns: Iterable[str]) -> None:
    """Raises ValueError."""
    for name in columns:
        if "." in name:
            hint = f"rename it, such as to {name.replace('.', '_')}, or leave it out of keep"
            raise ValueError(f"Spark takes the dot in the column '{name}' for a structure: {hint}")


def _schema(incidents: StructType, columns: ResultColumns) -> StructType:
    return StructType(
        [
            *(incidents[name] for name in columns.kept),
            StructField(ANSWER, StringType()),
            StructField(PROBLEM, StringType()),
            *(StructField(one.name, _type(one)) for one in columns.lifted),
        ]
    )


def _type(column: LiftedColumn) -> DataType:
    return _TYPES.get(column.type, StringType)()


def _assess_partition(
    batches: Iterable[pa.RecordBatch],
    sent: Broadcast[PackedPack],
    settings: RunSettings,
    columns: ResultColumns,
) -> Iterator[pa.RecordBatch]:
    receive(sent.value)
    return assess_batches(batches, settings, columns, dictionaries=False)
