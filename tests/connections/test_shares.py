"""A worker knows whether another one has fewer connections."""

from __future__ import annotations

from service.server.listening.shares import SECONDS_UNTIL_GONE, Shares


def test_a_worker_has_most_while_a_running_one_has_fewer() -> None:
    shares = Shares()
    shares.write(1, 3, now=10.0)
    shares.write(2, 2, now=10.0)
    assert shares.has_most(1, 3, now=10.0)
    assert not shares.has_most(2, 2, now=10.0)
    assert not shares.has_most(1, 2, now=10.0)


def test_a_worker_that_no_longer_writes_does_not_count() -> None:
    shares = Shares()
    shares.write(2, 0, now=10.0)
    assert shares.has_most(1, 1, now=10.0 + SECONDS_UNTIL_GONE / 2)
    assert not shares.has_most(1, 1, now=10.0 + SECONDS_UNTIL_GONE)


def test_workers_that_never_wrote_do_not_count() -> None:
    assert not Shares().has_most(1, 5, now=1000.0)
