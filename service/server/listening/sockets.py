"""Opens the server's listening sockets, before gunicorn would, so that a fault is one line, and closes them.

It must import nothing of Tocsin.
"""

from __future__ import annotations

import functools
import os
import socket
import stat
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from gunicorn.sock import TCP6Socket, TCPSocket, UnixSocket, close_sockets

from service.server.listening.addresses import Address, BindError, UnixAddress, read_bind
from service.server.listening.reach import check_reach

_TCP_ALLOWED = "an address of this machine, with a free port that this user may open"
_UNIX_ALLOWED = (
    "a path in a folder that this user may write to; a socket there must be of no running server"
)


def open_listeners(server: Any, for_all: bool) -> None:
    """Gives gunicorn's master its sockets. Raises BindError, also for an address that others can reach, unless it is `for_all`.

    It opens none if the process inherits them (systemd, SIGUSR2). If each worker opens its own, it closes them again.
    """
    if server.master_pid or os.environ.get("LISTEN_PID") == str(os.getpid()):
        return
    opened: list[Any] = []
    try:
        for address in read_bind(",".join(server.cfg.bind), "the address"):
            opened.append(_open(address, server))
            if not for_all:
                check_reach(opened)
    except BindError:
        close_sockets(opened)
        raise
    if server.cfg.reuse_port:
        close_sockets(opened)
    else:
        server.LISTENERS = opened


def close_own_sockets(server: Any) -> None:
    """From now on a stop removes the file of a Unix socket only if it is still that of this server's socket.

    gunicorn would end with an error if the file is gone, and would remove another server's.
    """
    files = {path: _status(path) for path in map(_path, server.LISTENERS)}
    stop = server.stop

    @functools.wraps(stop)
    def close_and_stop(graceful: bool = True) -> None:
        is_last = server.reexec_pid == server.master_pid == 0 and not server.systemd
        for listener in server.LISTENERS:
            path = _path(listener)
            listener.close()
            if is_last and _is_same(_status(path), files.get(path)):
                with suppress(OSError):
                    os.unlink(path)
        server.LISTENERS = []
        stop(graceful)

    server.stop = close_and_stop


def serving_on(listeners: Sequence[Any]) -> str:
    """The line that tells where the server can be reached."""
    addresses = [str(one) for one in listeners]
    page = next((f", a page to try it on {one}/docs" for one in addresses if "://" in one), "")
    return f"serving on {' and '.join(addresses)}{page}"


def _path(listener: Any) -> str:
    """The path of a Unix socket, otherwise nothing."""
    return listener.getsockname() if isinstance(listener, UnixSocket) else ""


def _status(path: str) -> os.stat_result | None:
    with suppress(OSError, ValueError):  # ValueError: the address of a Unix socket without a file
        return os.lstat(path)
    return None


def _is_same(now: os.stat_result | None, before: os.stat_result | None) -> bool:
    return now is not None and before is not None and os.path.samestat(now, before)


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
