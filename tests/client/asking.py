"""The server's settings, and clients and incidents of its pack."""

from __future__ import annotations

from typing import Any

from tests.server import ROOT
from tests.tokens import TOKENS
from tocsin_http import Tocsin

SETTINGS = {
    "TOCSIN_WORKERS": "1",
    "TOCSIN_THREADS": "2",
    "TOCSIN_ENGINE": "reference",
    "TOCSIN_KEEP_ALIVE_SECONDS": "1",
}
PACKS = ROOT / "examples" / "packs"
PACK = "cold_store"


def client_of(port: int, **more: Any) -> Tocsin:
    return Tocsin(f"http://127.0.0.1:{port}", **{"token": TOKENS["post"], "pack": PACK, **more})


def warm(number: int) -> dict[str, Any]:
    """Every third is too warm."""
    return {"incident_id": str(number), "facts": {"room": {"celsius": 9 if number % 3 == 0 else 1}}}
