"""The command's standard output has answers only; it can be full, closed or without a reader; and no disk is needed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import pytest

from tests.command import TOCSIN, tocsin
from tests.packs import HARBOUR
from tests.server import ROOT
from tests.test_command import STORM, broken_harbour, lines

FULL = "tocsin: standard output cannot be written: No space left on device\n"
CLOSED = "tocsin: standard output cannot be written: Bad file descriptor\n"
PRINTING = [
    ["--help"],
    ["check", str(ROOT)],
    ["test", str(HARBOUR)],
    ["assess", "-", "--pack", str(HARBOUR)],
    ["assess", "-", "--pack", str(HARBOUR), "--report"],
]


def printed_to(output: IO[bytes] | int, arguments: Sequence[str]) -> tuple[int, str]:
    """The status and the standard error of a command whose standard output the test gives."""
    done = subprocess.run(
        [TOCSIN, *arguments],
        input=lines(STORM),
        stdout=output,
        stderr=subprocess.PIPE,
        timeout=60,
    )
    return done.returncode, done.stderr.decode()


@pytest.mark.parametrize("arguments", PRINTING, ids=" ".join)
def test_a_full_standard_output_is_one_line(arguments: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        assert printed_to(full, arguments) == (1, FULL)


def test_a_closed_standard_output_is_one_line() -> None:
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" >&-', "closed", TOCSIN, *PRINTING[3]],
        input=lines(STORM),
        stderr=subprocess.PIPE,
        timeout=60,
    )
    assert (done.returncode, done.stderr.decode()) == (1, CLOSED)


def test_a_reader_that_is_gone_ends_the_command_quietly() -> None:
    for arguments in (PRINTING[2], PRINTING[3]):
        reader, writer = os.pipe()
        os.close(reader)
        assert printed_to(writer, arguments) == (1, "")
        os.close(writer)


def test_an_answer_is_written_before_the_next_line_is_sent() -> None:
    with subprocess.Popen(
        [TOCSIN, *PRINTING[3]],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": ""},
    ) as process:
        assert process.stdin
        assert process.stdout
        for _ in range(2):
            process.stdin.write(lines(STORM))
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["alert"]["code"] == "storm"


def test_assess_prints_what_is_wrong_with_a_pack_on_standard_error(tmp_path: Path) -> None:
    pack = broken_harbour(tmp_path)
    for choice in (["--pack", str(pack)], []):
        status, printed, said = tocsin("assess", "-", *choice, TOCSIN_PACKS=str(pack.parent))
        assert (status, printed) == (1, "")
        assert "unknown-fact: 'wind.sped' is not a fact of this pack" in said


WITHOUT_A_DISK = """
import resource, runpy, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@pytest.mark.parametrize(
    "arguments", [["check", str(HARBOUR)], ["assess", "-"], *PRINTING[2:]], ids=" ".join
)
def test_the_command_needs_no_disk(arguments: list[str]) -> None:
    """No file can have a byte, so Python finds no temporary folder either."""
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_A_DISK, TOCSIN, *arguments],
        input=lines(STORM),
        capture_output=True,
        timeout=60,
        env={**os.environ, "TOCSIN_PACKS": str(HARBOUR.parent), "TOCSIN_PACK": "harbour"},
    )
    assert (done.returncode, done.stderr.decode()) == (0, "")
