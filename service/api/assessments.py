"""`POST /v1/assessments`: takes the facts of an incident and returns its assessment, as JSON or as a report in Markdown."""

from __future__ import annotations

from flask import Response, g
from flask_smorest import Blueprint

from schemas.assessment import AssessmentSchema
from service.answering import answer, report
from service.api.body import JSON, MARKDOWN, json_response, markdown_response, posted_json
from service.api.observers import observers
from service.api.problem_pages import documented
from service.api.requests.accept import negotiated, say_that_it_varies
from service.api.requests.parameters import OF_INCIDENTS, described, takes
from service.api.requests.posting import posting
from service.api.requests.prefer import PREFER_PARAMETER, say_what_was_applied
from service.api.state import state

AS_MARKDOWN = {"type": "string", "description": "A report in Markdown"}

blueprint = Blueprint(
    "assessments",
    __name__,
    url_prefix="/v1",
    description="Grade an incident and list the required actions.",
)


@blueprint.route("/assessments", methods=["POST"])
@blueprint.doc(
    operationId="assess",
    summary="Assess an incident",
    parameters=[*described(OF_INCIDENTS), PREFER_PARAMETER],
    requestBody={
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Incident"}}},
    },
    responses={200: {"content": {MARKDOWN: {"schema": AS_MARKDOWN}}}},
)
@blueprint.alt_response(200, schema=AssessmentSchema, description="The assessment")
@documented(blueprint, 400, 406, 413, 415, 422, 500, 503)
@takes(OF_INCIDENTS)
def assess() -> Response:
    """Assesses the posted facts by the rules of a pack.

    A fact that is left out or null is unknown, never false. The answer lists the values that its outputs
    can still have, and the unknown facts that could change them. With `Accept: text/markdown` the answer
    is a report in Markdown.
    """
    service = state()
    wanted, post = negotiated((JSON, MARKDOWN)), posting()
    body = posted_json(lenient=post.lenient)
    if service.log_facts and isinstance(body, dict):
        g.log["facts"] = body.get("facts")
    asked = service.packs, post(body), observers()
    if wanted == JSON:
        return json_response(answer(*asked))
    return markdown_response(report(*asked))


blueprint.after_request(say_what_was_applied)
blueprint.after_request(say_that_it_varies)
