"""One connection: what it waits for, and until when. It is used by the event loop's thread only."""

from __future__ import annotations

import math
import socket
from enum import Enum
from typing import Any

from service.server.limits import Limits
from service.server.outbox import Outbox
from service.server.reception import Part, Reception

SECONDS_TO_PART = 2.0
SECONDS_TO_BEGIN = 2.0
"""When the worker stops, a request may be on its way to a connection that opened just now."""
SECONDS_FOR_THE_REST = 30.0
BYTES_OF_THE_REST = 64 * 1024 * 1024
"""Of a request that is refused before it came to its end: a client that still sends may get to its answer."""


class Stage(Enum):
    RECEIVING = 0
    JUDGED = 1
    SENDING = 2
    PARTING = 3
    CLOSED = 4


class Pace:
    """Whether bytes move at a rate: at least `least` a second, measured over `seconds`."""

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
        """Since the beginning."""
        start, before = self._first
        return (moved - before) / max(now - start, 0.001)


class Connection:
    """`sock`, `client` and `server` have the names that gunicorn asks for; `sock` takes the answer."""

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
        self._part = Part.HEAD
        self.deadline = now + limits.head_seconds
        self._pace: Pace | None = None
        self._rest = BYTES_OF_THE_REST

    @property
    def is_silent(self) -> bool:
        """Nothing of a request is here."""
        return self.stage is Stage.RECEIVING and self.reception.part is Part.HEAD

    def take(self, data: bytes) -> None:
        """No data are the end of what the client sends. Raises OSError if the disk takes no more."""
        if data:
            self.reception.take(data)
        else:
            self.reception.take_end()

    def received(self, now: float) -> None:
        """Sets the limits of what arrives now. A new connection has its time for a head from its opening on."""
        part = self.reception.part
        if part is self._part:
            return
        self._part = part
        if part is Part.REST_OF_HEAD and self.reception.number:
            self.deadline = now + self._limits.head_seconds
        elif part is Part.BODY:
            self.deadline = now + self._limits.body_seconds
            self._pace = Pace(self._limits.body_rate, self._limits.rate_seconds, now, 0)
        elif part is Part.REQUEST:
            self.stage, self._pace = Stage.JUDGED, None

    def wait_for_next(self, now: float, seconds: float) -> None:
        """Raises OSError if the disk takes no more of a body that is here already."""
        self.stage, self._part = Stage.RECEIVING, Part.HEAD
        self.silent_since = now
        self.deadline = now + seconds
        self.reception.go_on()

    def begins_to_send(self, now: float) -> None:
        """Of an answer which the client did not take at once."""
        limits, moved = self._limits, self.sock.arrived_bytes()
        self._pace = Pace(limits.answer_rate, limits.rate_seconds, now, moved)

    def has_sent(self) -> None:
        """Everything that was pending: the client owes nothing."""
        self._pace = None

    def part(self, now: float) -> None:
        """Waits for the client to close, a short while; a client cut off while it sends would lose the answer."""
        self.stage = Stage.PARTING
        broke_off = self.reception.request is not None and not self.reception.is_whole
        waits_long = broke_off and not self.was_late
        self.deadline = now + (SECONDS_FOR_THE_REST if waits_long else SECONDS_TO_PART)

    def discards(self, data: bytes) -> bool:
        """Whether it goes on to read what the client sends after its answer."""
        self._rest -= len(data)
        return bool(data) and self._rest > 0

    def hurry(self, now: float) -> None:
        """The worker stops."""
        if self.is_silent:
            self.deadline = min(self.deadline, self.silent_since + SECONDS_TO_BEGIN)
        elif self.stage is Stage.PARTING:
            self.deadline = min(self.deadline, now + SECONDS_TO_PART)

    def is_late(self, now: float) -> bool:
        if self.stage in (Stage.RECEIVING, Stage.PARTING) and now > self.deadline:
            return True
        return self._pace is not None and not self._pace.is_kept(now, self._moved())

    def spooled_bytes(self) -> int:
        """What lies in files and may be dropped: not the body of a request that is judged."""
        return (
            self.sock.spooled_bytes()
            + (self._part is Part.BODY) * self.reception.body.spooled_bytes
        )

    def rate(self, now: float) -> float:
        return self._pace.rate(now, self._moved()) if self._pace else math.inf

    def _moved(self) -> int:
        return self.sock.arrived_bytes() if self.sock.is_pending else len(self.reception.body)
