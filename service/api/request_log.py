"""Writes one JSON log line for each request, and gives it an id. Bodies and query strings are never logged, facts only if a setting allows it."""

from __future__ import annotations

import re
import time

import structlog
from flask import Flask, Response, g, request

from service.answering import Observer
from service.api.metrics import count_reload, count_request
from service.api.state import state
from service.engine.errors import BudgetExceeded, RuleConflict
from service.log_queue import without_tokens
from service.serving.packs import Packs
from service.serving.served_pack import Assessment

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
_TRACEPARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?", re.ASCII
)
PROBED = ("/healthz", "/readyz", "/metrics")
"""Machines ask these every few seconds, so only the level `debug` has their lines."""
_log = structlog.get_logger("tocsin")


def log_reload(packs: Packs, before: Packs) -> None:
    """Logs a swap of packs: the versions that serve now, and the problems of their files."""
    problems = [f"{p.file}:{p.line}:{p.column}: {p.code}" for p in packs.problems]
    write = _log.error if problems else _log.info
    write("reload", packs=packs.digests(), problems=problems)
    count_reload(packs)


class RequestLog(Observer):
    """Adds the pack of the incident to the request's log line. Logs rules that contradict each other or take too many steps."""

    def assessed(self, assessment: Assessment) -> None:
        summary = assessment.summary
        g.log |= {
            "pack": summary.pack,
            "digest": summary.digest,
            "cross_checked": summary.cross_checked,
        }
        if summary.ignored is not None:
            g.log["ignored"] = summary.ignored

    def refused(self, error: Exception) -> None:
        if isinstance(error, RuleConflict):
            _log.critical("rule-conflict", request_id=g.get("request_id"), rules=error.rules)
        if isinstance(error, BudgetExceeded):
            _log.error("budget-exceeded", request_id=g.get("request_id"), rules=error.rules)


def register_request_log(app: Flask) -> None:
    app.before_request(_start)
    app.after_request(_finish)


def _start() -> None:
    g.request_id = _request_id()
    g.started = time.perf_counter()
    g.log = {}


def _request_id() -> str:
    """The caller's own id, else the id of its trace (W3C Trace Context), else a new one."""
    environ = request.environ
    given: str = environ.get("HTTP_X_REQUEST_ID", "")
    if _REQUEST_ID.fullmatch(given):
        return given
    trace = _TRACEPARENT.fullmatch(environ.get("HTTP_TRACEPARENT", ""))
    return trace[1] if trace and trace[1].strip("0") else state().new_id()


def _finish(response: Response) -> Response:
    response.headers["X-Request-Id"] = g.request_id
    seconds = time.perf_counter() - g.started
    count_request(request.endpoint or "none", response.status_code, seconds)
    write = _log.debug if request.path.rstrip("/") in PROBED else _log.info
    write(
        "request",
        request_id=g.request_id,
        method=request.method,
        path=without_tokens(request.path)[:200],
        status=response.status_code,
        milliseconds=round(seconds * 1000, 2),
        **({"problem": g.problem} if "problem" in g else {}),
        **g.log,
    )
    return response
