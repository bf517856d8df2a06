"""Opens the server's listening sockets, before gunicorn would, so that a fault is one line. It must import nothing of Tocsin."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from gunicorn.sock import TCP6Socket, TCPSocket, UnixSocket, close_sockets

from service.server.listening.addresses import Address, BindError, UnixAddress, read_bind

_TCP_ALLOWED = "an address of this machine, with a free port that this user may open"
_UNIX_ALLOWED = (
    "a path in a folder that this user may write to; a socket there must be of no running server"
)


def open_listeners(server: Any) -> None:
    """Gives gunicorn's master its sockets. Raises BindError.

    It opens none if the process inherits them (systemd, SIGUSR2) or each worker opens its own.
    """
    is_inherited = server.master_pid or os.environ.get("LISTEN_PID") == str(os.getpid())
    if is_inherited or server.cfg.reuse_port:
        return
    opened: list[Any] = []
    try:
        for address in read_bind(",".join(server.cfg.bind), "the address"):
            opened.append(_open(address, server))
    except BindError:
        close_sockets(opened)
        raise
    server.LISTENERS = opened


def serving_on(listeners: Sequence[Any]) -> str:
    """The line that tells where the server can be reached."""
    addresses = [str(one) for one in listeners]
    page = next((f", a page to try it on {one}/docs" for one in addresses if "://" in one), "")
    return f"serving on {' and '.join(addresses)}{page}"


def _open(address: Address, server: Any) -> Any:
    try:
        if isinstance(address, UnixAddress):
            _check_unused(address.path)
            return UnixSocket(address.path, server.cfg, server.log)
        family = TCP6Socket if ":" in address.host else TCPSocket
        return family((address.host, address.port), server.cfg, server.log)
    except OSError as error:
        allowed = _UNIX_ALLOWED if isinstance(address, UnixAddress) else _TCP_ALLOWED
        wrong = error.strerror or str(error)
        raise BindError(
            f"the address is '{address}', but cannot be opened: {wrong}. TOCSIN_BIND must be {allowed}"
        ) from error


def _check_unused(path: str) -> None:
    """gunicorn would take the place of any socket, also of one that a running server uses. Raises OSError."""
    with suppress(FileNotFoundError):
        if not stat.S_ISSOCK(os.stat(path).st_mode):
            raise FileExistsError(None, "it is not a socket")
        with socket.socket(socket.AF_UNIX) as client, suppress(ConnectionRefusedError):
            client.settimeout(1)
            client.connect(path)
            raise FileExistsError(None, "another server uses this socket")
