"""Asks the server of this machine whether it is healthy, at the addresses of TOCSIN_BIND. It uses the standard library only."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Sequence

from service.server.listening.addresses import Address, TcpAddress, UnixAddress

SECONDS = 4.0


class UnhealthyError(RuntimeError):
    """An address does not answer, or not with 200. The message is one line."""


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(SECONDS)
        self.sock.connect(self._path)


def ask(addresses: Sequence[Address], path: str) -> str:
    """Asks each address for `path`. Returns a line that says so. Raises UnhealthyError."""
    return "healthy: " + ", ".join(_ask(address, path) for address in addresses)


def _ask(address: Address, path: str) -> str:
    """Asks one address. Returns what was asked, for people. Raises UnhealthyError."""
    connection, asked = _connection(address, path)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
    except (OSError, http.client.HTTPException) as error:
        raise UnhealthyError(f"{asked} does not answer: {_reason(error)}") from None
    finally:
        connection.close()
    if answer.status != 200:
        raise UnhealthyError(f"{asked} answers {answer.status} {answer.reason}")
    return asked


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _connection(address: Address, path: str) -> tuple[http.client.HTTPConnection, str]:
    if isinstance(address, UnixAddress):
        return _UnixConnection(address.path), f"{path} at {address}"
    here = address.from_here()
    if not here.port:
        raise UnhealthyError(
            f"TOCSIN_BIND has '{address}': the port that the system chose is not known"
        )
    return _tcp(here), f"http://{here}{path}"


def _tcp(here: TcpAddress) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(here.host, here.port, timeout=SECONDS)
