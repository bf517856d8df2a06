"""The default pack gives the kept answers and reports for three incidents."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rules.golden import FOLDER, INCIDENTS, written


def test_three_incidents_are_kept_each_with_its_answer_and_its_reports() -> None:
    assert len(INCIDENTS) == 3
    made = {path for incident in INCIDENTS for path, _ in written(incident)}
    assert made | set(INCIDENTS) == set(FOLDER.iterdir())


@pytest.mark.parametrize("incident", INCIDENTS, ids=lambda path: path.stem)
def test_the_answer_and_the_reports_equal_the_kept_files(incident: Path) -> None:
    """After an intended change: python -m tests.rules.golden."""
    for path, text in written(incident):
        assert path.read_text("utf-8") == text, path.name
