"""How far a run is stands on standard error: a bar on a terminal, else a line every few seconds."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import pytest

from service.bulk.progress import LinesOfProgress, Reached, RunPace
from tests.bulk import ENVIRONMENT, MOMENT, arguments, file_of, incidents


def test_a_terminal_shows_a_bar_with_lines_rate_problems_and_time_left(tmp_path: Path) -> None:
    file = file_of(tmp_path / "a.ndjson", incidents(2000) + b"no json\n")
    terminal, side = pty.openpty()
    given = arguments(file, "--as-of", MOMENT, "--out", tmp_path / "out", "--summary")
    with subprocess.Popen(given, stdout=side, stderr=side, env=ENVIRONMENT) as run:
        os.close(side)
        drawn = b""
        with suppress(OSError):  # Linux ends a terminal without a writer with an error
            while block := os.read(terminal, 65536):
                drawn += block
    os.close(terminal)
    text = drawn.decode()
    assert run.returncode == 1
    assert "100%" in text
    assert re.search(r"2,001 lines, [\d,]+ a second, 1 problem, 0:00 left", text)
    assert re.search(r"calm +[\d,]+ +█+", text)


def test_a_pace_says_the_rate_and_the_time_left_since_the_run_went_on() -> None:
    pace = RunPace(1000, Reached(400, 100, 1), began=time.monotonic() - 10)
    assert pace.described().startswith("100 lines, 0 a second, 1 problem")
    pace.now = Reached(600, 150, 3)
    assert pace.described() == "150 lines, 5 a second, 3 problems, 0:20 left"
    pace.now = Reached(1400, 350, 3)  # the file grew
    assert pace.described().endswith(" 0:00 left")
    assert RunPace(None, Reached(0, 0, 0)).described() == "0 lines, 0 a second, 0 problems"


def test_where_there_is_no_terminal_a_line_comes_every_few_seconds(
    capsys: pytest.CaptureFixture[str],
) -> None:
    pace = RunPace(1000, Reached(0, 0, 0))
    drawn = LinesOfProgress(pace, seconds=0.05)
    drawn.show()
    assert capsys.readouterr().err == ""
    time.sleep(0.06)
    drawn.show()
    drawn.show()
    assert capsys.readouterr().err.count("tocsin: 0 lines") == 1
