"""Chooses the media type of an answer by the Accept header."""

from __future__ import annotations

from collections.abc import Sequence

from flask import request
from werkzeug.datastructures import MIMEAccept
from werkzeug.exceptions import NotAcceptable


def negotiated(offered: Sequence[str]) -> str:
    """The offered media type that Accept prefers, or the first one if it prefers none. Raises 406.

    Media type parameters, such as charset or variant, are ignored.
    """
    accepted = request.accept_mimetypes
    if not accepted:
        return offered[0]
    media_types = MIMEAccept(
        [(media_type.partition(";")[0].strip(), quality) for media_type, quality in accepted]
    )
    best = media_types.best_match(offered)
    if best is None:
        raise NotAcceptable(f"the Accept header allows none of: {', '.join(offered)}")
    return best
