"""Compresses answers by gzip for clients that accept it. It must not change what an answer says."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

from flask import Flask, Response, request

from service.api.responses.vary import vary_by

LEAST_BYTES = 1024
"""A smaller answer fits into one packet anyway."""
LEVEL = 1
"""The fastest: an answer of 48 KB becomes 12 KB. The default level makes it 10 KB and takes three times as long."""
ACCEPT_ENCODING = "Accept-Encoding"
NO_CONTENT, NOT_MODIFIED = 204, 304
WITH_GZIP_HEADER = 16 + zlib.MAX_WBITS


def register_compression(app: Flask) -> None:
    app.after_request(_compress)


def _compress(response: Response) -> Response:
    if not _is_worth_it(response):
        return response
    vary_by(response, ACCEPT_ENCODING)
    if _is_accepted() and response.status_code != NOT_MODIFIED:
        if response.is_streamed:
            response.response = _packed(response.iter_encoded())
        else:
            response.set_data(zlib.compress(response.get_data(), LEVEL, WITH_GZIP_HEADER))
        response.headers["Content-Encoding"] = "gzip"
    return response


def _is_accepted() -> bool:
    return "HTTP_ACCEPT_ENCODING" in request.environ and bool(request.accept_encodings["gzip"])


def _is_worth_it(response: Response) -> bool:
    """A streamed answer may have any length. A 304 varies as the answer that it stands for, which it still has here."""
    if response.status_code == NO_CONTENT or "Content-Encoding" in response.headers:
        return False
    return response.is_streamed or (response.calculate_content_length() or 0) >= LEAST_BYTES


def _packed(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Each block can be unpacked as soon as it arrives."""
    packer = zlib.compressobj(LEVEL, wbits=WITH_GZIP_HEADER)
    try:
        for block in blocks:
            yield packer.compress(block) + packer.flush(zlib.Z_SYNC_FLUSH)
        yield packer.flush()
    finally:
        close = getattr(blocks, "close", None)  # the batch writes its log line there
        if close:
            close()
