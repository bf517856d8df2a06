"""Makes requests of the bytes of one connection: a head, its body, then the next head. It uses no socket.

gunicorn's parser interprets heads and finds their errors; `head_rules` has two more.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

from gunicorn.http.body import Body, ChunkedReader
from gunicorn.http.errors import LimitRequestHeaders, NoMoreData
from gunicorn.http.message import Request
from gunicorn.http.unreader import Unreader
from gunicorn.util import unquote_to_wsgi_str

from service.server.limits import Limits
from service.server.receiving.framing import Chunked, Counted
from service.server.receiving.head_rules import check_head
from service.server.receiving.heads import HeadSearch
from service.server.spool import Spool, SpooledFiles

READ_BYTES = 32 * 1024
MOST_READ_BYTES = 512 * 1024
MOST_KEPT_BYTES = 64 * 1024
LONG_BODY_BYTES = 64 * 1024
"""A longer body, a chunked one and one that waits for `100 Continue` are received only if the head admits them."""
NO_BODY = -1
"""As a limit: the request is answered as soon as its head is here."""


class Phase(Enum):
    """What arrives next. REQUEST: the request can be answered, nothing more is needed."""

    HEAD = 0
    REST_OF_HEAD = 1
    BODY = 2
    REQUEST = 3


class Head(Unreader):
    """The bytes of a head, for gunicorn's parser. At their end it raises NoMoreData."""

    def __init__(self, head: bytes) -> None:
        super().__init__()
        self.buf.write(head)

    def chunk(self, size_hint: int | None = None) -> bytes:
        raise NoMoreData()


class Content:
    """The received body, for gunicorn's `Body`."""

    def __init__(self, body: Spool, is_whole: bool) -> None:
        self._body, self._is_whole = body, is_whole

    def read(self, size: int) -> bytes:
        """Raises NoMoreData at the end of a body that is not complete."""
        data = self._body.read(size)
        if size and not data and not self._is_whole:
            raise NoMoreData()
        return data


class Reception:
    """In phase REQUEST, `request` is gunicorn's request. If its head is wrong, `request` is None and `error` is set."""

    def __init__(self, cfg: Any, address: Any, limits: Limits, spooled: SpooledFiles) -> None:
        self._cfg, self.address, self._limits, self._spooled = cfg, address, limits, spooled
        self._bytes = bytearray()  # an unfinished head, or what follows a request
        self.number = 0
        self._begin()

    def _begin(self) -> None:
        self.phase = Phase.HEAD
        self.request: Any = None
        self.error: Exception | None = None
        self.must_continue = False
        """Whether the client waits for `100 Continue`."""
        self.waits_in_vain = False
        """Whether the client waits for `100 Continue` and gets its answer instead: it sends no body."""
        self.body = Spool(self._spooled)
        self._search = HeadSearch(self._cfg)
        self._framing: Counted | Chunked = Counted(0)
        self._limit = 0

    @property
    def is_whole(self) -> bool:
        """Whether the whole request has arrived. Only then can another one follow."""
        return self.request is not None and self._framing.is_whole

    @property
    def is_last(self) -> bool:
        """Whether the client asked to close the connection, and has sent nothing after its request."""
        return self.is_whole and not self._bytes and bool(self.request.should_close())

    @property
    def next_bytes(self) -> int:
        """How many bytes to read at once. Each read waits for the interpreter lock, so reads of a long body are large."""
        if isinstance(self._framing, Counted):
            return min(max(self._framing.left, READ_BYTES), MOST_READ_BYTES)
        return READ_BYTES

    def take(self, data: bytes) -> None:
        """Raises OSError if the disk is full."""
        self._bytes += data
        self._continue()

    def keep(self, data: bytes) -> bool:
        """Keeps bytes that follow a request which is being judged. Returns whether to read more of them."""
        self._bytes += data
        return bool(data) and len(self._bytes) < MOST_KEPT_BYTES

    def take_end(self) -> None:
        """The client sends no more. It may still read an answer, so an unfinished body is a request."""
        if self.phase is Phase.BODY:
            self._hand_over()

    def begin_next(self) -> None:
        """Begins the next request, of which bytes may have arrived. Raises OSError as `take`."""
        self.close()
        self._begin()
        self._continue()

    def close(self) -> None:
        self.body.close()

    def _continue(self) -> None:
        if self._bytes and self.phase in (Phase.HEAD, Phase.REST_OF_HEAD):
            self.phase = Phase.REST_OF_HEAD
            self._take_head()
        if self.phase is Phase.BODY:
            self._take_body()

    def _take_head(self) -> None:
        end = self._search.end(self._bytes)
        if not end and not self._search.may_be_wrong(self._bytes):
            return
        head = Head(bytes(self._bytes[: end or len(self._bytes)]))
        try:
            request = Request(self._cfg, head, self.address, self.number + 1)
            check_head(request)
        except NoMoreData as error:
            if self._search.is_too_long(self._bytes):
                self._refuse(LimitRequestHeaders("max buffer headers"))
            elif end:
                self._refuse(error)
        except Exception as error:  # gunicorn has many kinds of errors for heads
            self._refuse(error)
        else:
            del self._bytes[:end]
            self._expect_body(request)

    def _refuse(self, error: Exception) -> None:
        self.error = error
        self.phase = Phase.REQUEST

    def _expect_body(self, request: Any) -> None:
        self.request = request
        self.number += 1
        path = unquote_to_wsgi_str(request.path) if "%" in request.path else request.path
        reader = request.body.reader
        self._framing = (
            Chunked(request) if isinstance(reader, ChunkedReader) else Counted(reader.length)
        )
        # The event loop sends 100, not gunicorn: it must come before the body, which must come before the thread.
        expects, request._expected_100_continue = request._expected_100_continue, False
        is_received = self._is_admitted(path) if expects or self._is_long() else True
        self._limit = self._limits.body_limit(path) if is_received else NO_BODY
        self.phase = Phase.BODY
        self._take_body()
        self.must_continue = expects and self.phase is Phase.BODY
        self.waits_in_vain = expects and not self.must_continue and not self._bytes

    def _is_long(self) -> bool:
        return not isinstance(self._framing, Counted) or self._framing.left > LONG_BODY_BYTES

    def _is_admitted(self, path: str) -> bool:
        given = [value for name, value in self.request.headers if name == "AUTHORIZATION"]
        return self._limits.admits(self.request.method, path, given)

    def _take_body(self) -> None:
        framing = self._framing
        if not (isinstance(framing, Counted) and framing.left > self._limit):
            taken = framing.take(bytes(self._bytes), self.body)
            del self._bytes[:taken]
            if not (framing.is_whole or framing.is_broken or len(self.body) > self._limit):
                return
        self._hand_over()

    def _hand_over(self) -> None:
        """Makes the request ready, although its body may be incomplete. Its answer then closes the connection."""
        self.phase = Phase.REQUEST
        if not self._framing.is_whole:
            self.request.force_close()
        self.request.body = Body(Content(self.body, self._framing.is_whole))
