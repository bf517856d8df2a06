"""Sends an answer without waiting for the client. gunicorn writes to it as to a socket."""

from __future__ import annotations

import errno
import fcntl
import socket
import sys
import termios
from collections.abc import Callable
from threading import Lock

from service.server.spool import Spool, SpooledFiles

HELD_BYTES = 64 * 1024
BLOCK_BYTES = 256 * 1024


class Outbox:
    """A thread writes the answer. What the kernel does not accept at once is pending; the event loop sends it later.

    `announce` is called, in the writing thread, when a part of the answer becomes pending.
    """

    def __init__(
        self, connection: socket.socket, spooled: SpooledFiles, announce: Callable[[], None]
    ) -> None:
        self._socket, self._announce = connection, announce
        self._held = bytearray()
        self._parts = 0
        self._pending = Spool(spooled)
        self._lock = Lock()
        self._sent = 0
        self.is_cut = False
        self.is_pending = False

    def sendall(self, data: bytes) -> None:
        """Holds the newest part back, and all of an answer that has only a head, one part and an end. Raises OSError if the client is gone or the disk is full.

        The end of an answer leaves with `flush`, when all that the answer held is free for the client's next request.
        """
        self._parts += 1
        if self._parts > len(("head", "part", "end")):
            self._send_held()
        self._held += data
        if len(self._held) >= HELD_BYTES:
            self._send_held()

    def gettimeout(self) -> float:
        """gunicorn calls it before it writes an error. 0 means that writing never waits."""
        return 0.0

    def shutdown(self, how: int) -> None:
        """gunicorn calls it for an answer that fails after its head. The event loop closes the connection instead."""
        raise OSError(errno.ENOTCONN, "the event loop closes connections")

    def close(self) -> None:
        """Does nothing, for the same reason."""

    def flush(self) -> None:
        """Ends an answer: sends what is held back. Raises OSError as `sendall`."""
        self._parts = 0
        self._send_held()

    def _send_held(self) -> None:
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
        """Sends one block. Raises OSError if the client is gone."""
        with self._lock:
            try:
                self._pending.remove(self._send(self._pending.first(BLOCK_BYTES)))
                self.is_pending = bool(self._pending)
            except OSError:
                self._cut()
                raise

    def cut(self) -> None:
        """Drops what is pending. A thread that still writes gets an error."""
        with self._lock:
            self._cut()

    def spooled_bytes(self) -> int:
        return self._pending.spooled_bytes

    def arrived_bytes(self) -> int:
        """The bytes that have left the kernel's send queue, which can hold megabytes."""
        try:
            queued = fcntl.ioctl(self._socket.fileno(), termios.TIOCOUTQ, bytes(4))
        except (OSError, ValueError):
            return self._sent
        return self._sent - int.from_bytes(queued, sys.byteorder)

    def _send(self, data: bytes) -> int:
        """Returns how many bytes the kernel accepted."""
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
        self._announce = _ignore
        self._pending.close()


def _ignore() -> None:
    """Replaces `announce` of a closed connection, which would keep the connection in memory."""
