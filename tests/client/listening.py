"""Listeners that stand between the client and the real server, or in its place: they record, cut, encrypt, or answer wrongly."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

BLOCK = 65536


@contextmanager
def listening(handle: Callable[[socket.socket], None]) -> Iterator[int]:
    """A port. Each connection to it is given to `handle` in a thread, and is closed after it."""
    listener = socket.create_server(("127.0.0.1", 0))
    threads: list[threading.Thread] = []

    def serve(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            handle(connection)

    def accept() -> None:
        with suppress(OSError):  # the listener was closed
            while True:
                threads.append(threading.Thread(target=serve, args=[listener.accept()[0]]))
                threads[-1].start()

    accepting = threading.Thread(target=accept)
    accepting.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        accepting.join()
        for thread in threads:
            thread.join()


@dataclass
class Relay:
    """`asked` and `answered` are the bytes of both directions, one entry for each connection."""

    port: int = 0
    asked: list[bytearray] = field(default_factory=list)
    answered: list[bytearray] = field(default_factory=list)


@contextmanager
def relay(
    to: int, cuts: Iterable[int] = (), context: ssl.SSLContext | None = None
) -> Iterator[Relay]:
    """Passes connections on to the port `to`. Each of `cuts` ends a connection after so many bytes of the answer."""
    found, left = Relay(), iter(cuts)

    def handle(connection: socket.socket) -> None:
        most = next(left, None)
        near = context.wrap_socket(connection, server_side=True) if context else connection
        with near, socket.create_connection(("127.0.0.1", to)) as far:
            found.asked.append(bytearray())
            found.answered.append(bytearray())
            asking = threading.Thread(target=pump, args=[near, far, found.asked[-1]])
            asking.start()
            pump(far, near, found.answered[-1], most)
            with suppress(OSError):
                near.shutdown(socket.SHUT_RDWR)
            asking.join()

    with listening(handle) as found.port:
        yield found


def pump(
    source: socket.socket, target: socket.socket, seen: bytearray, most: int | None = None
) -> None:
    """Passes bytes on until the source ends. With `most` it stops after so many."""
    with suppress(OSError):
        while most is None or len(seen) < most:
            data = source.recv(BLOCK if most is None else min(BLOCK, most - len(seen)))
            if not data:
                break
            seen += data
            target.sendall(data)
        if most is None:
            target.shutdown(socket.SHUT_WR)


def tunnel(connection: socket.socket) -> None:
    """What a proxy does for CONNECT."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += connection.recv(1)
    method, target, _ = head.split(b" ", 2)
    assert method == b"CONNECT"
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    with socket.create_connection(("127.0.0.1", int(target.rpartition(b":")[2]))) as far:
        back = threading.Thread(target=pump, args=[far, connection, bytearray()])
        back.start()
        pump(connection, far, bytearray())
        back.join()
