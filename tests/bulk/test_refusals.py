"""What a run refuses, it refuses before it writes: what was there stays, and no journal of it is left."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from service.bulk.journal import identity_of
from service.bulk.options import BulkOptions
from service.bulk.places import FilePlace
from service.bulk.reading.inputs import Input
from tests.bulk import ENVIRONMENT, MOMENT, arguments, file_of, incidents, rows
from tests.command import tocsin
from tests.packs import HARBOUR, copy_of_harbour

AT = ("--as-of", MOMENT)


def assess(*given: str | Path, said: bytes = b"", **settings: str) -> tuple[int, str, str]:
    """Status, standard output, and the last line of standard error."""
    settings = {"TOCSIN_ENGINE": "reference", **settings}
    if "TOCSIN_PACKS" not in settings:
        given = ("--pack", HARBOUR, *given)
    status, written, told = tocsin("assess", *given, given=said, **settings)
    return status, written, (told.splitlines() or [""])[-1]


def cut(out: Path) -> None:
    """Makes the journal of a run that ended that of a run that was cut."""
    journal = journal_of(out)
    journal.write_text(json.dumps({**json.loads(journal.read_bytes()), "finished": False}))


def journal_of(out: Path) -> Path:
    return out.with_name(out.name + ".journal")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return file_of(tmp_path / "a.ndjson", incidents(2))


def test_a_run_goes_on_only_with_its_default_pack_and_its_engine(
    tmp_path: Path, file: Path
) -> None:
    packs = tmp_path / "packs"
    name = {"pack.yaml": (HARBOUR / "pack.yaml").read_text("utf-8").replace("harbour", "pier")}
    copy_of_harbour(packs)
    copy_of_harbour(packs / "other", name).rename(packs / "pier")
    (packs / "other").rmdir()
    out = tmp_path / "out"
    given = (file, *AT, "--out", out, "--resume")
    settings: dict[str, Any] = {"TOCSIN_PACKS": str(packs), "TOCSIN_PACK": "harbour"}
    assert assess(*given, **settings)[0] == 0
    assert assess(*given, **settings) == (0, "", "")
    refused = "Error: --resume is refused: {} changed since the run began: {}"
    assert assess(*given, **{**settings, "TOCSIN_PACK": "pier"}) == (
        2,
        "",
        refused.format("the default pack", "was harbour, is pier"),
    )
    assert assess(*given, **settings, TOCSIN_ENGINE="both") == (
        2,
        "",
        refused.format("an option", "--engine was reference, is both"),
    )


def test_a_run_of_a_pipe_heeds_the_journal_of_an_earlier_run(tmp_path: Path, file: Path) -> None:
    out = tmp_path / "out"
    given = ("-", *AT, "--out", out)
    assert assess(file, *AT, "--out", out)[0] == 0
    written = out.read_bytes()
    cut(out)
    status, _, told = assess(*given, said=incidents(1))
    assert (status, "is of a run that was cut" in told, out.read_bytes()) == (2, True, written)
    assert journal_of(out).exists()
    journal_of(out).unlink()
    assert assess(file, *AT, "--out", out)[0] == 0
    assert assess(*given, said=incidents(1))[0] == 0
    assert (len(rows(out.read_bytes())), journal_of(out).exists()) == (1, False)


def test_a_run_without_its_moments_leaves_what_is_there(tmp_path: Path, file: Path) -> None:
    out = file_of(tmp_path / "out", b"something")
    status, _, told = assess(file, "--jobs", "1", "--out", out)
    assert (status, "has no as_of" in told) == (2, True)
    assert (out.read_bytes(), journal_of(out).exists()) == (b"something", False)
    assert assess(file, "--jobs", "1", "--out", tmp_path / "fresh")[0] == 2
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.ndjson", "out"]


def test_standard_output_that_is_an_input_is_refused(tmp_path: Path, file: Path) -> None:
    for named in (file, "-", tmp_path / "*.ndjson"):
        with file.open("rb") as read, file.open("ab") as appended:
            done = subprocess.run(
                arguments(named, *AT, "--jobs", "1"),
                stdin=read,
                stdout=appended,
                stderr=subprocess.PIPE,
                env=ENVIRONMENT,
                timeout=60,
            )
        assert (done.returncode, b"is read and written" in done.stderr) == (2, True)
        assert file.read_bytes() == incidents(2)


def test_a_pattern_leaves_out_what_the_run_writes_unless_it_may_be_incidents(
    tmp_path: Path, file: Path
) -> None:
    out, every = tmp_path / "out.ndjson", tmp_path / "*"
    given = (every, *AT, "--out", out)
    for _ in range(2):
        assert assess(*given)[0] == 0
        assert len(rows(out.read_bytes())) == 2
    file_of(tmp_path / "out.ndjson.journal.new", b"{")  # of a run that was killed
    assert assess(*given, "--resume")[0] == 0
    with (tmp_path / "shell.ndjson").open("wb") as opened:
        run = [*arguments(tmp_path / "[as]*.ndjson", *AT)]
        assert subprocess.run(run, stdout=opened, env=ENVIRONMENT, timeout=60).returncode == 0
    assert len(rows((tmp_path / "shell.ndjson").read_bytes())) == 2
    status, _, told = assess(tmp_path / "out*", *AT, "--out", out)
    assert (status, "but what is written" in told) == (2, True)
    assert assess(out, *AT, "--out", out)[0] == 2
    status, _, told = assess(tmp_path / "a*", *AT, "--out", file)
    assert (status, "is read and written" in told) == (2, True)
    assert file.read_bytes() == incidents(2)


def test_a_file_is_read_once_whatever_its_spelling(tmp_path: Path, file: Path) -> None:
    (tmp_path / "link.ndjson").symlink_to(file)
    spelled = tmp_path / "." / ".." / tmp_path.name / "a.ndjson"
    status, written, _ = assess(file, spelled, tmp_path / "link.ndjson", *AT)
    assert (status, len(written.splitlines())) == (0, 2)
    assert "file" not in json.loads(written.splitlines()[0])


def test_a_name_that_is_not_utf_8_is_refused_in_one_line(tmp_path: Path) -> None:
    file_of(Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.ndjson")), incidents(1))
    status, written, told = assess(tmp_path / "*.ndjson", *AT)
    assert (status, written) == (2, "")
    assert told == f"Error: '{tmp_path}/\\xff.ndjson' has a name that is not UTF-8: rename it"


def test_the_journal_does_not_grow_with_the_number_of_files() -> None:
    few, many = ([Input(f"{one}.ndjson", one, one) for one in range(n)] for n in (2, 1000))
    assert identity_of(many)["files"] == 1000
    assert len(json.dumps(identity_of(many))) <= len(json.dumps(identity_of(few))) + 3
    for other in (Input("c.ndjson", 1, 1), Input("1.ndjson", 2, 1), Input("1.ndjson", 1, 2)):
        assert identity_of([few[0], other]) != identity_of(few)
    assert identity_of([few[1], few[0]]) != identity_of(few)


def test_options_that_do_not_fit_are_wrong_usage(tmp_path: Path, file: Path) -> None:
    for given, said in (
        (("--out", "/dev/null", "--resume"), "'/dev/null' cannot be continued"),
        (
            ("--out", tmp_path / "r.json", "--summary", f"{tmp_path}/./r.json"),
            "cannot have both the answers and the summary",
        ),
    ):
        status, _, told = assess(file, *AT, *given)
        assert (status, said in told) == (2, True), told
    assert not (tmp_path / "r.json").exists()
    assert assess(file, *AT, "--out", "/dev/null")[0] == 0


def test_a_system_that_lacks_a_function_of_linux_runs_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("sched_getaffinity", "fdatasync"):
        monkeypatch.delattr(os, name)
    assert BulkOptions(["a"]).processes == (os.cpu_count() or 1)
    place = FilePlace(tmp_path / "out")
    place.begin()
    place.write(0, b"written")
    place.sync()
    place.close()
    assert (tmp_path / "out").read_bytes() == b"written"
