"""One connection: its stage and its time limits. Only the event loop's thread uses it, except for `sock`."""

from __future__ import annotations

import math
import socket
from enum import Enum
from typing import Any

from service.server.limits import Limits
from service.server.outbox import Outbox
from service.server.reception import Phase, Reception

SECONDS_TO_CLOSE = 2.0
SECONDS_TO_BEGIN = 2.0
"""When the worker stops: on a connection that opened just now, a request may be about to arrive."""
SECONDS_FOR_REST = 30.0
BYTES_OF_REST = 64 * 1024 * 1024
"""Limits for the rest of a request that was refused before its end. Without reading it, the client could lose the answer."""


class Stage(Enum):
    RECEIVING = 0
    JUDGED = 1
    SENDING = 2
    CLOSING = 3
    CLOSED = 4


class Pace:
    """A minimum rate: at least `least` bytes a second, measured over `seconds`."""

    def __init__(self, least: int, seconds: float, now: float, moved: int) -> None:
        self._least, self._seconds = least, seconds
        self._first = self._last = (now, moved)

    def is_kept(self, now: float, moved: int) -> bool:
        since, before = self._last
        if now - since < self._seconds:
            return True
        self._last = (now, moved)
        return moved - before >= self._least * (now - since)

    def rate(self, now: float, moved: int) -> float:
        """Bytes a second since the start."""
        start, before = self._first
        return (moved - before) / max(now - start, 0.001)


class Connection:
    """gunicorn reads `sock`, `client` and `server`. It writes the answer to `sock`."""

    def __init__(
        self,
        connection: socket.socket,
        server: Any,
        reception: Reception,
        outbox: Outbox,
        limits: Limits,
        now: float,
    ) -> None:
        self.socket, self.reception, self.sock = connection, reception, outbox
        self.client, self.server = reception.address, server
        self.stage = Stage.RECEIVING
        self.watched = 0
        self.keeps = self.was_late = False
        self.silent_since = now
        self._limits = limits
        self._phase = Phase.HEAD
        self.deadline = now + limits.head_seconds
        self._pace: Pace | None = None
        self._rest = BYTES_OF_REST

    @property
    def is_silent(self) -> bool:
        """Whether it waits for the first byte of a request."""
        return self.stage is Stage.RECEIVING and self.reception.phase is Phase.HEAD

    def take(self, data: bytes) -> None:
        """Empty data mean that the client sends no more. Raises OSError if the disk is full."""
        if data:
            self.reception.take(data)
        else:
            self.reception.take_end()

    def received(self, now: float) -> None:
        """Sets the limits of the next phase. On a new connection the time for a head begins when it opens."""
        phase = self.reception.phase
        if phase is self._phase:
            return
        self._phase = phase
        if phase is Phase.REST_OF_HEAD and self.reception.number:
            self.deadline = now + self._limits.head_seconds
        elif phase is Phase.BODY:
            self.deadline = now + self._limits.body_seconds
            self._pace = Pace(self._limits.body_rate, self._limits.rate_seconds, now, 0)
        elif phase is Phase.REQUEST:
            self.stage, self._pace = Stage.JUDGED, None

    def wait_for_next(self, now: float, seconds: float) -> None:
        """Begins the next request, of which bytes may have arrived. Raises OSError if the disk is full."""
        self.stage, self._phase = Stage.RECEIVING, Phase.HEAD
        self.silent_since = now
        self.deadline = now + seconds
        self.reception.begin_next()

    def begins_to_send(self, now: float) -> None:
        """A part of the answer is pending: from now on the client must read at the minimum rate."""
        limits, moved = self._limits, self.sock.arrived_bytes()
        self._pace = Pace(limits.answer_rate, limits.rate_seconds, now, moved)

    def has_sent(self) -> None:
        """Nothing is pending."""
        self._pace = None

    def begin_closing(self, now: float) -> None:
        """Waits for the client to close. If the server closed while the client sends, the client could lose the answer."""
        self.stage = Stage.CLOSING
        reception = self.reception
        broke_off = reception.request is not None and not reception.is_whole
        waits_long = broke_off and not self.was_late and not reception.waits_in_vain
        self.deadline = now + (SECONDS_FOR_REST if waits_long else SECONDS_TO_CLOSE)

    def discards(self, data: bytes) -> bool:
        """Drops what the client sends after its answer. Returns whether to read on."""
        self._rest -= len(data)
        return bool(data) and self._rest > 0

    def shorten(self, now: float) -> None:
        """The worker stops: silent and closing connections have less time."""
        if self.is_silent:
            self.deadline = min(self.deadline, self.silent_since + SECONDS_TO_BEGIN)
        elif self.stage is Stage.CLOSING:
            self.deadline = min(self.deadline, now + SECONDS_TO_CLOSE)

    def is_late(self, now: float) -> bool:
        if self.stage in (Stage.RECEIVING, Stage.CLOSING) and now > self.deadline:
            return True
        return self._pace is not None and not self._pace.is_kept(now, self._moved())

    def spooled_bytes(self) -> int:
        """The size of its files that are removed if the connection ends. A body that a thread reads does not count."""
        return (
            self.sock.spooled_bytes()
            + (self._phase is Phase.BODY) * self.reception.body.spooled_bytes
        )

    def rate(self, now: float) -> float:
        return self._pace.rate(now, self._moved()) if self._pace else math.inf

    def _moved(self) -> int:
        return self.sock.arrived_bytes() if self.sock.is_pending else len(self.reception.body)
