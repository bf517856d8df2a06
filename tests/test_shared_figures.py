"""Figures that workers share through files: sums stay when workers end, and no file of an ended server stays."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.metrics.ended_workers import EndedWorkers
from service.metrics.families import (
    About,
    Counter,
    Gauge,
    GaugeValues,
    Histogram,
    ReadCounter,
    Sums,
)
from service.metrics.folder import ENDED, PREFIX, Folder, open_folder
from service.metrics.sharing import UNREADABLE, WRITTEN, SharedFigures
from service.metrics.snapshot import Snapshot, from_bytes, to_bytes
from service.private_folder import ForeignFolderError
from tests.server import ROOT
from tests.waiting import eventually

NAME = "tocsin_requests"


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The system's temporary folder is this empty one."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    return tmp_path / "temporary"


@pytest.fixture
def folder(temporary: Path) -> Iterator[Folder]:
    opened = open_folder()
    yield opened
    opened.close()


def snapshot(count: float, process: int = 1, name: str = NAME) -> Snapshot:
    return Snapshot(process, {name: {("a", "200"): (count,)}}, {"gauge": {("x",): count}})


def total(folder: Folder, but: int = 0) -> float:
    found = folder.read_all(but)
    return sum(one.sums.get(NAME, {}).get(("a", "200"), (0.0,))[0] for one in found.snapshots)


def sums(folder: Folder, worker: int) -> Sums:
    found = folder.read(worker)
    assert found is not None
    return found.sums[NAME]


def names(folder: Folder) -> set[str]:
    return {path.name for path in folder.path.iterdir()}


def delete(path: Path) -> None:
    """At one moment, whatever is being written there."""
    path.rename(path.with_name("deleted"))
    shutil.rmtree(path.with_name("deleted"), ignore_errors=True)


def test_a_snapshot_is_the_same_after_it_was_written_and_read() -> None:
    sums: dict[str, Sums] = {"a": {("x", '"\\\n'): (1.0, 0.25, 1e300)}, "b": {(): (0.0,)}, "c": {}}
    whole = Snapshot(7, sums, {"gauge": {("港",): 1.5}}, (3, 4))
    assert from_bytes(to_bytes(whole)) == whole


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0" * 4096,
        b"[]",
        b"{}",
        b"[" * 100_000,
        to_bytes(snapshot(1))[:-1],
        b'{"process":1,"sums":{"a":[[["x"],1]]},"gauges":{},"added":[]}',
        b'{"process":1,"sums":{"a":[1]},"gauges":{},"added":[]}',
        b'{"process":1e999,"sums":{},"gauges":{},"added":[]}',
        b'{"process":1,"sums":{},"gauges":{"g":[[["x"],"much"]]},"added":[]}',
        b"\xff\xfe",
    ],
)
def test_a_broken_file_is_left_out_and_counted(folder: Folder, data: bytes) -> None:
    folder.write(1, snapshot(5))
    (folder.path / "worker-2.json").write_bytes(data)
    found = folder.read_all(but=0)
    assert (len(found.snapshots), found.broken) == (1, 1)
    assert total(folder) == 5


def test_a_worker_reads_the_files_of_the_others_only(folder: Folder) -> None:
    for worker in (1, 2, 3):
        folder.write(worker, snapshot(10**worker))
    (folder.path / "worker-4.json.partial").write_bytes(b"{")
    assert total(folder, but=2) == 1010


def test_seventy_killed_workers_leave_one_file_and_every_count(folder: Folder) -> None:
    ended = EndedWorkers(folder, [])
    for worker in range(1, 71):
        folder.write(worker, snapshot(worker, process=1000 + worker))
        (folder.path / f"worker-{worker}.json.partial").write_bytes(b"{")
        ended.add(worker)
    folder.write(71, snapshot(0.5))
    eventually(lambda: names(folder) == {"lock", ENDED, "worker-71.json"})
    assert total(folder) == 70 * 71 / 2 + 0.5
    ended.close()
    assert not folder.path.exists()


def test_the_files_of_ended_workers_count_until_a_full_disk_has_room_again(folder: Folder) -> None:
    """A folder in place of the file stands for the full disk: neither can be written."""
    ended = EndedWorkers(folder, [])
    folder.write(1, snapshot(3))
    folder.write(2, snapshot(4))
    (folder.path / f"{ENDED}.partial").mkdir()
    ended.add(1)
    for _ in range(20):
        time.sleep(0.01)
        assert total(folder) == 7
    assert "worker-1.json" in names(folder)
    (folder.path / f"{ENDED}.partial").rmdir()
    eventually(lambda: names(folder) == {"lock", ENDED, "worker-2.json"})
    assert total(folder) == 7
    ended.close()


def test_a_worker_that_is_added_while_another_reads_counts_once(folder: Folder) -> None:
    folder.write(1, snapshot(3))
    folder.write_ended(Snapshot(9, {NAME: {("a", "200"): (3.0,)}}, added=(1,)))
    assert total(folder) == 3


def test_the_broken_file_of_an_ended_worker_is_removed(folder: Folder) -> None:
    ended = EndedWorkers(folder, [])
    (folder.path / "worker-1.json").write_bytes(b"")
    ended.add(1)
    eventually(lambda: names(folder) == {"lock", ENDED})
    assert folder.read_all(but=0).broken == 0
    ended.close()


def test_the_figures_of_the_master_count_too(folder: Folder) -> None:
    own = ReadCounter(About(NAME, "", "counter"), lambda: 6)
    ended = EndedWorkers(folder, [own])
    ended.merge()
    ended.merge()
    (found,) = folder.read_all(but=0).snapshots
    assert found.sums == {NAME: {(): (6.0,)}}


# --- a worker --------------------------------------------------------------------------------


def counted(counter: Counter, gauge: GaugeValues) -> SharedFigures:
    return SharedFigures([counter], [Gauge(About("gauge", "", "gauge", ("of",)), lambda: gauge)])


def test_sums_are_added_and_of_a_gauge_the_greatest_is_shown(folder: Folder) -> None:
    counter = Counter(NAME, "", "resource", "status")
    counter.add("a", "200")
    figures = counted(counter, {("x",): 1.0, ("y",): 2.0})
    folder.write(2, snapshot(41))
    assert figures.of_all().sums[NAME] == {("a", "200"): (1,)}
    figures.share(folder, 1)
    found = figures.of_all()
    assert found.sums[NAME] == {("a", "200"): (42.0,)}
    assert found.gauges["gauge"] == {("x",): 41.0, ("y",): 2.0}


def test_the_series_of_a_gauge_ends_with_its_value(folder: Folder) -> None:
    gauge: dict[tuple[str, ...], float] = {("old",): 1.0}
    figures = counted(Counter(NAME, ""), gauge)
    figures.share(folder, 1)
    assert figures.of_all().gauges["gauge"] == {("old",): 1.0}
    gauge.clear()
    gauge["new",] = 1.0
    assert figures.of_all().gauges["gauge"] == {("new",): 1.0}
    written = folder.read(1)
    assert written is not None
    assert written.gauges["gauge"] == {("new",): 1.0}


def test_a_fault_of_the_disk_costs_nothing_but_new_figures_and_the_metric_says_since_when(
    folder: Folder,
) -> None:
    counter = Counter(NAME, "")
    figures = counted(counter, {})
    figures.share(folder, 1)

    def written() -> float:
        return figures.of_all().gauges[WRITTEN.name][(str(os.getpid()),)]

    first = written()
    assert first > 0
    (folder.path / "worker-1.json.partial").mkdir()
    last = written()
    counter.add()
    assert figures.of_all().sums[NAME] == {(): (1,)}
    assert written() == last
    assert sums(folder, 1) == {(): (0.0,)}
    (folder.path / "worker-1.json.partial").rmdir()
    eventually(lambda: written() > last)
    assert sums(folder, 1) == {(): (1.0,)}


def test_a_worker_without_a_folder_shows_its_own_figures_and_says_so() -> None:
    counter = Counter(NAME, "")
    counter.add()
    found = counted(counter, {}).of_all()
    assert found.sums[NAME] == {(): (1,)}
    assert found.gauges[WRITTEN.name] == {(str(os.getpid()),): 0.0}


def test_a_folder_that_was_deleted_is_made_again_with_all_figures(folder: Folder) -> None:
    counter = Counter(NAME, "", "resource", "status")
    counter.add("a", "200")
    figures, ended = counted(counter, {}), EndedWorkers(folder, [])
    folder.write(2, snapshot(40))
    ended.add(2)
    eventually(lambda: "worker-2.json" not in names(folder))
    figures.share(folder, 1)
    delete(folder.path)
    assert figures.of_all().sums[NAME][("a", "200")][0] in (1, 41)
    eventually(lambda: figures.of_all().sums[NAME] == {("a", "200"): (41.0,)})
    assert folder.path.stat().st_mode & 0o777 == 0o700
    open_folder().close()  # another server that starts: this one's folder is locked again
    assert "worker-1.json" in names(folder)
    ended.close()


@pytest.mark.parametrize("what", ["a link", "a file", "writable by others"])
def test_nothing_is_written_into_what_somebody_else_could_have_made_in_its_place(
    folder: Folder, tmp_path: Path, what: str
) -> None:
    delete(folder.path)
    other = tmp_path / "other"
    other.mkdir()
    if what == "a link":
        folder.path.symlink_to(other)
    elif what == "a file":
        folder.path.touch()
    else:
        folder.path.mkdir()
        folder.path.chmod(0o777)
    with pytest.raises(ForeignFolderError):
        folder.write(1, snapshot(1))
    figures = counted(Counter(NAME, ""), {})
    figures.share(folder, 1)
    assert figures.of_all().sums[NAME] == {(): (0,)}
    assert list(other.iterdir()) == []
    folder.path.rmdir() if what == "writable by others" else folder.path.unlink()
    eventually(folder.path.is_dir)


def test_unreadable_files_are_counted(folder: Folder) -> None:
    figures = counted(Counter(NAME, ""), {})
    figures.share(folder, 1)
    (folder.path / "worker-2.json").write_bytes(b"")
    ((before,),) = UNREADABLE.sums().values()
    figures.of_all()
    assert UNREADABLE.sums() == {(): (before + 1,)}


def test_a_histogram_has_a_count_for_each_bucket_and_the_sum() -> None:
    histogram = Histogram("seconds", "", "of")
    for seconds in (0.005, 0.0050001, 10, 11, 0):
        histogram.observe(seconds, "x")
    ((*buckets, seconds_in_all),) = histogram.sums().values()
    assert buckets == [2, 1, *[0] * 11, 1, 1]
    assert seconds_in_all == pytest.approx(21.0100001)


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_child_counts_from_zero() -> None:
    counter, plain = Counter(NAME, "", "of"), Counter("plain", "")
    counter.add("x")
    plain.add()
    child = os.fork()
    if child == 0:
        counter.add("y")
        right = counter.sums() == {("y",): (1,)} and plain.sums() == {(): (0,)}
        os._exit(0 if right else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert counter.sums() == {("x",): (1,)}


# --- the folder ------------------------------------------------------------------------------

KILLED = """
import os, signal, sys, tempfile
tempfile.tempdir = sys.argv[1]
from service.metrics.folder import open_folder
print(open_folder().path.name, flush=True)
if sys.argv[2] == "killed":
    os.kill(os.getpid(), signal.SIGKILL)
