"""A Dask cluster gives the answers of one process, also if a worker is killed, and each process gets the pack once."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import dask.bag as db
import dask.dataframe as dd
import pandas as pd
import pytest
from distributed import Client, LocalCluster

from service.distributed.on_dask import assess_bag, assess_dataframe, pack_counts
from service.distributed.packed_pack import PackedPack
from service.distributed.run import DistributedRun, prepare
from service.distributed.worker_packs import OtherSoftware, PackCounts, PackRefused
from service.language.files.pack_files import PackFiles
from tests.packs import HARBOUR
from tests.scale.corpus import NOON, in_one_process, incidents_of
from tests.server import ROOT

ONCE = PackCounts(arrived=1, loaded=1)


@pytest.fixture(scope="module")
def table(incidents: list[str]) -> pd.DataFrame:
    ids = [f"k-{number}" for number in range(len(incidents))]
    return pd.DataFrame({"id": ids, "incident": incidents, "day": range(len(incidents))})


@pytest.mark.parametrize("partitions", [1, 2, 7, 120])
def test_a_bag_has_the_bytes_of_one_process_in_any_partitioning(
    client: Client, run: DistributedRun, incidents: list[str], partitions: int
) -> None:
    bag = db.from_sequence(incidents, npartitions=partitions)
    assert assess_bag(client, run, bag).compute() == in_one_process(run, incidents)


@pytest.mark.parametrize("partitions", [1, 3, 40])
def test_a_data_frame_has_the_bytes_of_one_process_beside_its_own_columns(
    client: Client, run: DistributedRun, table: pd.DataFrame, partitions: int
) -> None:
    frame = dd.from_pandas(table, npartitions=partitions)
    found = assess_dataframe(client, run, frame).compute()
    assert list(found.columns) == ["id", "day", "answer", "problem"]
    assert list(found["id"]) == list(table["id"])
    texts = found["answer"].fillna(found["problem"]).tolist()
    assert texts == in_one_process(run, table["incident"].tolist())
    assert found["answer"].isna().equals(found["problem"].notna())
    assert found["problem"].notna().sum() >= len(table) // 10


def test_outputs_can_be_columns_with_the_values_that_the_pack_has(
    client: Client, run: DistributedRun, table: pd.DataFrame
) -> None:
    frame = dd.from_pandas(table, npartitions=3)
    results = assess_dataframe(client, run, frame, keep=["id"], lifted=True)
    assert list(results._meta["alert"].cat.categories) == ["storm", "gale", "calm"]
    counted = results["alert"].value_counts().compute()
    found = results.compute()
    assert counted.sum() == found["answer"].notna().sum()
    assert found["alert"].isna().equals(found["problem"].notna())
    assert {len(found), len(counted)} == {len(table), 3}


def test_lean_answers_are_the_same_on_the_cluster(client: Client, incidents: list[str]) -> None:
    run = prepare(HARBOUR, as_of=NOON, fields="alert")
    found = assess_bag(client, run, db.from_sequence(incidents, npartitions=5)).compute()
    assert found == in_one_process(run, incidents)


def test_each_process_is_sent_the_pack_once_and_loads_it_once_whatever_number_of_runs_use_it(
    client: Client, incidents: list[str]
) -> None:
    run = prepare(HARBOUR, as_of=NOON, engine="reference")
    for partitions in (2, 30):
        bag = db.from_sequence(incidents, npartitions=partitions)
        assess_bag(client, run, bag).compute()
    assert list(pack_counts(client, run).values()) == [ONCE, ONCE]


def test_a_null_is_a_problem_and_what_is_no_text_fails(client: Client, run: DistributedRun) -> None:
    frame = dd.from_pandas(pd.DataFrame({"incident": ["{}", None, "{}"]}), npartitions=1)
    found = assess_dataframe(client, run, frame).compute()
    assert list(found["problem"].str.contains("invalid-json")) == [False, True, False]
    numbers = dd.from_pandas(pd.DataFrame({"incident": [1, 2]}), npartitions=1)
    with pytest.raises(TypeError, match="the column 'incident' has a int"):
        assess_dataframe(client, run, numbers).compute()


def test_a_wrong_column_fails_before_any_work(
    client: Client, run: DistributedRun, table: pd.DataFrame
) -> None:
    frame = dd.from_pandas(table, npartitions=2)
    with pytest.raises(ValueError, match="there is no column 'body'; there are: id, incident, day"):
        assess_dataframe(client, run, frame, column="body")


def sent_as(run: DistributedRun, packed: PackedPack) -> DistributedRun:
    return replace(run, pack=packed, settings=replace(run.settings, pack=packed.key))


def test_a_pack_that_does_not_load_on_the_workers_fails_before_any_work(
    client: Client, run: DistributedRun, incidents: list[str]
) -> None:
    contents = {**run.pack.files().contents, "facts.yaml": b"fact: {}\n"}
    broken = sent_as(run, PackedPack.of(PackFiles(Path("harbour"), contents), "both"))
    with pytest.raises(PackRefused, match=r"(?s)harbour/facts\.yaml:1:.*hint: did you mean"):
        assess_bag(client, broken, db.from_sequence(incidents, npartitions=2))


def test_workers_with_another_tocsin_fail_before_any_work(
    client: Client, run: DistributedRun, incidents: list[str]
) -> None:
    key = replace(run.settings.pack, tocsin="0.0.9")
    with pytest.raises(OtherSoftware, match=r"the run began with Tocsin 0\.0\.9"):
        assess_bag(client, sent_as(run, replace(run.pack, key=key)), db.from_sequence(incidents))


@pytest.fixture
def own_client() -> Iterator[Client]:
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster,
        Client(cluster) as client,
    ):
        yield client


def test_a_worker_that_is_killed_in_the_middle_loses_and_doubles_nothing(
    own_client: Client, tmp_path: Path
) -> None:
    run = prepare(ROOT / "rules" / "pr_crisis", as_of=NOON, fields="grade,type")
    incidents = incidents_of(ROOT / "rules" / "pr_crisis", 2000)
    bag = db.from_sequence(incidents, npartitions=40)
    before = own_client.run(os.getpid)
    answers = assess_bag(own_client, run, bag)
    futures = own_client.compute(answers.to_textfiles(str(tmp_path / "*.ndjson"), compute=False))
    written = until_written(tmp_path, 5)
    os.kill(victim := next(iter(before.values())), signal.SIGKILL)
    own_client.gather(futures)
    own_client.wait_for_workers(2, timeout=180)
    assert written < 40
    assert victim not in own_client.run(os.getpid).values()
    lines = [
        line for part in sorted(tmp_path.iterdir()) for line in part.read_text("utf-8").split("\n")
    ]
    assert lines == in_one_process(run, incidents)
    assert {one.arrived for one in pack_counts(own_client, run).values()} == {1}


def until_written(folder: Path, parts: int) -> int:
    """Waits for so many files of results. Returns how many there are then."""
    end = time.monotonic() + 180
    while len(found := list(folder.iterdir())) < parts:
        assert time.monotonic() < end, "no results"
        time.sleep(0.01)
    return len(found)
