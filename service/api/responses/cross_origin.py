"""Lets pages of other origins call the API from a browser (CORS), if the operator names them. It must not decide who may call."""

from __future__ import annotations

import re
from collections.abc import Sequence

from flask import Flask, Response
from flask_cors import CORS

from service.api.responses.vary import vary_by

EVERY = "*"
METHODS = ("GET", "HEAD", "POST", "OPTIONS")
SENT = (
    "Accept",
    "Accept-Language",
    "Authorization",
    "Content-Encoding",
    "Content-Type",
    "If-None-Match",
    "Prefer",
    "traceparent",
    "X-Request-Id",
)
EXPOSED = (
    "ETag",
    "Preference-Applied",
    "Retry-After",
    "WWW-Authenticate",
    "X-Request-Id",
)
"""The headers of answers that a page may read, beside the few that browsers always show."""
SECONDS_TO_REMEMBER = 600


def register_cross_origin(app: Flask, origins: Sequence[str]) -> None:
    """`origins` are whole origins, such as https://desk.example.com, or EVERY alone. Cookies are never used, so none are allowed."""
    if not origins:
        return
    allows_every = EVERY in origins
    CORS(
        app,
        origins=EVERY if allows_every else [_exactly(origin) for origin in origins],
        methods=list(METHODS),
        allow_headers=list(SENT),
        expose_headers=list(EXPOSED),
        max_age=SECONDS_TO_REMEMBER,
        send_wildcard=allows_every,
        vary_header=False,  # it would be a second header Vary, of which others read only the first
        always_send=False,
        allow_private_network=False,
        intercept_exceptions=False,
    )
    if not allows_every:
        app.after_request(_vary_by_origin)


def _vary_by_origin(response: Response) -> Response:
    vary_by(response, "Origin")
    return response


def _exactly(origin: str) -> re.Pattern[str]:
    """flask-cors understands an origin with special characters, such as those of an IPv6 address, as a pattern."""
    return re.compile(rf"{re.escape(origin)}\Z", re.IGNORECASE)
