"""`/healthz`: the process answers. `/readyz`: the packs that serve, and the problems of the packs' files."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_smorest import Blueprint

from schemas.health import HealthSchema, ReadinessSchema
from service.api.access import sees_all
from service.api.body import json_response
from service.api.state import state
from service.authoring.description import summarise
from service.language.problem import Problem

blueprint = Blueprint(
    "health", __name__, description="Whether the server is up, and which packs it serves."
)


@blueprint.route("/healthz", methods=["GET"])
@blueprint.doc(
    operationId="health",
    summary="Does the process answer?",
    description="It does not look at the packs.",
)
@blueprint.alt_response(200, schema=HealthSchema, description="It answers")
def health() -> Response:
    return json_response({"status": "ok"})


@blueprint.route("/readyz", methods=["GET"])
@blueprint.doc(
    operationId="readiness",
    summary="Which packs serve?",
    description="Also the problems of the packs' files, and what an operator should mend.",
)
@blueprint.alt_response(200, schema=ReadinessSchema, description="The default pack serves")
@blueprint.alt_response(503, schema=ReadinessSchema, description="The default pack does not")
def readiness() -> Response:
    watcher = state().watcher
    packs = watcher.present
    serving = packs.served.values() if watcher.is_loaded else ()
    ready = watcher.is_loaded and packs.default in packs.served
    body: dict[str, Any] = {"status": "ready" if ready else "not ready"}
    if sees_all():
        body |= {
            "cross_check": watcher.cross_checked_share,
            "packs": [summarise(served.pack) for served in serving],
            "problems": [_problem(problem) for problem in watcher.problems()],
            **_warnings(),
        }
    return json_response(body, 200 if ready else 503)


def _warnings() -> dict[str, list[dict[str, str]]]:
    """What should be mended, although the server answers."""
    faults, tokens = state().watcher.faults.now, state().tokens
    found = [_unkept(where, why) for where, why in faults.items()]
    if tokens and (fault := tokens.fault):
        found.append({"code": "tokens-not-read", "message": f"{fault}; the list read before stays"})
    return {"warnings": found} if found else {}


def _unkept(where: str, why: str) -> dict[str, str]:
    """Should the pack's files break, a server that starts may find no good version."""
    return {"code": "keep-failed", "message": f"{where or 'state'}: {why}"}


def _problem(problem: Problem) -> dict[str, str]:
    """The file is shortened to the last two parts of its path: callers must not learn the folders of this machine."""
    file = "/".join(problem.file.split("/")[-2:])
    return {
        "place": f"{file}:{problem.line}:{problem.column}",
        "code": problem.code,
        "message": problem.message,
        "hint": problem.hint,
    }
