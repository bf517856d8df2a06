"""gunicorn's threaded worker, except that closing a slow connection never delays accepting new ones.

When it stops, it accepts the queued connections and then closes the listening sockets at once.
"""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

SECONDS_TO_CLOSE = 2.0
SECONDS_OF_PAUSE = 0.2
# Long enough for a thread on a busy processor: it must not cut off a client that has sent its whole body.
SECONDS_FOR_REST_OF_BODY = 0.5
BLOCK_BYTES = 64 * 1024


class Worker(ThreadWorker):
    """gunicorn's own worker can wait up to two seconds for each client when it closes a connection, and up to five
    seconds for the rest of a refused body. It waits in the thread that accepts all connections.

    When it stops, it keeps its listening sockets until the last request is answered. A connection made meanwhile
    waits in the kernel's queue and is then cut off.
    """

    def handle(self, conn: Any) -> Any:
        """Runs in a thread of the pool. Returns False if the connection is to be closed; closing then takes no time."""
        keeps = super().handle(conn)
        if keeps is False:
            _finish(conn.sock)
        return keeps

    def _keepalive_after(self, conn: Any, keepalive: bool) -> bool:
        """Does not keep the connection of a client that is still sending a body which is not read."""
        deadline = time.monotonic() + SECONDS_FOR_REST_OF_BODY
        return keepalive and bool(conn.parser.finish_body(deadline=deadline))

    def set_accept_enabled(self, enabled: bool) -> None:
        super().set_accept_enabled(enabled)
        if not enabled and not self.alive:
            for listener in self.sockets:
                while self._accepted(listener):
                    pass
                listener.close()

    def _accepted(self, listener: object) -> bool:
        before: int = self.nr_conns
        try:
            self.accept(listener)
        except OSError:  # no file descriptor is left, or the socket is closed already
            return False
        return bool(self.nr_conns > before)


def _finish(connection: socket.socket) -> None:
    """Waits until a client that is still sending pauses or ends. If it were cut off, it would lose the answer too."""
    deadline = time.monotonic() + SECONDS_TO_CLOSE
    with suppress(OSError):
        connection.shutdown(socket.SHUT_WR)
        connection.settimeout(SECONDS_OF_PAUSE)
        while connection.recv(BLOCK_BYTES) and time.monotonic() < deadline:
            pass
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RD)
