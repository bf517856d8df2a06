"""Says who can connect to a listening socket: this machine alone, or others too. It must import nothing of Tocsin."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence
from typing import Any

from service.server.listening.addresses import BindError

OPEN_ADDRESS = (
    "the address is '{address}', at which other machines can connect, and anyone there could do everything. "
    "Name who may with TOCSIN_TOKENS=FILE (tocsin token NAME ROLE makes a line of it), "
    "or allow everyone with TOCSIN_OPEN=1"
)


def check_reach(listeners: Sequence[Any]) -> None:
    """Raises BindError, with the first address that others can reach. What a socket is bound to counts, not what was asked for."""
    for listener in listeners:
        if not is_local(listener):
            raise BindError(OPEN_ADDRESS.format(address=_as_bound(listener)))


def is_local(listener: Any) -> bool:
    """Whether only this machine can connect: a Unix socket, or an address of the loopback interface."""
    bound = listener.getsockname()
    return not isinstance(bound, tuple) or _is_loopback(bound[0])


def _is_loopback(host: str) -> bool:
    address = ipaddress.ip_address(host.partition("%")[0])
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)


def _as_bound(listener: Any) -> str:
    host, port = listener.getsockname()[:2]
    return f"[{host}]:{port}" if listener.family == socket.AF_INET6 else f"{host}:{port}"
