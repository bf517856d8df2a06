"""Says in an answer on which headers of its request it depends (RFC 9110, section 12.5.5)."""

from __future__ import annotations

from flask import Response

VARY = "Vary"


def vary_by(response: Response, header: str) -> None:
    """Adds the name to the header Vary, unless it is there. Every answer passes here: werkzeug's set of names takes longer."""
    named = response.headers.get(VARY)
    if not named:
        response.headers[VARY] = header
    elif header.lower() not in (one.strip().lower() for one in named.split(",")):
        response.headers[VARY] = f"{named}, {header}"
