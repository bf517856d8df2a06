"""Reads the addresses at which the server listens. It opens none of them, and must import nothing of Tocsin."""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass

FORMS = "HOST:PORT, [IPV6]:PORT or unix:/PATH, PORT from 0 to 65535; commas separate several"
MOST_PORT = 65_535
_TCP = re.compile(r"(?:([A-Za-z0-9._-]+)|\[([0-9A-Fa-f:.]+)\]):([0-9]{1,5})")
_UNIX = re.compile(r"unix:(?://)?([^,]+)")
_ALL_ADDRESSES = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - as the operator wrote them


class BindError(ValueError):
    """An address is wrong or cannot be opened. The message is one line: what is wrong, and what it must be."""


@dataclass(frozen=True, slots=True)
class TcpAddress:
    """`host` is a name, an IPv4 address, or an IPv6 address without brackets. Port 0: the system chooses one."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def from_here(self) -> TcpAddress:
        """Where a client on this machine reaches it. No client can connect to an address that stands for all addresses."""
        return TcpAddress(_ALL_ADDRESSES.get(self.host, self.host), self.port)


@dataclass(frozen=True, slots=True)
class UnixAddress:
    path: str

    def __str__(self) -> str:
        return f"unix:{self.path}"


Address = TcpAddress | UnixAddress


def read_bind(text: str, name: str) -> tuple[Address, ...]:
    """The addresses, in order. `name` tells the reader of an error what is wrong. Raises BindError."""
    found = [_address(part.strip()) for part in text.split(",")]
    if None in found:
        raise BindError(f"{name} is {text!r}, but must be {FORMS}")
    return tuple(address for address in found if address)


def _address(part: str) -> Address | None:
    if found := _UNIX.fullmatch(part):
        return UnixAddress(found[1])
    found = _TCP.fullmatch(part)
    if found and int(found[3]) <= MOST_PORT and (found[1] or _is_ipv6(found[2])):
        return TcpAddress(found[1] or found[2], int(found[3]))
    return None


def _is_ipv6(host: str) -> bool:
    try:
        socket.inet_pton(socket.AF_INET6, host)
    except OSError:
        return False
    return True
