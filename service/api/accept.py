"""Which of the kinds of answer on offer a caller wants, by the Accept header."""

from __future__ import annotations

from collections.abc import Sequence

from flask import request
from werkzeug.datastructures import MIMEAccept
from werkzeug.exceptions import NotAcceptable


def negotiated(offered: Sequence[str]) -> str:
    """The kind liked best; the first of the offered where none is liked better. Raises 406.

    Parameters such as charset or variant keep nobody from an answer.
    """
    accepted = request.accept_mimetypes
    if not accepted:
        return offered[0]
    media_types = MIMEAccept(
        [(kind.partition(";")[0].strip(), quality) for kind, quality in accepted]
    )
    best = media_types.best_match(offered)
    if best is None:
        raise NotAcceptable(f"the Accept header takes none of: {', '.join(offered)}")
    return best
