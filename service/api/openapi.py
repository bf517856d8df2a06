"""`/openapi.json`, with the facts of the packs that serve in it, and `/docs`, a page to read and try it."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Any

import flask_smorest
from flask import Blueprint, Response, current_app

from schemas.fact_json_schema import REPORTED, facts_json_schema
from schemas.incident import MAX_NAME, IncidentSchema
from schemas.reported import reported_json_schema
from schemas.strict_json import write_json
from service.api.body import MARKDOWN
from service.api.state import state
from service.engine.packs import Packs
from service.language.model import BOTH
from service.problem_details import CODES, FINER_CODES, TITLES

OPENAPI_VERSION = "3.1.0"
DESCRIPTION = (
    "Post the facts of an incident; get its grade, its type and the actions required, each with its reasons. "
    "What is left out is unknown, never false. Errors are RFC 9457 problems with a stable `code`."
)
_ASSETS = {"docs.css": "text/css", "docs.js": "text/javascript"}

blueprint = Blueprint("documentation", __name__)


class Api(flask_smorest.Api):
    """Collects the document; error pages are `problem_pages`' alone."""

    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        pass


@blueprint.get("/openapi.json")
def openapi() -> Response:
    return Response(_document(state().packs), mimetype="application/json")


@lru_cache(maxsize=1)
def _document(packs: Packs) -> bytes:
    """Made once for each set of packs: whatever changes in one makes a new set."""
    api = current_app.extensions["flask-smorest"]["apis"][""]["ext_obj"]
    document: dict[str, Any] = api.spec.to_dict()
    schemas = document["components"]["schemas"]
    schemas["Incident"] = _incident(packs)
    schemas[REPORTED] = reported_json_schema()
    for name, served in packs.served.items():
        schemas[f"Facts-{name}"] = facts_json_schema(served.pack.vocabulary)
    for parameter in document["paths"]["/v1/packs/{name}"]["get"]["parameters"]:
        if parameter["name"] == "locale":
            parameter["schema"]["enum"] = _languages(packs)
    answers = document["paths"]["/v1/assessments"]["post"]["responses"]["200"]["content"]
    answers[MARKDOWN] = {"schema": {"type": "string", "description": "A report to read"}}
    document["x-problems"] = problem_codes()
    return write_json(document)


def _languages(packs: Packs) -> list[str]:
    """Those that some pack speaks, and all of them at once."""
    spoken = {code for served in packs.served.values() for code in served.pack.languages}
    return [*sorted(spoken), BOTH]


def _incident(packs: Packs) -> dict[str, Any]:
    fields = IncidentSchema().fields
    properties: dict[str, Any] = {
        name: {**field.metadata, "type": [field.metadata["type"], "null"]}
        for name, field in fields.items()
        if name != "facts"
    }
    properties["pack"]["enum"] = [*packs.served, None]
    properties["locale"]["enum"] = [*_languages(packs), None]
    properties["incident_id"] |= {"minLength": 1, "maxLength": MAX_NAME}
    facts = [{"$ref": f"#/components/schemas/Facts-{name}"} for name in packs.served]
    return {
        "type": "object",
        "required": ["facts"],
        "additionalProperties": False,
        "properties": {
            "facts": {**fields["facts"].metadata, "anyOf": facts},
            **properties,
        },
    }


def problem_codes() -> list[dict[str, Any]]:
    """Every status and code that a problem can have."""
    return [
        {"status": status, "code": code, "title": title}
        for status, title in TITLES.items()
        for code in (CODES[status], *FINER_CODES.get(status, ()))
    ]


@blueprint.get("/docs")
def docs() -> Response:
    response = Response(_asset("docs.html"), mimetype="text/html")
    response.headers["Content-Security-Policy"] = (
        "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'"
    )
    return response


@blueprint.get("/docs/<any('docs.css', 'docs.js'):name>")
def docs_asset(name: str) -> Response:
    return Response(_asset(name), mimetype=_ASSETS[name])


def _asset(name: str) -> bytes:
    return files("service.api").joinpath("static", name).read_bytes()
