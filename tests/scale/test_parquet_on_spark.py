"""Spark reads the folder of Parquet that the command writes. A name with a dot stands between backticks there."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from pyspark.sql import SparkSession

from tests.parquet.written import COUNT, MOMENT, WRONG, write_answers


def test_spark_reads_every_row_with_its_types(spark: SparkSession, tmp_path: Path) -> None:
    written = write_answers(tmp_path)
    frame = spark.read.parquet(str(written.folder))
    assert frame.count() == COUNT
    counted = {row[0]: row[1] for row in frame.groupBy("`alert.code`").count().collect()}
    alerts = [line["alert"]["code"] if "alert" in line else None for line in written.lines]
    assert counted == {code: alerts.count(code) for code in set(alerts)}
    types = dict(frame.dtypes)
    assert (types["as_of"], types["alert.level"], types["actions.code"]) == (
        "timestamp",
        "bigint",
        "array<string>",
    )
    epochs = frame.selectExpr("unix_timestamp(as_of)").dropna().distinct().collect()
    assert [row[0] for row in epochs] == [int(datetime.fromisoformat(MOMENT).timestamp())]
    wrong = frame.where("`problem.code` is not null").collect()
    assert [row["line"] for row in wrong] == [WRONG + 1]
