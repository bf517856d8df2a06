"""One real server: one worker, so one batch at a time and no other worker to answer, and a list of tokens."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.server import ROOT, Server, running
from tests.tokens import TOKENS, file_of_tokens
from tocsin_client import Tocsin

SETTINGS = {
    "TOCSIN_WORKERS": "1",
    "TOCSIN_THREADS": "2",
    "TOCSIN_ENGINE": "reference",
    "TOCSIN_KEEP_ALIVE_SECONDS": "1",
}
PACKS = ROOT / "examples" / "packs"
PACK = "cold_store"


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


def client_of(port: int, **more: Any) -> Tocsin:
    return Tocsin(f"http://127.0.0.1:{port}", **{"token": TOKENS["post"], "pack": PACK, **more})


def warm(number: int) -> dict[str, Any]:
    """Every third is too warm."""
    return {"incident_id": str(number), "facts": {"room": {"celsius": 9 if number % 3 == 0 else 1}}}
