"""Short forms of the campaigns on connections, and that each would notice a fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.server.reception import Reception
from tests.faults import connections
from tests.faults.campaign import mutated_connections
from tests.faults.document import both_packs
from tests.faults.slow_clients import slow_clients
from tests.server import running

SEED = 1


def test_mutated_requests_are_received_as_gunicorn_reads_them() -> None:
    outcome = mutated_connections(SEED, range(2000))
    assert outcome.failures == [], outcome.details()


def test_mutants_are_requests_and_errors() -> None:
    found = [connections.as_gunicorn_reads(connections.mutated(SEED, n)) for n in range(200)]
    errors = sum(connections.ERROR in one for one in found)
    assert 40 < errors < 160


def test_a_reception_that_loses_what_follows_a_request_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begin_next = Reception.begin_next

    def forgetful(self: Reception) -> None:
        self._bytes.clear()
        begin_next(self)

    monkeypatch.setattr(Reception, "begin_next", forgetful)
    assert mutated_connections(SEED, range(50)).failures


def test_slow_clients_of_every_kind_delay_no_other(tmp_path: Path) -> None:
    with running(both_packs(tmp_path / "packs"), tmp_path / "log") as server:
        outcome, figures = slow_clients(server, threads=8, requests=10)
    assert figures.wrong == []
    assert outcome.inputs == 10
