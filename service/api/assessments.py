"""`POST /v1/assessments`: the facts of an incident in, its assessment out."""

from __future__ import annotations

from flask import Response, g
from flask_smorest import Blueprint

from schemas.assessment import AssessmentSchema
from service.api.body import json_response, posted_json
from service.api.metrics import count_answer
from service.api.problem_pages import documented
from service.api.state import state

blueprint = Blueprint(
    "assessments",
    __name__,
    url_prefix="/v1",
    description="Grade an incident and say what to do.",
)


@blueprint.route("/assessments", methods=["POST"])
@blueprint.doc(
    operationId="assess",
    summary="Assess an incident",
    requestBody={
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Incident"}}},
    },
)
@blueprint.alt_response(200, schema=AssessmentSchema, description="The assessment")
@documented(blueprint, 400, 413, 415, 422, 500, 503)
def assess() -> Response:
    """Judges the posted facts by a pack of rules.

    Facts that are left out or null are unknown, never false: the answer says what it could still
    become and which facts would settle it.
    """
    service = state()
    answer = service.packs.assess(posted_json(), service.clock())
    count_answer(answer)
    g.log = {"pack": answer["pack"]["name"], "digest": answer["pack"]["digest"]}
    return json_response({"assessment_id": service.new_id(), **answer})
