"""All open connections of a worker, in its event loop: what arrives on them, what is sent, and which are given up.

It judges nothing: a received request goes to `judge`, and `answered` brings the connection back.
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
from service.server.reception import Part, Reception
from service.server.seldom_log import SeldomLog
from service.server.store import Spooled

KEPT_BYTES = 16 * 1024
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
TOO_LATE = (408, "the request did not arrive in time or too slowly")
NO_SPACE = (503, "this server has no space for the body now; try again")
_FIRST_TO_CLOSE = {Part.HEAD: 1, Part.REST_OF_HEAD: 2, Part.BODY: 3}


@dataclass(frozen=True, slots=True)
class Hooks:
    """What the worker does for its connections. `defer` may be called from any thread: it runs a function in the event
    loop. `early_answer` writes the answer in the place of a request that does not arrive.
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
        self._spooled = Spooled()
        self._open: set[Connection] = set()

    def __len__(self) -> int:
        return len(self._open)

    def begin(self, client: socket.socket, address: Any, server: Any) -> None:
        """With a connection that was just accepted."""
        client.setblocking(False)
        reception = Reception(self._cfg, address, self._limits, self._spooled)
        outbox = Outbox(client, self._spooled, lambda: self._hooks.defer(pending))
        connection = Connection(client, server, reception, outbox, self._limits, time.monotonic())
        pending = partial(self._safely, self._watch_pending, connection)
        self._open.add(connection)
        self._safely(self._receive, connection)

    def answered(self, connection: Connection, keeps: bool) -> None:
        """By a thread that has nothing more to do with it."""
        connection.keeps = keeps
        if connection.stage is Stage.CLOSED:
            connection.reception.close()
        elif connection.sock.is_cut:
            self._drop(connection)
        elif connection.sock.is_pending:
            connection.stage = Stage.SENDING
        else:
            self._safely(self._sent, connection)

    def give_up_late_ones(self, now: float, stopping: bool) -> None:
        for connection in list(self._open):
            if stopping:
                connection.hurry(now)
            if connection.is_late(now):
                self._safely(self._give_up, connection)
        self._keep_spool_small()

    def make_room(self) -> bool:
        """Closes the connection that is least of a request. False if all are being answered."""
        waiting = [one for one in self._open if one.stage in (Stage.PARTING, Stage.RECEIVING)]
        if waiting:
            self._warnings.warn("Closed a waiting connection for a new one: no more may be open")
            self._drop(min(waiting, key=_closing_order))
        return bool(waiting)

    def drop_all(self) -> None:
        for connection in list(self._open):
            self._drop(connection)

    # What happens on a connection

    def _safely(self, step: Callable[[Connection], None], connection: Connection) -> None:
        """One connection's trouble is not the worker's."""
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
        if connection.stage is Stage.PARTING:
            if not connection.discards(data):
                self._drop(connection)
            return
        try:
            connection.take(data)
        except OSError:  # of the disk
            self._refuse(connection, *NO_SPACE)
            return
        if data or connection.reception.part is Part.REQUEST:
            self._go_on(connection)
        else:
            self._drop(connection)

    def _go_on(self, connection: Connection) -> None:
        """After what was received."""
        connection.received(time.monotonic())
        if connection.stage is Stage.JUDGED:
            self._hooks.judge(connection)
            return
        if connection.reception.must_continue:
            connection.reception.must_continue = False
            connection.sock.sendall(CONTINUE)
            connection.sock.flush()
        self._watch(connection, EVENT_READ)
        self._keep_spool_small()

    def _keep(self, connection: Connection) -> None:
        """What follows a request that is judged: often the next one, sent before its thread has ended."""
        try:
            data = connection.socket.recv(KEPT_BYTES)
        except OSError:  # also of a client that is gone: the thread learns it when it writes
            data = b""
        if not connection.reception.keep(data):
            self._watch(connection, 0)

    def _send(self, connection: Connection) -> None:
        try:
            connection.sock.send_pending()
        except OSError:
            if connection.stage is not Stage.JUDGED:
                raise
            self._watch(connection, 0)  # its thread meets the same error
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
            self._part(connection)
            return
        try:
            connection.wait_for_next(time.monotonic(), self._cfg.keepalive)
        except OSError:  # of the disk
            self._refuse(connection, *NO_SPACE)
        else:
            self._go_on(connection)

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

    # How a connection ends

    def _part(self, connection: Connection) -> None:
        if connection.reception.is_last:
            self._drop(connection)
            return
        connection.socket.shutdown(socket.SHUT_WR)
        connection.part(time.monotonic())
        self._watch(connection, EVENT_READ)

    def _give_up(self, connection: Connection) -> None:
        if connection.stage is Stage.RECEIVING and not connection.is_silent:
            self._warnings.warn("Answered 408: a request did not arrive in time or too slowly")
            connection.was_late = True
            self._refuse(connection, *TOO_LATE)
            return
        if connection.sock.is_pending:
            self._warnings.warn("Closed a connection: its client takes its answer too slowly")
        self._drop(connection)

    def _refuse(self, connection: Connection, status: int, detail: str) -> None:
        """Answers in the place of a request that does not come, as the connection's last answer."""
        connection.reception.close()
        connection.keeps = False
        connection.stage = Stage.SENDING
        connection.sock.sendall(self._hooks.early_answer(status, detail))
        connection.sock.flush()
        if not connection.sock.is_pending:
            self._part(connection)

    def _keep_spool_small(self) -> None:
        """Gives up the slowest clients while files of bodies and answers take too much space."""
        if self._spooled.bytes <= self._limits.spool_bytes:
            return
        now = time.monotonic()
        spooling = [one for one in self._open if one.spooled_bytes()]
        for slow in sorted(spooling, key=lambda one: one.rate(now)):
            if self._spooled.bytes <= self._limits.spool_bytes:
                break
            self._warnings.warn("Closed the slowest connection: bodies and answers take all space")
            self._safely(self._free_space, slow)

    def _free_space(self, connection: Connection) -> None:
        if connection.stage is Stage.RECEIVING:
            self._refuse(connection, *NO_SPACE)
        else:
            self._drop(connection)

    def _drop(self, connection: Connection) -> None:
        """Closes it at once. A body that a thread still reads is closed when that has ended."""
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
    parting = connection.stage is Stage.PARTING
    return 0 if parting else _FIRST_TO_CLOSE[connection.reception.part], connection.deadline
