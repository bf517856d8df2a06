"""The one place where errors become answers: RFC 9457 problem details, and a log line for what is our fault."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import structlog
from flask import Flask, Response, g
from flask_smorest import Blueprint
from werkzeug.exceptions import HTTPException

from schemas.problem_details import ProblemSchema
from service.api.body import json_response
from service.api.state import state
from service.engine.errors import EngineDisagreement, RuleConflict
from service.problem_details import ASSESSMENT_ERRORS, TITLES, details, details_of

PROBLEM_JSON = "application/problem+json"
_DETAILS = {
    404: "see /openapi.json for what there is",
    405: "the Allow header names the methods taken",
    413: "a body may have 1 MiB",
}
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
    for kind in ASSESSMENT_ERRORS:
        app.register_error_handler(kind, _assessment_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)


def _page(problem: Mapping[str, Any]) -> Response:
    g.problem = problem["code"]
    body = {**problem, "request_id": g.get("request_id")}
    return json_response(body, problem["status"], PROBLEM_JSON)


def _assessment_error(error: Exception) -> Response:
    problem = details_of(error)
    if isinstance(error, RuleConflict):
        _log.critical(problem["code"], request_id=g.get("request_id"), rules=error.rules)
    if isinstance(error, EngineDisagreement):
        state().disagreements.alarm(g.get("request_id"), error)
    return _page(problem)


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    if status not in TITLES:
        status = 400 if status < 500 else 500
    worded_here = error.description != type(error).description
    detail = (error.description if worded_here else _DETAILS.get(status)) or TITLES[status]
    page = _page(details(status, detail, "busy" if status == 503 else None))
    for name, value in error.get_headers():
        if name.lower() in ("allow", "location", "retry-after"):
            page.headers[name] = value
    return page


def _unexpected(error: Exception) -> Response:
    _log.error("internal-error", request_id=g.get("request_id"), exc_info=error)
    return _page(details_of(error))
