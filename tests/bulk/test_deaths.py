"""Processes of a run die, are killed or are asked to stop: no line is lost, none is doubled, and the run can go on."""

from __future__ import annotations

import gzip
import json
import os
import random
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.bulk import (
    MOMENT,
    assess,
    blocks_of,
    file_of,
    incidents,
    kill_all,
    rows,
    started,
    wait_for,
    without_progress,
    workers_of,
)
from tests.packs import copy_of_harbour
from tests.server import ROOT

DEFAULT_PACK = ROOT / "rules" / "pr_crisis"
CUTS = 10


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return file_of(tmp_path_factory.mktemp("many") / "many.ndjson", incidents(8000))


@pytest.fixture(scope="module")
def undisturbed(many: Path) -> bytes:
    out = many.with_name("undisturbed")
    assert assess(many, "--as-of", MOMENT, "--jobs", "2", "--out", out)[0] == 0
    return out.read_bytes()


def slow_lines(count: int) -> bytes:
    """Each takes some hundredths of a second."""
    line = json.dumps({"as_of": MOMENT, "facts": {}, "contingency": True, "explain": "full"})
    return (line.encode() + b"\n") * count


def in_the_middle(out: Path, run: subprocess.Popen[bytes], blocks: int = 1) -> None:
    """Waits until so many blocks are written."""
    wait_for(lambda: blocks_of(out) >= blocks, run)


def test_a_worker_that_is_killed_is_replaced_and_its_block_done_again(
    tmp_path: Path, many: Path, undisturbed: bytes
) -> None:
    out = tmp_path / "out"
    run = started(many, "--as-of", MOMENT, "--jobs", "2", "--out", out)
    for blocks in (1, 9, 17):  # far apart: no block dies twice
        in_the_middle(out, run, blocks)
        os.kill(workers_of(run, out)[0], signal.SIGKILL)
    said = run.communicate(timeout=60)[1]
    assert (run.returncode, without_progress(said)) == (0, [])
    assert out.read_bytes() == undisturbed


def test_a_block_that_kills_its_worker_twice_is_told_and_passed_over(tmp_path: Path) -> None:
    file = file_of(tmp_path / "slow.ndjson", slow_lines(100))
    out = tmp_path / "out"
    run = started(file, "--jobs", "1", "--out", out, pack=DEFAULT_PACK)
    first = wait_for(lambda: workers_of(run, out), run)
    os.kill(first[0], signal.SIGKILL)
    second = wait_for(lambda: set(workers_of(run, out)) - set(first), run)
    os.kill(second.pop(), signal.SIGKILL)
    said = run.communicate(timeout=60)[1]
    found = rows(out.read_bytes())
    assert run.returncode == 1
    assert [(one["line"], one["code"]) for one in found] == [
        (line, "worker-died") for line in range(1, 101)
    ]
    assert found[0]["detail"] == (
        f"two processes that assessed lines 1 to 100 of {file} died; the second was ended by SIGKILL"
    )
    assert without_progress(said) == [
        f"tocsin: lines 1 to 100 of {file} have no answer: two processes died over them; "
        "the second was ended by SIGKILL"
    ]


def test_a_run_whose_workers_all_die_ends_with_one_line(tmp_path: Path) -> None:
    file = file_of(tmp_path / "slow.ndjson", slow_lines(100))
    out = tmp_path / "out"
    run = started(file, "--jobs", "1", "--out", out, pack=DEFAULT_PACK)
    while run.poll() is None:
        for one in workers_of(run, out):
            with suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)
        time.sleep(0.001)
    told = run.communicate()[1].decode().splitlines()
    assert run.returncode == 1
    assert told[-1] == "Error: no worker process can live: the last one was ended by SIGKILL"


def test_workers_end_with_their_run(many: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run = started(many, "--as-of", MOMENT, "--jobs", "2", "--out", out)
    workers = wait_for(lambda: workers_of(run, out), run)
    os.kill(run.pid, signal.SIGKILL)
    run.communicate()
    end = time.monotonic() + 20
    while any(is_alive(one) for one in workers) and time.monotonic() < end:
        time.sleep(0.01)
    assert not any(is_alive(one) for one in workers)


def is_alive(process: int) -> bool:
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_a_run_that_is_killed_ten_times_gives_the_bytes_of_an_undisturbed_one(
    tmp_path: Path, many: Path, undisturbed: bytes, ending: str
) -> None:
    out, seed = tmp_path / f"out{ending}", random.randrange(10**6)
    chance, done = random.Random(seed), [0]
    given = (many, "--as-of", MOMENT, "--jobs", "2", "--out", out, "--resume", "--summary")
    for _ in range(CUTS):
        run = started(*given)
        reached = chance.randint(0, 2)  # blocks that are written before the moment
        wait_for(lambda more=reached: blocks_of(out) >= done[-1] + more, run)
        time.sleep(chance.random() * 0.05)
        kill_all(run)
        done.append(blocks_of(out))
    assert done == sorted(done), seed
    assert 0 < done[-1] < 32, seed
    status, told, said = assess(*given)
    written = gzip.decompress(out.read_bytes()) if ending else out.read_bytes()
    assert (status, without_progress(said), written == undisturbed) == (0, [], True), seed
    assert told.startswith(b"8,000 lines: 8,000 answers, 0 problems\n")
    assert assess(*given)[:2] == (0, told)


def test_a_compressed_output_has_the_same_bytes_whatever_cut_it(tmp_path: Path) -> None:
    file = file_of(tmp_path / "a.ndjson", incidents(2000))
    given = (file, "--as-of", MOMENT, "--resume", "--out")
    assert assess(*given, tmp_path / "whole.gz")[0] == 0
    run = started(*given, tmp_path / "cut.gz")
    in_the_middle(tmp_path / "cut.gz", run)
    kill_all(run)
    assert assess(*given, tmp_path / "cut.gz")[0] == 0
    assert (tmp_path / "cut.gz").read_bytes() == (tmp_path / "whole.gz").read_bytes()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=str)
