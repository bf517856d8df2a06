"""Bytes of a request in, bytes of an answer out. JSON is read by the one strict reader, never by Flask's."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from werkzeug.exceptions import (
    BadRequest,
    HTTPException,
    RequestEntityTooLarge,
    UnsupportedMediaType,
)

from schemas.strict_json import read_json, write_json

JSON = "application/json"
MAX_DRAINED_BYTES = 16 * 1024 * 1024


def posted_json() -> Any:
    """The request's body. Raises StrictJSONError and the HTTP errors 400, 413 and 415."""
    _check_headers()
    return read_json(_bytes())


def _check_headers() -> None:
    if request.mimetype != JSON:
        raise UnsupportedMediaType(f"send the header Content-Type: {JSON}")
    charset = request.mimetype_params.get("charset", "utf-8")
    if charset.lower() not in ("utf-8", "utf8"):
        raise UnsupportedMediaType("JSON is read as UTF-8 only")
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise UnsupportedMediaType("send the body uncompressed, without Content-Encoding")


def _bytes() -> bytes:
    try:
        return request.get_data(cache=False)
    except RequestEntityTooLarge:
        _drain()
        raise
    except HTTPException:
        raise
    except Exception as error:  # the server's own kinds of broken transfer: chunks, early ends
        raise BadRequest("the body broke off or its transfer encoding is broken") from error


def _drain() -> None:
    """Reads on, within bounds: a client still sending would get a reset connection, not the answer."""
    stream = request.environ["wsgi.input"]
    left = MAX_DRAINED_BYTES
    try:
        while left > 0 and (block := stream.read(min(left, 65536))):
            left -= len(block)
    except Exception:  # noqa: S110 - whatever broke, the answer is the same
        pass


def json_response(data: Any, status: int = 200, mimetype: str = JSON) -> Response:
    response = Response(write_json(data), status=status, mimetype=mimetype)
    response.headers["Cache-Control"] = "no-store"
    return response
