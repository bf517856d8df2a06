"""A local Spark gives the answers of one process, and a Python worker that is used again still has the pack."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.errors import PythonException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.functions import col, struct, to_json

from service.distributed.on_spark import assess_dataframe
from service.distributed.packed_pack import PackKey
from service.distributed.run import DistributedRun, prepare
from tests.packs import HARBOUR
from tests.scale.corpus import NOON, in_one_process

BATCH_ROWS = "spark.sql.execution.arrow.maxRecordsPerBatch"


@pytest.fixture(scope="module")
def frame(spark: SparkSession, incidents: list[str]) -> DataFrame:
    return spark.createDataFrame(list(enumerate(incidents)), "id long, incident string")


def texts(results: DataFrame) -> list[str]:
    rows = sorted(results.collect(), key=lambda row: row.id)
    assert [row.id for row in rows] == list(range(len(rows)))
    assert all((row.answer is None) != (row.problem is None) for row in rows)
    return [row.answer or row.problem for row in rows]


@pytest.mark.parametrize(("partitions", "batch_rows"), [(1, 10_000), (3, 7), (8, 1)])
def test_a_data_frame_has_the_bytes_of_one_process_in_any_partitioning(
    spark: SparkSession,
    frame: DataFrame,
    run: DistributedRun,
    incidents: list[str],
    partitions: int,
    batch_rows: int,
) -> None:
    before = spark.conf.get(BATCH_ROWS)
    spark.conf.set(BATCH_ROWS, batch_rows)
    try:
        results = assess_dataframe(run, frame.repartition(partitions))
        assert texts(results) == in_one_process(run, incidents)
    finally:
        spark.conf.set(BATCH_ROWS, before)


def test_lean_answers_are_the_same_on_spark(frame: DataFrame, incidents: list[str]) -> None:
    run = prepare(HARBOUR, as_of=NOON, fields="alert.code")
    assert texts(assess_dataframe(run, frame)) == in_one_process(run, incidents)


def test_outputs_can_be_columns_that_spark_counts_and_parquet_keeps(
    frame: DataFrame, run: DistributedRun, tmp_path: Path
) -> None:
    results = assess_dataframe(run, frame, keep=["id"], lifted=True)
    assert results.columns == ["id", "answer", "problem", "alert"]
    results.write.parquet(str(tmp_path / "results"))
    found = pq.read_table(tmp_path / "results").to_pandas()
    counted = {row.alert: row["count"] for row in results.groupBy("alert").count().collect()}
    assert counted.keys() == {"storm", "gale", "calm", None}
    assert counted == {
        None if pd.isna(value) else value: number
        for value, number in found["alert"].value_counts(dropna=False).items()
    }
    assert found["alert"].isna().equals(found["problem"].notna())


def test_an_incident_can_be_bytes_null_or_made_of_columns(
    spark: SparkSession, run: DistributedRun
) -> None:
    rows = [(0, '{"facts": {}}'), (1, None)]
    frame = spark.createDataFrame(rows, "id long, body string")
    binary = frame.select("id", col("body").cast("binary"))
    assert [
        row.problem is None for row in assess_dataframe(run, binary, column="body").collect()
    ] == [True, False]
    flat = spark.createDataFrame([(30,)], "speed int")
    body = to_json(struct(struct(struct("speed").alias("wind")).alias("facts")))
    [found] = assess_dataframe(run, flat.withColumn("incident", body), lifted=True).collect()
    assert (found.speed, found.alert, found.problem) == (30, "storm", None)


def counts_by_process(spark: SparkSession, key: PackKey) -> dict[int, tuple[int, int]]:
    """How many times the pack arrived and was loaded in each Python worker that is there."""

    def counted(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import os
        import time

        from service.distributed.worker_packs import PROCESS_PACKS

        list(batches)
        time.sleep(0.5)  # so that no worker counts for two partitions
        one = PROCESS_PACKS.counts(key)
        yield pa.RecordBatch.from_pydict(
            {"process": [os.getpid()], "arrived": [one.arrived], "loaded": [one.loaded]}
        )

    found = spark.range(0, 2, 1, 2).mapInArrow(counted, "process long, arrived long, loaded long")
    return {row.process: (row.arrived, row.loaded) for row in found.collect()}


def test_a_python_worker_reads_the_pack_once_and_keeps_it_for_later_tasks(
    spark: SparkSession, frame: DataFrame
) -> None:
    run = prepare(HARBOUR, as_of=NOON, engine="reference")
    for _ in range(2):  # two tables, as two batches of a stream
        results = assess_dataframe(run, frame.repartition(12))
        for _ in range(2):
            assert len(results.collect()) == frame.count()
    found = counts_by_process(spark, run.settings.pack)
    assert set(found.values()) == {(1, 1)}, found
    assert len(found) == 2


def test_a_worker_with_another_tocsin_fails_the_run(frame: DataFrame, run: DistributedRun) -> None:
    key = replace(run.settings.pack, tocsin="0.0.9")
    other = replace(run, pack=replace(run.pack, key=key), settings=replace(run.settings, pack=key))
    with pytest.raises(PythonException, match=r"the run began with Tocsin 0\.0\.9"):
        assess_dataframe(other, frame).collect()


def test_a_column_with_a_dot_is_refused_unless_it_is_left_out(
    frame: DataFrame, run: DistributedRun
) -> None:
    """`mapInArrow` of Spark cannot take it."""
    dotted = frame.withColumnRenamed("id", "key.id")
    with pytest.raises(ValueError, match=r"the column 'key\.id' for a structure: rename it"):
        assess_dataframe(run, dotted)
    assert assess_dataframe(run, dotted, keep=[]).count() == frame.count()


def test_a_wrong_column_fails_before_any_work(frame: DataFrame, run: DistributedRun) -> None:
    with pytest.raises(ValueError, match="there is no column 'body'; there are: id, incident"):
        assess_dataframe(run, frame, column="body")
