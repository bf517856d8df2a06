"""`POST /v1/assessments`: takes the facts of an incident and returns its assessment, as JSON or as a report."""

from __future__ import annotations

from flask import Response, g
from flask_smorest import Blueprint

from schemas.assessment import AssessmentSchema
from service.answering import Observers, answer, report
from service.api.body import JSON, MARKDOWN, PLAIN_TEXT, json_response, posted_json, text_response
from service.api.observers import observers
from service.api.problem_pages import documented
from service.api.requests.accept import Offered, negotiated, say_that_it_varies
from service.api.requests.parameters import OF_INCIDENTS, described, takes
from service.api.requests.posting import posting
from service.api.requests.prefer import PREFER_PARAMETER, say_what_was_applied
from service.api.state import state
from service.asking.posted import Posted
from service.reporting.profiles import MOST_BYTES, PROFILES, Profile, profile_named
from service.serving.packs import Packs

CHAT: Profile = "chat"
OFFERED = (
    Offered(JSON),
    Offered(MARKDOWN),
    *(Offered(MARKDOWN, profile) for profile in PROFILES),
    Offered(PLAIN_TEXT, CHAT),
)
"""A text for chats is plain text, whether it is asked for as Markdown or as what it is."""
AS_MARKDOWN = {
    "type": "string",
    "description": "A report in Markdown: the whole, or with `profile=brief` its first page alone",
}
AS_PLAIN_TEXT = {
    "type": "string",
    "description": f"The brief for a chat, in at most {MOST_BYTES} bytes of UTF-8",
}

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
    responses={
        200: {"content": {MARKDOWN: {"schema": AS_MARKDOWN}, PLAIN_TEXT: {"schema": AS_PLAIN_TEXT}}}
    },
)
@blueprint.alt_response(200, schema=AssessmentSchema, description="The assessment")
@documented(blueprint, 400, 406, 413, 415, 422, 500, 503)
@takes(OF_INCIDENTS)
def assess() -> Response:
    """Assesses the posted facts by the rules of a pack.

    A fact that is left out or null is unknown, never false. The answer lists the values that its outputs
    can still have, and the unknown facts that could change them. With `Accept: text/markdown` the answer
    is a report in Markdown. `Accept: text/markdown; profile=brief` gives its first page alone, and
    `Accept: text/markdown; profile=chat`, or `text/plain`, the brief as plain text for a chat.
    """
    service = state()
    wanted, post = negotiated(OFFERED), posting()
    body = posted_json(lenient=post.lenient)
    if service.log_facts and isinstance(body, dict):
        g.log["facts"] = body.get("facts")
    asked = service.packs, post(body), observers()
    if wanted.media_type == JSON:
        return json_response(answer(*asked))
    return _text(wanted, *asked)


def _text(wanted: Offered, packs: Packs, posted: Posted, observing: Observers) -> Response:
    """The Content-Type names the profile, if the caller did."""
    profile = profile_named(wanted.profile) or "full"
    text = report(packs, posted, observing, profile)
    media_type = PLAIN_TEXT if profile == CHAT else MARKDOWN
    return text_response(text, media_type, wanted.profile)


blueprint.after_request(say_what_was_applied)
blueprint.after_request(say_that_it_varies)
