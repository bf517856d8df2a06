"""`/healthz`: the process answers. `/readyz`: the packs that serve, and the problems of the packs' files."""

from __future__ import annotations

from flask import Response
from flask_smorest import Blueprint

from schemas.health import HealthSchema, ReadinessSchema
from service.api.body import json_response
from service.api.state import state
from service.authoring.description import summarise
from service.language.problem import Problem

blueprint = Blueprint(
    "health", __name__, description="Whether the server is up, and which packs it serves."
)


@blueprint.route("/healthz", methods=["GET"])
@blueprint.doc(operationId="health", summary="Does the process answer?")
@blueprint.alt_response(200, schema=HealthSchema, description="It answers")
def health() -> Response:
    return json_response({"status": "ok"})


@blueprint.route("/readyz", methods=["GET"])
@blueprint.doc(operationId="readiness", summary="Which packs serve?")
@blueprint.alt_response(200, schema=ReadinessSchema, description="The default pack serves")
@blueprint.alt_response(503, schema=ReadinessSchema, description="The default pack does not")
def readiness() -> Response:
    watcher = state().watcher
    packs, faults = watcher.present, watcher.faults.now
    serving = packs.served.values() if watcher.is_loaded else ()
    ready = watcher.is_loaded and packs.default in packs.served
    body = {
        "status": "ready" if ready else "not ready",
        "packs": [summarise(served.pack) for served in serving],
        "problems": [_problem(problem) for problem in watcher.problems()],
        **({"warnings": [_unkept(where, why) for where, why in faults.items()]} if faults else {}),
    }
    return json_response(body, 200 if ready else 503)


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
