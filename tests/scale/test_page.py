"""The examples of docs/scale.md for the engines run as they stand there, and give the bytes of one process."""

from __future__ import annotations

import gzip
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from distributed import Client
from pyspark.sql import SparkSession

from service.distributed.run import DistributedRun, prepare
from tests.scale.corpus import in_one_process, incidents_of
from tests.server import ROOT

PACK = ROOT / "rules" / "pr_crisis"
PAGE = (ROOT / "docs" / "scale.md").read_text("utf-8")
EXAMPLES = dict(
    re.findall(r"<!-- example: ([\w ]+) -->\n```python\n(.*?)```", PAGE, re.DOTALL),
)


def example(name: str) -> Any:
    return compile(EXAMPLES[name], f"docs/scale.md, {name}", "exec")


@pytest.fixture(scope="module")
def texts() -> list[str]:
    return [text for text in incidents_of(PACK, 60) if text]


@pytest.fixture(scope="module")
def expected(texts: list[str]) -> list[str]:
    run: DistributedRun = prepare(PACK, as_of=datetime(2026, 3, 1, tzinfo=UTC), fields="grade,type")
    return in_one_process(run, texts)


@pytest.fixture(scope="module")
def folder(spark_folder: Path, texts: list[str]) -> Path:
    """Has all that the examples read."""
    folder = spark_folder
    (folder / "rules").symlink_to(ROOT / "rules")
    for number in range(3):
        part = texts[number * 20 : (number + 1) * 20]
        file = folder / "incidents" / f"{number}.ndjson"
        file.parent.mkdir(exist_ok=True)
        file.write_text("".join(f"{text}\n" for text in part), "utf-8")
    table = pd.DataFrame({"id": range(len(texts)), "incident": texts, "note": "not kept"})
    table.to_parquet(folder / "incidents.parquet")
    (folder / "arriving").mkdir()
    return folder


@pytest.fixture
def here(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(folder)
    return folder


def results_in(path: Path) -> list[str]:
    found = pd.read_parquet(path).sort_values("id")
    assert list(found.columns)[:3] == ["id", "answer", "problem"]
    return [
        problem if pd.isna(answer) else answer
        for answer, problem in zip(found["answer"], found["problem"], strict=True)
    ]


def test_the_examples_of_dask(
    client: Client, here: Path, expected: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert "tcp://scheduler:8786" in EXAMPLES["Dask bag"]
    address = client.cluster.scheduler_address
    code = EXAMPLES["Dask bag"].replace("tcp://scheduler:8786", address)
    found: dict[str, Any] = {}
    exec(code, found)
    exec(example("Dask data frame"), found)
    found["client"].close()
    parts = sorted((here / "answers").iterdir())
    lines = [
        line
        for part in parts
        for line in gzip.decompress(part.read_bytes()).decode().removesuffix("\n").split("\n")
    ]
    assert lines == expected
    assert results_in(here / "answers.parquet") == expected
    assert re.search(r"^red +\d+$", capsys.readouterr().out, re.MULTILINE)


def test_the_examples_of_spark_in_a_batch_and_in_a_stream_that_goes_on_where_it_stopped(
    spark: SparkSession, here: Path, texts: list[str], expected: list[str]
) -> None:
    found: dict[str, Any] = {}
    exec(example("Spark"), found)
    assert results_in(here / "answers-of-spark.parquet") == expected
    by_text = dict(zip(texts, expected, strict=True))
    for number, part in enumerate((texts[:25], texts[25:40], [], texts[40:])):
        if part:
            text = "".join(f"{one}\n" for one in part)
            (here / "arriving" / f"{number}.txt").write_text(text, "utf-8")
        exec(example("Spark stream"), found)
    rows = spark.read.parquet(str(here / "answers-of-stream")).collect()
    answered = [row.answer or row.problem for row in rows]
    assert sorted(answered) == sorted(by_text[text] for text in texts)
    assert all(row.grade == json.loads(row.answer)["grade"]["code"] for row in rows if row.answer)
