"""The open connections of a worker: its event loop receives requests, sends answers and closes late connections.

A received request is passed to `Hooks.judge`. The worker calls `answered` when its thread has finished.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from selectors import EVENT_READ, EVENT_WRITE, BaseSelector
from typing import Any

from service.server.connection import Connection, Stage
from service.server.limits import Limits
from service.server.outbox import Outbox
from service.server.reception import Phase, Reception
from service.server.seldom_log import SeldomLog
from service.server.spool import SpooledFiles

KEPT_BYTES = 16 * 1024
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
TOO_LATE = (408, "the request did not arrive in time, or arrived too slowly")
NO_THREAD = (503, "no thread can be started now; try again")
NO_SPACE = (503, "there is no space to store the body now; try again")
_FIRST_TO_CLOSE = {Phase.HEAD: 1, Phase.REST_OF_HEAD: 2, Phase.BODY: 3, Phase.REQUEST: 4}


@dataclass(frozen=True, slots=True)
class Hooks:
    """The worker's functions. `judge` passes a request to a thread. `defer`, called in any thread, runs a function in the
    event loop. `early_answer` returns the whole answer to a request that does not arrive.
    """

    judge: Callable[[Connection], None]
    defer: Callable[[Callable[[], None]], None]
    early_answer: Callable[[int, str], bytes]


class Connections:
    """Used by the event loop's thread only."""

    def __init__(
        self, cfg: Any, log: Any, limits: Limits, poller: BaseSelector, hooks: Hooks
    ) -> None:
        self._cfg, self._log, self._limits = cfg, log, limits
        self._poller, self._hooks = poller, hooks
        self._warnings = SeldomLog(log)
        self._spooled = SpooledFiles()
        self._open: set[Connection] = set()

    def __len__(self) -> int:
        return len(self._open)

    def begin(self, client: socket.socket, address: Any, server: Any) -> None:
        """Adds an accepted connection and reads what has arrived."""
        client.setblocking(False)
        reception = Reception(self._cfg, address, self._limits, self._spooled)
        outbox = Outbox(client, self._spooled, lambda: self._hooks.defer(pending))
        connection = Connection(client, server, reception, outbox, self._limits, time.monotonic())
        pending = partial(self._safely, self._watch_pending, connection)
        self._open.add(connection)
        self._safely(self._receive, connection)

    def answered(self, connection: Connection, keeps: bool) -> None:
        """The thread has finished with the connection. What it wrote may still be pending."""
        connection.keeps = keeps
        if connection.stage is Stage.CLOSED:
            connection.reception.close()
        elif connection.sock.is_cut:
            self._drop(connection)
        elif connection.sock.is_pending:
            connection.stage = Stage.SENDING
        else:
            self._safely(self._sent, connection)

    def close_late(self, now: float, stopping: bool) -> None:
        for connection in list(self._open):
            if stopping:
                connection.shorten(now)
            if connection.is_late(now):
                self._safely(self._end_late, connection)
        self._keep_spool_small()

    def make_room(self) -> bool:
        """Closes the connection that matters least (see `_closing_order`). False if all are being answered."""
        waiting = [one for one in self._open if one.stage in (Stage.CLOSING, Stage.RECEIVING)]
        if waiting:
            self._warnings.warn(
                "Closed a connection to accept a new one: the limit of connections is reached"
            )
            self._drop(min(waiting, key=_closing_order))
        return bool(waiting)

    def drop_all(self) -> None:
        for connection in list(self._open):
            self._drop(connection)

    # Events of one connection

    def _safely(self, step: Callable[[Connection], None], connection: Connection) -> None:
        """An error on one connection closes only this connection."""
        if connection.stage is Stage.CLOSED:
            return
        try:
            step(connection)
        except OSError:  # the client is gone
            self._drop(connection)
        except Exception:
            self._log.exception("Error in the event loop")
            self._drop(connection)

    def _on_event(self, connection: Connection, _: Any) -> None:
        self._safely(self._move, connection)

    def _move(self, connection: Connection) -> None:
        if connection.sock.is_pending:
            self._send(connection)
        elif connection.stage is Stage.JUDGED:
            self._keep(connection)
        else:
            self._receive(connection)

    def _receive(self, connection: Connection) -> None:
        try:
            data = connection.socket.recv(connection.reception.next_bytes)
        except BlockingIOError:
            self._watch(connection, EVENT_READ)
            return
        if connection.stage is Stage.CLOSING:
            if not connection.discards(data):
                self._drop(connection)
            return
        try:
            connection.take(data)
        except OSError:  # of the disk
            self._refuse(connection, *NO_SPACE)
            return
        if data or connection.reception.phase is Phase.REQUEST:
            self._continue(connection)
        else:
            self._drop(connection)

    def _continue(self, connection: Connection) -> None:
        """Acts on what was received."""
        connection.received(time.monotonic())
        if connection.stage is Stage.JUDGED:
            try:
                self._hooks.judge(connection)
            except RuntimeError:
                self._refuse(connection, *NO_THREAD)
            return
        if connection.reception.must_continue:
            connection.reception.must_continue = False
            connection.sock.sendall(CONTINUE)
            connection.sock.flush()
        self._watch(connection, EVENT_READ)
        self._keep_spool_small()

    def _keep(self, connection: Connection) -> None:
        """Reads what follows a request that is being judged. Often its answer was sent, but its thread has not ended."""
        try:
            data = connection.socket.recv(KEPT_BYTES)
        except OSError:  # also if the client is gone: the thread sees that when it writes
            data = b""
        if not connection.reception.keep(data):
            self._watch(connection, 0)

    def _send(self, connection: Connection) -> None:
        try:
            connection.sock.send_pending()
        except OSError:
            if connection.stage is not Stage.JUDGED:
                raise
            self._watch(connection, 0)  # its thread gets an error too
            return
        if not connection.sock.is_pending:
            connection.has_sent()
            self._watch(connection, 0)
            if connection.stage is Stage.SENDING:
                self._sent(connection)

    def _watch_pending(self, connection: Connection) -> None:
        if connection.sock.is_pending:
            connection.begins_to_send(time.monotonic())
            self._watch(connection, EVENT_WRITE)
        self._keep_spool_small()

    def _sent(self, connection: Connection) -> None:
        if not connection.keeps:
            self._close_soon(connection)
            return
        try:
            connection.wait_for_next(time.monotonic(), self._cfg.keepalive)
        except OSError:  # of the disk
            self._refuse(connection, *NO_SPACE)
        else:
            self._continue(connection)

    def _watch(self, connection: Connection, events: int) -> None:
        if events == connection.watched:
            return
        if not events:
            self._poller.unregister(connection.socket)
        elif connection.watched:
            self._poller.modify(connection.socket, events, partial(self._on_event, connection))
        else:
            self._poller.register(connection.socket, events, partial(self._on_event, connection))
        connection.watched = events

    # The end of a connection

    def _close_soon(self, connection: Connection) -> None:
        if connection.reception.is_last:
            self._drop(connection)
            return
        connection.socket.shutdown(socket.SHUT_WR)
        connection.begin_closing(time.monotonic())
        self._watch(connection, EVENT_READ)

    def _end_late(self, connection: Connection) -> None:
        if connection.stage is Stage.RECEIVING and not connection.is_silent:
            self._warnings.warn(
                "Answered 408: a request did not arrive in time, or arrived too slowly"
            )
            connection.was_late = True
            self._refuse(connection, *TOO_LATE)
            return
        if connection.sock.is_pending:
            self._warnings.warn("Closed a connection: its client reads the answer too slowly")
        self._drop(connection)

    def _refuse(self, connection: Connection, status: int, detail: str) -> None:
        """Sends an early answer, which is the connection's last."""
        connection.reception.close()
        connection.keeps = False
        connection.stage = Stage.SENDING
        connection.sock.sendall(self._hooks.early_answer(status, detail))
        connection.sock.flush()
        if not connection.sock.is_pending:
            self._close_soon(connection)

    def _keep_spool_small(self) -> None:
        """Ends the slowest connections while the temporary files are too large."""
        if self._spooled.bytes <= self._limits.spool_bytes:
            return
        now = time.monotonic()
        spooling = [one for one in self._open if one.spooled_bytes()]
        for slow in sorted(spooling, key=lambda one: one.rate(now)):
            if self._spooled.bytes <= self._limits.spool_bytes:
                break
            self._warnings.warn("Ended the slowest connection: the temporary files are too large")
            self._safely(self._free_space, slow)

    def _free_space(self, connection: Connection) -> None:
        if connection.stage is Stage.RECEIVING:
            self._refuse(connection, *NO_SPACE)
        else:
            self._drop(connection)

    def _drop(self, connection: Connection) -> None:
        """Closes it at once. If a thread still reads its body, `answered` closes the body."""
        is_judged = connection.stage is Stage.JUDGED
        connection.stage = Stage.CLOSED
        self._open.discard(connection)
        with suppress(OSError, KeyError, ValueError):
            self._watch(connection, 0)
        connection.sock.cut()
        connection.socket.close()
        if not is_judged:
            connection.reception.close()


def _closing_order(connection: Connection) -> tuple[int, float]:
    rank = _FIRST_TO_CLOSE[connection.reception.phase]
    return 0 if connection.stage is Stage.CLOSING else rank, connection.deadline
