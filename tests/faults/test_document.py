"""The server does exactly what its OpenAPI document says: it is neither stricter nor less strict."""

from __future__ import annotations

from pathlib import Path

from tests.faults.document import hold_to_document
from tests.packs import copy_of_harbour
from tests.server import running


def test_every_answer_is_as_the_document_says(tmp_path: Path) -> None:
    copy_of_harbour(tmp_path / "packs")
    with running(tmp_path / "packs", tmp_path / "log") as server:
        outcome = hold_to_document(server, seed=1, examples=2)
        assert outcome.well, outcome.report
        assert outcome.requests > 1000
        assert server.log_lines("internal-error") == []
