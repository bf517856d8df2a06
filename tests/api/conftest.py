"""One real server with the default packs, for all tests of the API that change nothing on it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.server import ROOT, Server, running


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(ROOT / "rules", tmp_path_factory.mktemp("server") / "log") as started:
        yield started
