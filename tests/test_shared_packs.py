"""What one worker writes into the shared packs, another one reads, on every system."""

from __future__ import annotations

import os

import pytest

from service.serving.packs import Packs
from service.serving.shared_packs import SharedPacks


@pytest.mark.parametrize("has_memory_files", [True, False], ids=["Linux", "macOS"])
def test_a_worker_reads_what_another_wrote_last(
    has_memory_files: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not has_memory_files:
        monkeypatch.delattr(os, "memfd_create", raising=False)
    shared = SharedPacks.open()
    assert shared.read() is None
    for name in ("a much longer name of a default pack", "short"):
        shared.write(Packs({}, name))
        found = shared.read()
        assert found
        assert found.default == name
    shared.close()