sys.stdin.read()
"""


def server_that(temporary: Path, fate: str) -> tuple[subprocess.Popen[bytes], str]:
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, temporary, fate],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout
    return process, process.stdout.readline().decode().strip()


def test_the_next_start_removes_what_killed_servers_left_and_nothing_of_living_ones(
    temporary: Path,
) -> None:
    living, its_folder = server_that(temporary, "living")
    killed, left = server_that(temporary, "killed")
    assert killed.wait(30) == -signal.SIGKILL
    (temporary / left / "worker-1.json").write_bytes(b"{}")
    (temporary / f"{PREFIX}of-another-program").mkdir()
    (temporary / f"{PREFIX}file").touch()
    (temporary / f"{PREFIX}link").symlink_to(temporary / left)
    assert (temporary / left).is_dir()
    mine = open_folder()
    assert {path.name for path in temporary.iterdir()} == {
        its_folder,
        mine.path.name,
        f"{PREFIX}of-another-program",
        f"{PREFIX}file",
        f"{PREFIX}link",
    }
    assert mine.path.stat().st_mode & 0o777 == 0o700
    living.communicate(timeout=30)
    killed.communicate()
    mine.close()


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_folder_is_held_while_a_worker_lives_that_outlived_its_master(temporary: Path) -> None:
    folder = open_folder()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(writer)
        os.read(reader, 1)
        os._exit(0)
    os.close(folder.lock)
    open_folder().close()
    assert folder.path.is_dir()
    os.close(writer)
    os.waitpid(child, 0)
    open_folder().close()
    assert list(temporary.iterdir()) == []
    os.close(reader)