def test_a_run_that_is_asked_to_stop_says_so_in_one_line_and_can_go_on(
    tmp_path: Path, many: Path, undisturbed: bytes, number: signal.Signals
) -> None:
    out = tmp_path / "out"
    given = (many, "--as-of", MOMENT, "--jobs", "2", "--out", out)
    run = started(*given)
    in_the_middle(out, run)
    os.killpg(run.pid, signal.SIGINT) if number == signal.SIGINT else os.kill(run.pid, number)
    said = run.communicate(timeout=60)[1]
    assert (run.returncode, without_progress(said)) == (
        128 + number,
        [f"tocsin: stopped by {number.name}; --resume goes on"],
    )
    assert out.read_bytes() != undisturbed
    status, _, told = assess(*given)
    assert (status, "is of a run that was cut: add --resume" in told) == (2, True)
    assert assess(*given, "--resume")[0] == 0
    assert out.read_bytes() == undisturbed


@pytest.fixture
def cut(tmp_path: Path) -> Path:
    """An output that is cut, of the file a.ndjson beside it, by a copy of the harbour pack."""
    copy_of_harbour(tmp_path)
    file = file_of(tmp_path / "a.ndjson", incidents(3000))
    out = tmp_path / "out"
    run = started(file, "--as-of", MOMENT, "--out", out, pack=tmp_path / "harbour")
    in_the_middle(out, run)
    kill_all(run)
    return out


@pytest.mark.parametrize(
    ("change", "more", "told"),
    [
        ("pack", (), "a pack changed since the run began: harbour was "),
        ("file", (), "an input changed since the run began: "),
        ("", ("--fields", "alert"), "an option changed since the run began: --fields was nothing"),
        ("", ("--lenient",), "an option changed since the run began: --lenient was False, is True"),
        (
            "",
            ("--as-of", "2026-01-02T00:00:00Z"),
            "--as-of was 2026-01-01T08:00:00Z, is 2026-01-02",
        ),
        ("journal", (), "is no journal of this version"),
        ("output", (), "is shorter than its journal says"),
    ],
    ids=str,
)
def test_a_run_that_would_not_be_the_same_is_refused_in_one_line(
    cut: Path, change: str, more: tuple[str, ...], told: str
) -> None:
    file, pack = cut.with_name("a.ndjson"), cut.with_name("harbour")
    match change:
        case "pack":
            with (pack / "10_alert.yaml").open("a") as rules:
                rules.write("# changed\n")
        case "file":
            file.write_bytes(incidents(3001))
        case "journal":
            cut.with_name("out.journal").write_text("{}")
        case "output":
            cut.write_bytes(b"")
    before = cut.read_bytes()
    given: tuple[str | Path, ...] = (file, "--as-of", MOMENT, "--out", cut, "--resume", *more)
    status, _, said = assess(*given, pack=pack)
    assert (status, cut.read_bytes()) == (2, before)
    assert told in said.splitlines()[-1]


def test_a_pack_that_is_edited_in_the_middle_changes_no_answer(tmp_path: Path) -> None:
    """Also a worker that starts later has the pack of the run."""
    pack = copy_of_harbour(tmp_path)
    file = file_of(tmp_path / "a.ndjson", incidents(6000))
    out = tmp_path / "out"
    run = started(file, "--as-of", MOMENT, "--jobs", "2", "--out", out, pack=pack)
    in_the_middle(out, run)
    shutil.rmtree(pack)
    os.kill(workers_of(run, out)[0], signal.SIGKILL)
    assert without_progress(run.communicate(timeout=60)[1]) == []
    digests = {one["pack"]["digest"] for one in rows(out.read_bytes())}
    assert (run.returncode, len(digests), len(rows(out.read_bytes()))) == (0, 1, 6000)


def test_two_runs_do_not_write_one_output(tmp_path: Path, many: Path) -> None:
    given = (many, "--as-of", MOMENT, "--out", tmp_path / "out", "--resume")
    run = started(*given)
    in_the_middle(tmp_path / "out", run)
    os.kill(run.pid, signal.SIGSTOP)
    status, _, said = assess(*given)
    kill_all(run)
    assert (status, "another run writes" in said) == (2, True)


def test_what_cannot_go_on_is_wrong_usage(tmp_path: Path) -> None:
    file = file_of(tmp_path / "a.ndjson", incidents(1))
    moment = ("--as-of", MOMENT)
    assert "--resume needs --out" in assess(file, *moment, "--resume")[2]
    out = file_of(tmp_path / "out", b"something else")
    assert "--resume needs files" in assess("-", *moment, "--resume", "--out", out)[2]
    assert "no journal of a run" in assess(file, *moment, "--resume", "--out", out)[2]
    assert out.read_bytes() == b"something else"


def test_a_run_without_jobs_goes_on_with_the_moment_with_which_it_began(tmp_path: Path) -> None:
    file = file_of(tmp_path / "a.ndjson", incidents(6000))
    out = tmp_path / "out"
    run = started(file, "--out", out)
    in_the_middle(out, run)
    kill_all(run)
    time.sleep(1.1)  # an answer has whole seconds
    assert assess(file, "--out", out, "--resume")[0] == 0
    found = rows(out.read_bytes())
    assert len(found) == 6000
    assert len({one["as_of"] for one in found}) == 1
