"""Several files, patterns, compressed files: one answer a line, in the order of the lines, whatever the number of processes is."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
from pathlib import Path

import pytest
import zstandard

from tests.bulk import (
    ENVIRONMENT,
    MOMENT,
    arguments,
    assess,
    each_line,
    file_of,
    incident,
    incidents,
    rows,
    without_progress,
)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return file_of(tmp_path_factory.mktemp("many") / "many.ndjson", incidents(1500, as_of=MOMENT))


@pytest.fixture(scope="module")
def answers(many: Path) -> bytes:
    """What the command writes line by line."""
    status, written, _ = assess("-", said=many.read_bytes())
    assert status == 0
    return written


@pytest.mark.parametrize("jobs", [(), ("--jobs", "1"), ("--jobs", "5")], ids=str)
def test_the_bytes_are_those_of_one_process_and_in_order(
    many: Path, answers: bytes, jobs: tuple[str, ...]
) -> None:
    status, written, said = assess(many, *jobs)
    assert (status, written == answers, without_progress(said)) == (0, True, [])


def test_several_files_and_patterns_are_read_in_order_and_each_once(tmp_path: Path) -> None:
    for name, first in (("b", 10), ("a", 0), ("c", 20)):
        file_of(tmp_path / f"{name}.ndjson", incidents(2, first))
    given = (tmp_path / "c.ndjson", tmp_path / "*.ndjson")
    status, written, _ = assess(*given, "--as-of", MOMENT, "--jobs", "2")
    found = [(one["incident_id"], one["line"], Path(one["file"]).name) for one in rows(written)]
    assert status == 0
    assert found == [
        ("i-20", 1, "c.ndjson"),
        ("i-21", 2, "c.ndjson"),
        ("i-0", 1, "a.ndjson"),
        ("i-1", 2, "a.ndjson"),
        ("i-10", 1, "b.ndjson"),
        ("i-11", 2, "b.ndjson"),
    ]


def test_standard_input_and_files_of_one_incident_are_inputs_like_others(tmp_path: Path) -> None:
    one = file_of(tmp_path / "one.json", json.dumps(incident(5), indent=2).encode())
    status, written, _ = assess("-", one, "--as-of", MOMENT, said=incidents(2))
    assert status == 0
    assert list(each_line(written)) == [("i-0", 1), ("i-1", 2), ("i-5", 1)]


def test_a_compressed_file_of_one_incident_is_one_incident(tmp_path: Path) -> None:
    whole = json.dumps(incident(5, as_of=MOMENT), indent=2).encode()
    one = file_of(tmp_path / "one.json.gz", gzip.compress(whole))
    status, written, _ = assess(one)
    assert (status, list(each_line(written))) == (0, [("i-5", 1)])


def test_no_more_is_read_than_an_incident_may_have(tmp_path: Path) -> None:
    one = tmp_path / "one.json"
    with one.open("wb") as file:
        file.truncate(1024**4)  # a terabyte, of which the disk stores nothing
    for given in ((one,), (one, "--jobs", "1", "--as-of", MOMENT), (one, "--report")):
        status, written, _ = assess(*given)
        assert (status, rows(written)[0]["code"]) == (1, "body-too-large")


def test_a_body_behind_too_many_blanks_is_a_problem_and_a_line_of_blanks_is_none() -> None:
    more = json.dumps(incident(5)).encode()
    said = b" " * 2**20 + more + b"\n" + b" " * 2**21 + b"\n" + b" " * 2**10 + b"\n" + more
    status, written, _ = assess("-", said=said)
    found = [(one["line"], one.get("code")) for one in rows(written)]
    assert (status, found) == (1, [(1, "body-too-large"), (4, None)])


def test_compressed_files_are_read_and_written_by_their_endings(
    tmp_path: Path, many: Path, answers: bytes
) -> None:
    half = len(many.read_bytes().splitlines(keepends=True)) // 2
    lines = many.read_bytes().splitlines(keepends=True)
    parts = [b"".join(lines[:half]), b"".join(lines[half:])]
    pack = zstandard.ZstdCompressor().compress
    zipped = file_of(tmp_path / "many.ndjson.gz", b"".join(map(gzip.compress, parts)))
    framed = file_of(tmp_path / "many.ndjson.zst", b"".join(map(pack, parts)))
    for read, out in ((zipped, "answers.ndjson.zst"), (framed, "answers.ndjson.gz")):
        assert assess(read, "--out", tmp_path / out)[:2] == (0, b"")
    assert gzip.decompress((tmp_path / "answers.ndjson.gz").read_bytes()) == answers
    with (tmp_path / "answers.ndjson.zst").open("rb") as file:
        stream = zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True)
        assert stream.read() == answers


@pytest.mark.parametrize("ending", [".gz", ".zst"])
def test_a_file_that_is_cut_gives_a_problem_line_and_the_next_file_is_read(
    tmp_path: Path, ending: str
) -> None:
    compress = gzip.compress if ending == ".gz" else zstandard.ZstdCompressor().compress
    whole = compress(incidents(300))
    cut = file_of(tmp_path / f"a.ndjson{ending}", whole[: len(whole) * 9 // 10])
    after = file_of(tmp_path / "b.ndjson", incidents(1, 900))
    status, written, _ = assess(cut, after, "--as-of", MOMENT)
    *_, problem, last = rows(written)
    assert (status, problem["code"], last["incident_id"]) == (1, "unreadable-input", "i-900")
    assert problem["line"] == len(rows(written)) - 1
    assert Path(problem["file"]) == cut


def test_no_line_gives_no_answer_and_a_whole_compressed_file(tmp_path: Path) -> None:
    empty = file_of(tmp_path / "empty.ndjson", b"\n \n")
    assert assess(empty) == (0, b"", "")
    assert assess(empty, "--out", tmp_path / "answers.gz") == (0, b"", "")
    assert gzip.decompress((tmp_path / "answers.gz").read_bytes()) == b""


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("nothing.ndjson", "cannot be read: No such file or directory"),
        ("*.nothing", "no file matches"),
        (".", "is a folder"),
    ],
)
def test_an_input_that_is_not_there_is_wrong_usage(tmp_path: Path, named: str, said: str) -> None:
    status, written, told = assess(tmp_path / named, "--jobs", "1")
    assert (status, written) == (2, b"")
    assert said in told.splitlines()[-1]


def test_without_zstandard_a_line_says_what_to_install(tmp_path: Path) -> None:
    """A folder before all others hides the library, as if it were not installed."""
    hidden = 'import sys; sys.modules["zstandard"] = None\n'
    file_of(tmp_path / "sitecustomize.py", hidden.encode())
    name = file_of(tmp_path / "a.ndjson.zst", b"")
    done = subprocess.run(
        arguments(name),
        capture_output=True,
        timeout=60,
        env={**ENVIRONMENT, "PYTHONPATH": str(tmp_path)},
    )
    last = done.stderr.decode().splitlines()[-1]
    assert (done.returncode, last) == (
        2,
        "Error: .zst needs the library zstandard: pip install --require-hashes -r requirements-zstd.txt",
    )


def test_a_wrong_line_is_a_problem_with_its_line_and_ends_nothing(tmp_path: Path) -> None:
    wrong = b'{"facts": 1}\nno json\n'
    file = file_of(tmp_path / "a.ndjson", incidents(300) + wrong + incidents(300, 300))
    status, written, _ = assess(file, "--as-of", MOMENT, "--jobs", "2")
    found = rows(written)
    assert (status, len(found)) == (1, 602)
    problems = [(one["line"], one["code"]) for one in found if "code" in one]
    assert problems == [(301, "invalid-request"), (302, "invalid-json")]
    assert [one["line"] for one in found] == list(range(1, 603))


def test_one_run_has_one_moment(tmp_path: Path) -> None:
    file = file_of(tmp_path / "a.ndjson", incidents(2))
    status, written, said = assess(file, "--jobs", "1")
    assert (status, written) == (2, b"")
    assert f"line 1 of {file} has no as_of: add --as-of MOMENT" in said.splitlines()[-1]
    assert assess(file, "--resume", "--out", tmp_path / "out")[0] == 2
    own = "2025-05-05T05:00:00+08:00"
    mixed = file_of(tmp_path / "b.ndjson", incidents(1) + incidents(1, 1, as_of=own))
    status, written, _ = assess(mixed, "--jobs", "1", "--as-of", MOMENT)
    assert [one["as_of"] for one in rows(written)] == ["2026-01-01T16:00:00+08:00", own]
    late = file_of(tmp_path / "c.ndjson", incidents(256, as_of=MOMENT) + incidents(1))
    status, written, _ = assess(late, "--jobs", "1")
    error = rows(written)[-1]["errors"][0]
    assert (status, error["path"], error["code"]) == (1, "as_of", "missing")


def test_a_moment_that_is_none_is_wrong_usage(tmp_path: Path) -> None:
    file = file_of(tmp_path / "a.ndjson", incidents(1))
    status, _, said = assess(file, "--as-of", "yesterday")
    assert (status, "RFC 3339" in said) == (2, True)


def test_fields_that_no_pack_has_are_wrong_usage_and_the_ids_are_always_there(
    tmp_path: Path,
) -> None:
    file = file_of(tmp_path / "a.ndjson", incidents(1))
    status, written, said = assess(file, "--fields", "alert,aktions")
    assert (status, written) == (2, b"")
    assert said.splitlines()[-1] == (
        "Error: --fields: 'aktions' is not a key of an answer; did you mean 'actions'?"
    )
    _, written, _ = assess(file, "--fields", "alert", "--as-of", MOMENT)
    found = {"assessment_id", "incident_id", "as_of", "pack", "alert", "previous_ignored", "line"}
    assert rows(written)[0].keys() == found


def test_lenient_handling_is_that_of_a_single_line(tmp_path: Path) -> None:
    wrong = {"facts": {"wind": {"speed": "much"}}, "as_of": MOMENT}
    file = file_of(tmp_path / "a.ndjson", json.dumps(wrong).encode())
    assert assess(file)[0] == 1
    status, written, _ = assess(file, "--lenient", "--jobs", "1")
    assert (status, rows(written)[0]["ignored"][0]["path"]) == (0, "facts.wind.speed")


def test_an_output_that_is_an_input_is_refused(tmp_path: Path) -> None:
    file = file_of(tmp_path / "a.ndjson", incidents(1))
    status, _, said = assess(tmp_path / "*.ndjson", "--out", file)
    assert (status, "is read and written" in said) == (2, True)
    assert file.read_bytes() == incidents(1)


def test_a_reader_that_is_gone_ends_the_run_quietly(many: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        arguments(many, "--jobs", "2"), stdout=writer, stderr=subprocess.PIPE, env=ENVIRONMENT
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, b"")


def test_a_full_disk_is_one_line(many: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(arguments(many), stdout=full, stderr=subprocess.PIPE, env=ENVIRONMENT)
    assert (done.returncode, done.stderr.decode()) == (
        1,
        "tocsin: standard output cannot be written: No space left on device\n",
    )
    status, _, said = assess(many, "--out", "/dev/full")
    assert (status, said) == (1, "Error: '/dev/full' cannot be written: No space left on device\n")


def test_without_pyarrow_a_line_says_what_to_install(tmp_path: Path) -> None:
    """The environment of these tests has none."""
    file = file_of(tmp_path / "a.ndjson", incidents(1))
    status, _, said = assess(file, "--to", "parquet", "--out", tmp_path / "out")
    assert (status, said.splitlines()[-1]) == (
        2,
        "Error: --to parquet needs the library pyarrow: pip install --require-hashes -r requirements-parquet.txt",
    )
