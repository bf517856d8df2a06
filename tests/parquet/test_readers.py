"""pandas and DuckDB read the folder of parts with the types that the pack gives: codes, moments with a zone, lists."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from datetime import datetime
from pathlib import Path

import duckdb
import pandas
import pyarrow
import pyarrow.parquet
import pytest

from tests.packs import HARBOUR
from tests.parquet.written import (
    COMMAND,
    COUNT,
    MOMENT,
    WRONG,
    WrittenAnswers,
    assess,
    write_answers,
)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> WrittenAnswers:
    return write_answers(tmp_path_factory.mktemp("parquet"))


def test_pandas_reads_every_row_in_order_with_its_types(written: WrittenAnswers) -> None:
    frame = pandas.read_parquet(written.folder)
    right = [line for line in written.lines if "alert" in line]
    answers = frame[frame["problem.code"].isna()]
    assert list(frame["line"]) == list(range(1, COUNT + 1))
    assert list(answers["assessment_id"]) == [line["assessment_id"] for line in right]
    assert list(answers["alert.code"]) == [line["alert"]["code"] for line in right]
    assert list(answers["outputs.load.value"]) == [
        line["outputs"]["load"]["value"] for line in right
    ]
    assert list(frame["alert.code"].cat.categories) == ["storm", "gale", "calm"]
    assert str(frame["as_of"].dt.tz) == "Asia/Shanghai"
    for column in ("as_of", "next_review"):
        moments = [datetime.fromisoformat(line[column]) for line in right]
        assert [moment.to_pydatetime() for moment in answers[column]] == moments
    actions = [[one["code"] for one in line["actions"]] for line in right]
    assert [list(codes) for codes in answers["actions.code"]] == actions


def test_a_wrong_line_is_a_row_with_its_problem(written: WrittenAnswers) -> None:
    frame = pandas.read_parquet(written.folder)
    row = frame.iloc[WRONG]
    assert (row["line"], row["problem.code"], row["problem.status"]) == (
        WRONG + 1,
        "invalid-request",
        422,
    )
    assert row["incident_id"] == f"i-{WRONG}"
    assert pandas.isna(row["assessment_id"])
    assert frame["problem.code"].count() == 1


def test_duckdb_reads_the_same(written: WrittenAnswers) -> None:
    parts = f"'{written.folder}/*.parquet'"
    counted = dict(duckdb.sql(f'select "alert.code", count(*) from {parts} group by 1').fetchall())
    alerts = [line["alert"]["code"] if "alert" in line else None for line in written.lines]
    assert counted == {code: alerts.count(code) for code in set(alerts)}
    types = {row[0]: row[1] for row in duckdb.sql(f"describe select * from {parts}").fetchall()}
    assert (types["as_of"], types["alert.level"], types["provisional"], types["actions.code"]) == (
        "TIMESTAMP WITH TIME ZONE",
        "BIGINT",
        "BOOLEAN",
        "VARCHAR[]",
    )
    epoch = duckdb.sql(f"select distinct epoch(as_of) from {parts} where as_of is not null")
    assert epoch.fetchall() == [(datetime.fromisoformat(MOMENT).timestamp(),)]


def test_the_schema_comes_from_the_pack_and_is_the_same_in_each_part(
    written: WrittenAnswers,
) -> None:
    parts = sorted(written.folder.iterdir())
    schemas = [pyarrow.parquet.read_schema(part) for part in parts]
    assert [part.name for part in parts] == [f"part-{number:05}.parquet" for number in range(3)]
    assert all(schema.equals(schemas[0], check_metadata=True) for schema in schemas)
    codes = schemas[0].field("alert.code").type
    assert pyarrow.types.is_dictionary(codes)
    assert schemas[0].field("next_review").type == pyarrow.timestamp("us", tz="Asia/Shanghai")


def test_no_line_gives_a_part_with_the_schema_and_no_row(tmp_path: Path) -> None:
    file = tmp_path / "empty.ndjson"
    file.touch()
    assert assess(file, "--to", "parquet", "--out", tmp_path / "out").returncode == 0
    frame = pandas.read_parquet(tmp_path / "out")
    assert (len(frame), "alert.code" in frame) == (0, True)


def test_a_run_that_is_cut_goes_on_and_gives_the_same_files(
    written: WrittenAnswers, tmp_path: Path
) -> None:
    out = tmp_path / "cut"
    given = (written.folder.with_name("incidents.ndjson"), "--to", "parquet", "--out", out)
    run = subprocess.Popen(
        [*COMMAND, "assess", "--pack", HARBOUR, "--engine", "reference", "--as-of", MOMENT, *given],
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    while not list(out.glob("*.parquet")):
        assert run.poll() is None
        time.sleep(0.01)
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    assert len(list(out.glob("*.parquet"))) < 3
    assert assess(*given, "--resume").returncode == 1
    whole = {part.name: part.read_bytes() for part in written.folder.iterdir()}
    assert {part.name: part.read_bytes() for part in out.iterdir()} == whole


def test_a_folder_with_other_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "incidents.ndjson").touch()
    out = tmp_path / "out"
    out.mkdir()
    (out / "part-00000.parquet").write_bytes(b"of another program")
    done = assess(tmp_path / "incidents.ndjson", "--to", "parquet", "--out", out)
    assert done.returncode == 2
    assert b"has content, and no journal of a run is beside it" in done.stderr
    assert (out / "part-00000.parquet").read_bytes() == b"of another program"


def test_a_file_of_another_program_in_the_folder_is_refused_and_the_journal_stays(
    tmp_path: Path,
) -> None:
    file, out = tmp_path / "incidents.ndjson", tmp_path / "out"
    file.touch()
    given = (file, "--to", "parquet", "--out", out)
    assert assess(*given).returncode == 0
    (out / "notes.txt").write_text("mine")
    journal = tmp_path / "out.journal"
    before = journal.read_bytes()
    done = assess(*given)
    assert (done.returncode, b"has other files, such as 'notes.txt'" in done.stderr) == (2, True)
    assert journal.read_bytes() == before
    assert sorted(one.name for one in out.iterdir()) == ["notes.txt", "part-00000.parquet"]


def test_there_is_no_part_before_its_rows_are_there(tmp_path: Path) -> None:
    """A pipe that gives no line yet: the run waits for it."""
    out, pipe = tmp_path / "out", tmp_path / "pipe"
    os.mkfifo(pipe)
    given = ("assess", "--pack", HARBOUR, "--engine", "reference", "--as-of", MOMENT, pipe)
    with subprocess.Popen([*COMMAND, *given, "--to", "parquet", "--out", out]) as run:
        with pipe.open("wb") as lines:
            while not out.exists():
                assert run.poll() is None
                time.sleep(0.01)
            time.sleep(0.5)
            assert list(out.iterdir()) == []
            lines.write(b'{"facts": {}}\n')
        assert run.wait(timeout=60) == 0
    assert [one.name for one in out.iterdir()] == ["part-00000.parquet"]
