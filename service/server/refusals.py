"""Says which status and which words answer a request that gunicorn's parser refuses. It must not repeat what the client sent."""

from __future__ import annotations

from typing import Any

from gunicorn.http.errors import (
    ExpectationFailed,
    InvalidHeader,
    InvalidHeaderName,
    InvalidHTTPVersion,
    InvalidRequestLine,
    InvalidRequestMethod,
    LimitRequestHeaders,
    LimitRequestLine,
    NoMoreData,
    ObsoleteFolding,
    ParseException,
    UnsupportedTransferCoding,
)

from service.server.receiving.head_rules import MissingHost

UnreadHead = tuple[int, str]
"""The status and the detail of a problem."""

LINE = "the first line of a request must be a method, an address and HTTP/1.1, with one space between them"
ONCE = ("CONTENT-LENGTH", "CONTENT-TYPE", "HOST", "TRANSFER-ENCODING")
"""The headers that gunicorn names in an error if there is more than one."""

_REFUSALS: dict[type[Exception], UnreadHead] = {
    MissingHost: (400, "a request of HTTP/1.1 must have the header Host"),
    InvalidRequestLine: (400, LINE),
    InvalidRequestMethod: (400, LINE),
    InvalidHTTPVersion: (505, "this server reads HTTP/1.0 and HTTP/1.1"),
    InvalidHeader: (
        400,
        "a header must be a name, a colon and a value, without control characters",
    ),
    InvalidHeaderName: (400, "the name of a header must be letters, digits and hyphens"),
    ObsoleteFolding: (400, "a header must stand on one line"),
    ExpectationFailed: (417, "the header Expect can only be 100-continue"),
    UnsupportedTransferCoding: (
        501,
        "the only transfer coding is chunked; a compressed body needs Content-Encoding instead",
    ),
    LimitRequestLine: (414, "the first line of a request may have at most {line} bytes"),
    LimitRequestHeaders: (
        431,
        "a request may have at most {fields} headers of at most {size} bytes each",
    ),
    NoMoreData: (400, LINE),
    ParseException: (400, "the head of the request cannot be read"),
}


def refusal(error: Exception, cfg: Any) -> UnreadHead | None:
    """The refusal for an error of a head, with gunicorn's limits; None for any other error, which is one of the server."""
    if isinstance(error, InvalidHeader) and error.hdr in ONCE:
        return 400, f"the header {error.hdr} is wrong, or there is more than one"
    for base in type(error).__mro__:
        if base in _REFUSALS:
            status, detail = _REFUSALS[base]
            return status, detail.format(
                line=cfg.limit_request_line,
                fields=cfg.limit_request_fields,
                size=cfg.limit_request_field_size,
            )
    return None
