"""Finds the end of a body, by its length or its chunks, in whatever pieces it arrives."""

from __future__ import annotations

import re
from typing import Any

from gunicorn.http.body import CHUNK_EXT_RE

from service.server.spool import Spool

LINE_BYTES = 8190
TRAILER_BYTES = 32 * 1024
_CHUNK = re.compile(rb"([0-9a-fA-F]{1,15})(?:[ \t]*(;[^\r\n]*))?\r\n")
"""A chunk's size and its extensions."""


class Counted:
    """A body of `length` bytes."""

    is_broken = False

    def __init__(self, length: int) -> None:
        self.left = length

    @property
    def is_whole(self) -> bool:
        return self.left == 0

    def take(self, data: bytes, body: Spool) -> int:
        """Appends the part of `data` that belongs to the body. Returns its length."""
        part = data[: self.left]
        body.write(part)
        self.left -= len(part)
        return len(part)


class Chunked:
    """A chunked body, with or without trailers (RFC 9112, section 7.1). It is as strict as gunicorn's own reader."""

    def __init__(self, request: Any) -> None:
        self.is_whole = self.is_broken = False
        self._request = request
        self._left = 0
        self._line = bytearray()
        self._expected = self._size
        self._trailers = bytearray()

    def take(self, data: bytes, body: Spool) -> int:
        """Appends the content of the chunks. Returns how many bytes of `data` belong to this body, sizes and trailers included."""
        at, parts = 0, bytearray()
        while at < len(data) and not (self.is_whole or self.is_broken):
            if self._left:
                part = data[at : at + self._left]
                self._left -= len(part)
                at += len(part)
                parts += part
            else:
                at = self._take_line(data, at)
        body.write(bytes(parts))
        return at

    def _take_line(self, data: bytes, at: int) -> int:
        """Reads a line, or the rest of one, from index `at`. Returns the index after it."""
        end = data.find(b"\n", at) + 1
        stop = end or len(data)
        self._line += data[at:stop]
        if len(self._line) > LINE_BYTES:
            self.is_broken = True
        elif end:
            line = bytes(self._line)
            self._line.clear()
            self._expected(line)
        return stop

    def _size(self, line: bytes) -> None:
        found = _CHUNK.fullmatch(line)
        if not found or not CHUNK_EXT_RE.fullmatch(found[2] or b""):
            self.is_broken = True
            return
        self._left = int(found[1], 16)
        self._expected = self._end_of_chunk if self._left else self._trailer

    def _end_of_chunk(self, line: bytes) -> None:
        self.is_broken = line != b"\r\n"
        self._expected = self._size

    def _trailer(self, line: bytes) -> None:
        if line == b"\r\n":
            self._read_trailers()
            return
        self._trailers += line
        self.is_broken = not line.endswith(b"\r\n") or len(self._trailers) > TRAILER_BYTES

    def _read_trailers(self) -> None:
        try:
            if self._trailers:
                lines = bytes(self._trailers[:-2])
                self._request.trailers = self._request.parse_headers(lines, from_trailer=True)
            self.is_whole = True
        except Exception:  # gunicorn has many kinds of errors for them
            self.is_broken = True
