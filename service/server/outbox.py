"""An answer on its way to the client. It takes the place of the socket that gunicorn writes to, and never waits."""

from __future__ import annotations

import errno
import fcntl
import socket
import sys
import termios
from collections.abc import Callable
from threading import Lock

from service.server.store import Spooled, Store

HELD_BYTES = 64 * 1024
BLOCK_BYTES = 256 * 1024


class Outbox:
    """A judging thread writes; what the client does not take at once is pending, and the event loop sends it.

    `announce` is called from the judging thread when something begins to be pending.
    """

    def __init__(
        self, connection: socket.socket, spooled: Spooled, announce: Callable[[], None]
    ) -> None:
        self._socket, self._announce = connection, announce
        self._held = bytearray()
        self._pending = Store(spooled)
        self._lock = Lock()
        self._sent = 0
        self.is_cut = False
        self.is_pending = False

    def sendall(self, data: bytes) -> None:
        """Raises OSError if the client is gone or the disk takes no more."""
        self._held += data
        if len(self._held) >= HELD_BYTES:
            self.flush()

    def gettimeout(self) -> float:
        """gunicorn asks before it writes an error: nothing here ever waits."""
        return 0.0

    def shutdown(self, how: int) -> None:
        """gunicorn would cut an answer that fails half-way. The event loop does, after what is pending."""
        raise OSError(errno.ENOTCONN, "the event loop closes connections")

    def close(self) -> None:
        """As `shutdown`."""

    def flush(self) -> None:
        """Hands on what is held back to be sent in one piece. Raises OSError as `sendall`."""
        with self._lock:
            data, self._held = bytes(self._held), bytearray()
            if self.is_cut:
                raise BrokenPipeError(errno.EPIPE, "the connection is closed")
            if not data:
                return
            try:
                if self.is_pending:
                    self._pending.write(data)
                elif rest := data[self._send(data) :]:
                    self._pending.write(rest)
                    self.is_pending = True
                    self._announce()
            except OSError:
                self._cut()
                raise

    def send_pending(self) -> None:
        """One block. Raises OSError if the client is gone."""
        with self._lock:
            try:
                self._pending.remove(self._send(self._pending.first(BLOCK_BYTES)))
                self.is_pending = bool(self._pending)
            except OSError:
                self._cut()
                raise

    def cut(self) -> None:
        """Nothing more is sent, whoever still writes."""
        with self._lock:
            self._cut()

    def spooled_bytes(self) -> int:
        return self._pending.spooled_bytes

    def arrived_bytes(self) -> int:
        """Those sent and no longer in the kernel's queue, which may be megabytes long."""
        try:
            queued = fcntl.ioctl(self._socket.fileno(), termios.TIOCOUTQ, bytes(4))
        except (OSError, ValueError):
            return self._sent
        return self._sent - int.from_bytes(queued, sys.byteorder)

    def _send(self, data: bytes) -> int:
        """How many bytes the kernel took."""
        at = 0
        try:
            while at < len(data):
                at += self._socket.send(data[at:] if at else data)
        except BlockingIOError:
            pass
        self._sent += at
        return at

    def _cut(self) -> None:
        self.is_cut, self.is_pending = True, False
        self._announce = _nobody_listens
        self._pending.close()


def _nobody_listens() -> None:
    """So that a closed connection is not kept in memory by its own outbox."""
