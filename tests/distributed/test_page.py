"""The examples of docs/scale.md that need no engine run as they stand there, and the bench finds where to write its figures."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from bench.scale_page import with_figures
from tests.server import ROOT

PAGE = (ROOT / "docs" / "scale.md").read_text("utf-8")


def test_the_example_for_one_process_prints_a_grade_with_its_answer_and_a_problem() -> None:
    found = re.search(r"<!-- example: one process -->\n```python\n(.*?)```", PAGE, re.DOTALL)
    assert found
    done = subprocess.run(
        [sys.executable, "-c", found[1]], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.stderr == ""
    lines = [line.split(" ", 1) for line in done.stdout.splitlines()]
    (grade, answer), (none, problem) = lines
    assert json.loads(answer)["grade"]["code"] == grade == "red"
    assert (none, json.loads(problem)["code"]) == ("None", "invalid-request")


def test_figures_are_written_between_the_marks_of_the_page_and_nowhere_else() -> None:
    page = with_figures(PAGE, ["| figures |"])
    assert with_figures(page, ["| figures |"]) == page
    before, rest = page.split("<!-- measured: begin -->\n")
    figures, after = rest.split("<!-- measured: end -->\n")
    assert figures == "\n| figures |\n\n"
    assert PAGE.startswith(before)
    assert PAGE.endswith(after)


def test_a_page_without_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="the page lacks <!-- measured: begin -->"):
        with_figures("# A page", [])
