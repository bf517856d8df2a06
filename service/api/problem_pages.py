"""The one place where errors become answers: RFC 9457 problem details, and a log line for errors of the server."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from flask import Flask, Response, g, request
from flask_smorest import Blueprint
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.routing import RequestRedirect

from schemas.problem_details import ProblemSchema
from service.answering import problem
from service.api.body import json_response
from service.api.observers import observers
from service.problem_details import ASSESSMENT_ERRORS, TITLES, details, details_of

PROBLEM_JSON = "application/problem+json"
_DETAILS = {
    404: "/openapi.json lists all addresses",
    405: "the Allow header lists the allowed methods",
    413: "a body may have at most 1 MiB",
}
_HEADERS_OF_THE_BODY = {
    "content-type",
    "content-length",
    "content-encoding",
    "content-language",
    "content-md5",
    "content-digest",
    "repr-digest",
    "transfer-encoding",
}
"""The headers that describe the bytes of a body. A problem replaces that body. ETag and Content-Range describe the resource, so they stay."""

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_log = structlog.get_logger("tocsin")


def documented(blueprint: Blueprint, *statuses: int) -> Callable[[Any], Any]:
    """Names in the OpenAPI document the problems that a view can answer with."""

    def decorate(view: Any) -> Any:
        for status in statuses:
            view = blueprint.alt_response(
                status,
                schema=ProblemSchema,
                content_type=PROBLEM_JSON,
                description=TITLES[status],
            )(view)
        return view

    return decorate


def register_problem_pages(app: Flask) -> None:
    # Without this, Flask itself answers an HTTPException that has a response and no status.
    app.config["TRAP_HTTP_EXCEPTIONS"] = True
    for error_type in ASSESSMENT_ERRORS:
        app.register_error_handler(error_type, _assessment_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(RequestRedirect, _other_spelling)
    app.register_error_handler(Exception, _unexpected)


def _page(content: Mapping[str, Any]) -> Response:
    g.problem = content["code"]
    body = {**content, "request_id": g.get("request_id")}
    return json_response(body, content["status"], PROBLEM_JSON)


def _assessment_error(error: Exception) -> Response:
    return _page(problem(error, observers()))


def _http_error(error: HTTPException) -> Response | HTTPException:
    """The problem with the error's own status and headers. A redirect is not an error and stays as it is."""
    status = error.code if error.response is None else error.response.status_code
    if status in range(200, 400):
        return error
    if status is None or status not in range(400, 600):
        return _unexpected(error)
    page = _page(details(status, _detail(error, status), "busy" if status == 503 else None))
    kept = _kept_headers(error)
    for name, _ in kept:
        page.headers.pop(name, None)
    page.headers.extend(kept)
    return page


def _other_spelling(error: RequestRedirect) -> Response | HTTPException:
    """The routing would redirect to an address made from the Host header, which the caller chooses."""
    return _http_error(NotFound())


def _detail(error: HTTPException, status: int) -> str | None:
    """The text with which the error was raised. The default texts of werkzeug are not used: they are about browsers."""
    given = vars(error).get("description")
    return given if given and isinstance(given, str) else _DETAILS.get(status)


def _kept_headers(error: HTTPException) -> list[tuple[str, str]]:
    """All headers except those of the replaced body. A header that HTTP does not allow is left out: with it no answer could be sent."""
    response = error.response
    headers = error.get_headers(request.environ) if response is None else response.headers
    kept = []
    for name, value in headers:
        if name.lower() in _HEADERS_OF_THE_BODY:
            continue
        if _HEADER_NAME.fullmatch(name) and _HEADER_VALUE.fullmatch(str(value)):
            kept.append((name, value))
        else:
            _log.error("header-left-out", request_id=g.get("request_id"), header=name)
    return kept


def _unexpected(error: Exception) -> Response:
    _log.error("internal-error", request_id=g.get("request_id"), exc_info=error)
    return _page(details_of(error))
