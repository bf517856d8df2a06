"""Reads a body that is compressed by gzip. Its limit holds for the bytes after unpacking, so a small body cannot fill the memory."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from flask import Response, request
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

GZIP = ("gzip", "x-gzip")
PLAIN = ("", "identity")
BLOCK_BYTES = 64 * 1024
WITH_GZIP_HEADER = 16 + zlib.MAX_WBITS
CUT = "the compressed body ended too early"
WRONG = "the body is not gzip, though Content-Encoding says so"


def check_coding() -> None:
    """Raises 415, which lists the codings that are read (RFC 9110, section 15.5.16)."""
    if _coding() not in (*GZIP, *PLAIN):
        raise UnsupportedMediaType(
            "send the body with Content-Encoding: gzip, or without this header",
            Response(status=415, headers={"Accept-Encoding": "gzip"}),
        )


def unpacked(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The body as it was before its coding, in blocks of at most BLOCK_BYTES. Raises 400 for wrong gzip."""
    return _gunzipped(blocks) if _coding() in GZIP else blocks


def _coding() -> str:
    return request.headers.get("Content-Encoding", "").strip().lower()


def _gunzipped(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """A gzip body is one stream, or several one after the other (RFC 1952, section 2.2)."""
    stream = _Stream()
    try:
        for block in blocks:
            yield from stream.unpack(block)
    except zlib.error:
        raise BadRequest(WRONG) from None
    if not stream.is_whole:
        raise BadRequest(CUT)


class _Stream:
    def __init__(self) -> None:
        self._inside = zlib.decompressobj(WITH_GZIP_HEADER)
        self.is_whole = False

    def unpack(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self.is_whole:
                self._inside, self.is_whole = zlib.decompressobj(WITH_GZIP_HEADER), False
            if part := self._inside.decompress(data, BLOCK_BYTES):
                yield part
            self.is_whole = self._inside.eof
            data = self._inside.unused_data if self.is_whole else self._inside.unconsumed_tail
