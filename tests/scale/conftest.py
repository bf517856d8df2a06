"""The engines, each started once for all tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

import pytest
from distributed import Client, LocalCluster
from pyspark.sql import SparkSession

from service.distributed.run import DistributedRun, prepare
from tests.packs import HARBOUR
from tests.scale.corpus import NOON, incidents_of


@pytest.fixture(scope="session")
def run() -> DistributedRun:
    return prepare(HARBOUR, as_of=NOON)


@pytest.fixture(scope="session")
def incidents() -> list[str]:
    return incidents_of(HARBOUR, 120)


@pytest.fixture(scope="session")
def client() -> Iterator[Client]:
    """Of a cluster of two worker processes with one thread each."""
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster,
        Client(cluster) as client,
    ):
        yield client


@pytest.fixture(scope="session")
def spark_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """In which Spark finds relative paths."""
    return tmp_path_factory.mktemp("spark")


@pytest.fixture(scope="session")
def spark(spark_folder: Path) -> Iterator[SparkSession]:
    """A local Spark with two Python workers at a time. The Python of PYSPARK_PYTHON runs them."""
    builder = SparkSession.builder.master("local[2]").appName("tocsin")
    for name, value in {
        "spark.ui.enabled": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.sql.shuffle.partitions": "2",
        "spark.log.level": "ERROR",
    }.items():
        builder = builder.config(name, value)
    with chdir(spark_folder):
        session = builder.getOrCreate()
    yield session
    session.stop()
