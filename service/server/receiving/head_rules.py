"""What HTTP demands of a head beyond what gunicorn's parser checks. It must not read the body."""

from __future__ import annotations

from typing import Any

from gunicorn.http.errors import ParseException, UnsupportedTransferCoding


class MissingHost(ParseException):
    """A request of HTTP/1.1 without the header Host."""


def check_head(request: Any) -> None:
    """Raises MissingHost (RFC 9112, section 3.2), and UnsupportedTransferCoding for any coding but `chunked` alone (section 6.1)."""
    if request.version >= (1, 1) and not any(name == "HOST" for name, _ in request.headers):
        raise MissingHost
    codings = [value for name, value in request.headers if name == "TRANSFER-ENCODING"]
    if codings and [coding.strip(" \t").lower() for coding in codings] != ["chunked"]:
        raise UnsupportedTransferCoding(", ".join(codings))
