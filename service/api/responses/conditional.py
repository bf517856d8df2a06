"""Answers 304 to a caller that has the newest version already (RFC 9110, section 13.1.2). Views need not know of it."""

from __future__ import annotations

from flask import Flask, Response, request


def register_conditional_requests(app: Flask) -> None:
    """Every answer to GET and HEAD gets an ETag, except those that may not be stored."""
    app.after_request(_conditional)


def _conditional(response: Response) -> Response:
    is_read = request.method in ("GET", "HEAD") and response.status_code == 200
    if not is_read or response.cache_control.no_store:
        return response
    response.headers["Cache-Control"] = "no-cache"  # a cache asks before each use
    response.add_etag(weak=True)  # weak: a proxy may compress the answer
    etag, _ = response.get_etag()
    if etag and request.if_none_match.contains_weak(etag):
        response.status_code = 304  # werkzeug then sends neither the body nor its headers
    return response
