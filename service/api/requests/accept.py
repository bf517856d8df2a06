"""Chooses the media type of an answer by the Accept header."""

from __future__ import annotations

import re
from collections.abc import Sequence

from flask import Response, request
from werkzeug.datastructures import MIMEAccept
from werkzeug.exceptions import NotAcceptable
from werkzeug.http import parse_accept_header

_BARE_FRACTION = re.compile(r";\s*q\s*=\s*\.", re.IGNORECASE)
"""Java's HttpURLConnection sends `*; q=.2, */*; q=.2`. werkzeug ignores a media type with such a number."""
ANY = {"*": "*/*"}


def negotiated(offered: Sequence[str]) -> str:
    """The offered media type that Accept prefers, or the first one if it prefers none. Raises 406.

    Media type parameters, such as charset or variant, are ignored.
    """
    header = _BARE_FRACTION.sub(";q=0.", request.headers.get("Accept", ""))
    accepted = parse_accept_header(header, MIMEAccept)
    if not accepted:
        return offered[0]
    names = [(text.partition(";")[0].strip(), quality) for text, quality in accepted]
    media_types = MIMEAccept([(ANY.get(name, name), quality) for name, quality in names])
    best = media_types.best_match(offered)
    if best is None:
        raise NotAcceptable(f"the Accept header allows none of: {', '.join(offered)}")
    return best


def say_that_it_varies(response: Response) -> Response:
    """For the blueprints whose answers have several forms."""
    response.vary.add("Accept")
    return response
