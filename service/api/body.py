"""Reads the body of a request and makes the body of an answer. JSON is read by `schemas.strict_json`, never by Flask."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Response, request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType

from schemas.strict_json import read_json, write_json
from service.api.requests.content_coding import check_coding, unpacked
from service.config import BODY_BYTES

JSON = "application/json"
TEXT_JSON = "text/json"
MARKDOWN = "text/markdown"
PLAIN_TEXT = "text/plain"
BLOCK_BYTES = 64 * 1024
ENDED_EARLY = "the body ended too early or its transfer encoding is wrong"


def posted_json(*, lenient: bool) -> Any:
    """The request's body; `lenient` is that of `read_json`. Raises StrictJSONError and the HTTP errors 400, 413 and 415."""
    check_headers(JSON, TEXT_JSON)
    return read_json(b"".join(read_body(BODY_BYTES)), lenient=lenient)


def check_headers(*media_types: str) -> None:
    """Raises 415 for another media type, a charset other than UTF-8, or another coding than gzip."""
    if request.mimetype not in media_types:
        raise UnsupportedMediaType(f"send the header Content-Type: {media_types[0]}")
    charset = request.mimetype_params.get("charset", "utf-8")
    if charset.lower() not in ("utf-8", "utf8"):
        raise UnsupportedMediaType("JSON is read as UTF-8 only")
    check_coding()


def read_body(limit: int) -> Iterator[bytes]:
    """The whole body, unpacked, in blocks of at most `limit` bytes in all. Raises the HTTP errors 400 and 413."""
    length = 0
    for block in unpacked(_as_sent(limit)):
        length += len(block)
        _check_length(length, limit)
        yield block


def _as_sent(limit: int) -> Iterator[bytes]:
    """Reads up to a promised length, as not every server ends the body there, or one byte beyond the limit: a read that
    waits for more of a body which was given up at its limit would fail.
    """
    promised, length = request.content_length, 0
    _check_length(promised or 0, limit)
    end = limit + 1 if promised is None else promised
    while block := _next_block(min(BLOCK_BYTES, end - length)):
        length += len(block)
        _check_length(length, limit)
        yield block
    if promised is not None and length != promised:
        raise BadRequest(ENDED_EARLY)


def _check_length(length: int, limit: int) -> None:
    if length > limit:
        raise RequestEntityTooLarge(f"a body may have at most {limit // 1024 // 1024} MiB")


def _next_block(size: int) -> bytes:
    try:
        block: bytes = request.environ["wsgi.input"].read(size)
    except Exception as error:  # gunicorn's own errors, such as wrong chunks or an early end
        raise BadRequest(ENDED_EARLY) from error
    return block


def json_response(data: Any, status: int = 200, mimetype: str = JSON) -> Response:
    return never_stored(Response(write_json(data), status=status, mimetype=mimetype))


def text_response(text: str, media_type: str, profile: str = "") -> Response:
    named = f"; profile={profile}" if profile else ""
    return never_stored(Response(text, content_type=f"{media_type}; charset=utf-8{named}"))


def never_stored(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
