"""Requests out of the bytes of one connection: a head, its body, then the next head. It touches no socket.

gunicorn's parser alone decides what a head means and whether it is wrong.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

from gunicorn.http.body import Body, ChunkedReader
from gunicorn.http.errors import LimitRequestHeaders, NoMoreData
from gunicorn.http.message import Request
from gunicorn.http.unreader import Unreader
from gunicorn.util import unquote_to_wsgi_str

from service.server.framing import Chunked, Counted
from service.server.heads import HeadSearch
from service.server.limits import Limits
from service.server.store import Spooled, Store

READ_BYTES = 32 * 1024
MOST_READ_BYTES = 512 * 1024
MOST_KEPT_BYTES = 64 * 1024


class Part(Enum):
    """What arrives next. REQUEST: nothing more is waited for, the request can be answered."""

    HEAD = 0
    REST_OF_HEAD = 1
    BODY = 2
    REQUEST = 3


class Head(Unreader):
    """The bytes of a head for gunicorn's parser, which never waits for more."""

    def __init__(self, head: bytes) -> None:
        super().__init__()
        self.buf.write(head)

    def chunk(self, size_hint: int | None = None) -> bytes:
        raise NoMoreData()


class Content:
    """The received body for gunicorn's `Body`."""

    def __init__(self, body: Store, is_whole: bool) -> None:
        self._body, self._is_whole = body, is_whole

    def read(self, size: int) -> bytes:
        """Raises NoMoreData at the end of a body that is not whole."""
        data = self._body.read(size)
        if size and not data and not self._is_whole:
            raise NoMoreData()
        return data


class Reception:
    """Of a received request, `request` is gunicorn's; it is None if `error` says what is wrong with the head."""

    def __init__(self, cfg: Any, address: Any, limits: Limits, spooled: Spooled) -> None:
        self._cfg, self.address, self._limits, self._spooled = cfg, address, limits, spooled
        self._bytes = bytearray()  # an unfinished head, or what follows a request
        self.number = 0
        self._begin()

    def _begin(self) -> None:
        self.part = Part.HEAD
        self.request: Any = None
        self.error: Exception | None = None
        self.must_continue = False
        """Whether the client waits for `100 Continue` before it sends the body."""
        self.body = Store(self._spooled)
        self._search = HeadSearch(self._cfg)
        self._framing: Counted | Chunked = Counted(0)
        self._limit = 0

    @property
    def is_whole(self) -> bool:
        """Whether the request came to its end, so that the connection may go on."""
        return self.request is not None and self._framing.is_whole

    @property
    def is_last(self) -> bool:
        """Whether the client has said that nothing follows, and nothing does."""
        return self.is_whole and not self._bytes and bool(self.request.should_close())

    @property
    def next_bytes(self) -> int:
        """How many to read at once: each reading waits for the threads that judge, so of a long body many."""
        if isinstance(self._framing, Counted):
            return min(max(self._framing.left, READ_BYTES), MOST_READ_BYTES)
        return READ_BYTES

    def take(self, data: bytes) -> None:
        """Raises OSError if the disk takes no more of a body."""
        self._bytes += data
        self._go_on()

    def keep(self, data: bytes) -> bool:
        """Bytes that follow a request which is judged; whether more of them may come before its answer."""
        self._bytes += data
        return bool(data) and len(self._bytes) < MOST_KEPT_BYTES

    def take_end(self) -> None:
        """The client sends no more. Of a body that broke off it may still read that it did."""
        if self.part is Part.BODY:
            self._hand_over()

    def go_on(self) -> None:
        """After the answer: the next request may be here already. Raises OSError as `take`."""
        self.close()
        self._begin()
        self._go_on()

    def close(self) -> None:
        self.body.close()

    def _go_on(self) -> None:
        if self._bytes and self.part in (Part.HEAD, Part.REST_OF_HEAD):
            self.part = Part.REST_OF_HEAD
            self._take_head()
        if self.part is Part.BODY:
            self._take_body()

    def _take_head(self) -> None:
        end = self._search.end(self._bytes)
        if not end and not self._search.may_be_wrong(self._bytes):
            return
        head = Head(bytes(self._bytes[: end or len(self._bytes)]))
        try:
            request = Request(self._cfg, head, self.address, self.number + 1)
        except NoMoreData as error:
            if self._search.is_too_long(self._bytes):
                self._refuse(LimitRequestHeaders("max buffer headers"))
            elif end:
                self._refuse(error)
        except Exception as error:  # each is one of gunicorn's words for a wrong head
            self._refuse(error)
        else:
            del self._bytes[:end]
            self._expect_body(request)

    def _refuse(self, error: Exception) -> None:
        self.error = error
        self.part = Part.REQUEST

    def _expect_body(self, request: Any) -> None:
        self.request = request
        self.number += 1
        self._limit = self._limits.body_limit(unquote_to_wsgi_str(request.path))
        reader = request.body.reader
        self._framing = (
            Chunked(request) if isinstance(reader, ChunkedReader) else Counted(reader.length)
        )
        # The worker answers the expectation, not gunicorn: only there is known whether it comes in time.
        expects, request._expected_100_continue = request._expected_100_continue, False
        self.part = Part.BODY
        self._take_body()
        self.must_continue = expects and self.part is Part.BODY

    def _take_body(self) -> None:
        framing = self._framing
        if not (isinstance(framing, Counted) and framing.left > self._limit):
            taken = framing.take(bytes(self._bytes), self.body)
            del self._bytes[:taken]
            if not (framing.is_whole or framing.is_broken or len(self.body) > self._limit):
                return
        self._hand_over()

    def _hand_over(self) -> None:
        """The request as far as it came: its answer is the last one on this connection unless all came."""
        self.part = Part.REQUEST
        if not self._framing.is_whole:
            self.request.force_close()
        self.request.body = Body(Content(self.body, self._framing.is_whole))
