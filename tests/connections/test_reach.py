"""Which listening sockets only this machine can connect to, by the addresses to which they are bound."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from service.server.listening.addresses import BindError
from service.server.listening.reach import check_reach, is_local

LOCAL = ["127.0.0.1", "127.0.0.2", "localhost", "::1", "::ffff:127.0.0.1"]
OPEN = {"0.0.0.0": "0.0.0.0", "::": "[::]", "::ffff:0.0.0.0": "[::ffff:0.0.0.0]"}


@contextmanager
def bound(host: str) -> Iterator[socket.socket]:
    """It is bound, but does not listen."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as made:
        try:
            made.bind((host, 0))
        except OSError:
            pytest.skip(f"this machine has no {host}")
        yield made


@pytest.mark.parametrize("host", LOCAL)
def test_an_address_of_the_loopback_is_local(host: str) -> None:
    with bound(host) as listener:
        assert is_local(listener)
        check_reach([listener])


@pytest.mark.parametrize(("host", "written"), OPEN.items())
def test_another_address_is_refused_and_the_error_names_both_ways(host: str, written: str) -> None:
    with bound("127.0.0.1") as local, bound(host) as listener:
        assert not is_local(listener)
        with pytest.raises(BindError) as refused:
            check_reach([local, listener])
        assert str(refused.value).startswith(
            f"the address is '{written}:{listener.getsockname()[1]}', at which other machines can"
        )
    assert "TOCSIN_TOKENS=FILE" in str(refused.value)
    assert "TOCSIN_OPEN=1" in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1


def test_a_unix_socket_is_local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for path in ("socket", f"\0tocsin-test-{os.getpid()}"):
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path)
            assert is_local(listener)
