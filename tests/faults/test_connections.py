"""Short forms of the campaigns on connections, and that each would notice a fault."""

from __future__ import annotations

import pytest

from service.server.reception import Reception
from tests.faults import connections
from tests.faults.campaign import mutated_connections

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
    go_on = Reception.go_on

    def forgetful(self: Reception) -> None:
        self._bytes.clear()
        go_on(self)

    monkeypatch.setattr(Reception, "go_on", forgetful)
    assert mutated_connections(SEED, range(50)).failures
