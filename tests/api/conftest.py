"""What tests of the API share: one real server with the default packs, which they do not change, and a folder of a small pack."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.packs import copy_of_harbour
from tests.server import ROOT, Server, running


@pytest.fixture(scope="module")
def packs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a copy of the harbour pack, which a module's own server serves. What belongs to that server lies beside it."""
    folder = tmp_path_factory.mktemp("harbour") / "packs"
    folder.mkdir()
    copy_of_harbour(folder)
    return folder


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(ROOT / "rules", tmp_path_factory.mktemp("server") / "log") as started:
        yield started
