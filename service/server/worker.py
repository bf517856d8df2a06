"""gunicorn's threaded worker, but for how it parts from clients: nobody at the door waits for one who leaves.

When it stops it takes in who already waits at the door, and shuts the door at once.
"""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

SECONDS_TO_PART = 2.0
SECONDS_OF_PAUSE = 0.2
# Long enough that a thread which has to wait for a busy processor does not cut a client that has sent all.
SECONDS_FOR_WHAT_IS_HERE = 0.5
BLOCK_BYTES = 64 * 1024


class Worker(ThreadWorker):
    """gunicorn's own waits for each client it parts from, up to two seconds, in the thread that takes in all
    others, and up to five for the rest of a body that was refused.

    When it stops it keeps its listening sockets until the last request is answered: whoever connects
    meanwhile waits in the kernel's queue and is cut off in the end.
    """

    def handle(self, conn: Any) -> Any:
        """In a thread of the pool. False if the connection is to be closed, which then takes no time."""
        keeps = super().handle(conn)
        if keeps is False:
            _part(conn.sock)
        return keeps

    def _keepalive_after(self, conn: Any, keepalive: bool) -> bool:
        """Not for a client that still sends what nobody reads."""
        deadline = time.monotonic() + SECONDS_FOR_WHAT_IS_HERE
        return keepalive and bool(conn.parser.finish_body(deadline=deadline))

    def set_accept_enabled(self, enabled: bool) -> None:
        super().set_accept_enabled(enabled)
        if not enabled and not self.alive:
            for listener in self.sockets:
                while self._took_in(listener):
                    pass
                listener.close()

    def _took_in(self, listener: object) -> bool:
        before: int = self.nr_conns
        try:
            self.accept(listener)
        except OSError:  # no descriptor is left, or the door was shut already
            return False
        return bool(self.nr_conns > before)


def _part(connection: socket.socket) -> None:
    """Lets a client that still sends without a pause come to its end: cut off, it would lose the answer too."""
    deadline = time.monotonic() + SECONDS_TO_PART
    with suppress(OSError):
        connection.shutdown(socket.SHUT_WR)
        connection.settimeout(SECONDS_OF_PAUSE)
        while connection.recv(BLOCK_BYTES) and time.monotonic() < deadline:
            pass
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RD)
