"""One real server: one worker, so one batch at a time and no other worker to answer, and a list of tokens."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.client.asking import PACKS, SETTINGS, client_of
from tests.server import Server, running
from tests.tokens import file_of_tokens
from tocsin_http import Tocsin


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("client")
    tokens = str(file_of_tokens(folder / "tokens"))
    with running(PACKS, folder / "log", **SETTINGS, TOCSIN_TOKENS=tokens) as started:
        yield started


@pytest.fixture
def tocsin(server: Server) -> Iterator[Tocsin]:
    with client_of(server.port) as client:
        yield client
