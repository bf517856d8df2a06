"""`/openapi.json`, which has the facts of the packs that serve; `/docs`, a page to read and try the API; `/` redirects to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

import flask_smorest
from flask import Blueprint, Response, current_app, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from schemas.assessment import LINE_KEYS
from schemas.fact_json_schema import REPORTED, facts_json_schema
from schemas.incident import MAX_NAME, IncidentSchema
from schemas.locales import locale_pattern
from schemas.previous_json_schema import previous_json_schema
from schemas.reported import reported_json_schema
from schemas.strict_json import NO_NUL, write_json
from schemas.time_zones import zone_names
from service.access.security_headers import CONTENT_SECURITY_POLICY, PAGE_POLICY
from service.api.body import MARKDOWN
from service.api.documentation.openapi_access import describe_access
from service.api.requests.prefer import HANDLINGS, PREFER_PARAMETER, PREFERENCE_APPLIED
from service.api.state import state
from service.language.model import BOTH
from service.problem_details import CODES, FINER_CODES, TITLES
from service.serving.packs import Packs

OPENAPI_VERSION = "3.1.0"
DESCRIPTION = (
    "Post the facts of an incident; get its grade, its type and the required actions, each with its reasons. "
    "A fact that is left out is unknown, never false. Errors are RFC 9457 problems with a stable `code`."
)
ZONE = "TimeZone"
REQUEST_ID = "X-Request-Id"
_ASSETS = {"docs.css": "text/css", "docs.js": "text/javascript"}

blueprint = Blueprint("documentation", __name__)


class Api(flask_smorest.Api):
    """Collects the OpenAPI document. Errors are handled by `problem_pages` only."""

    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        pass


@blueprint.get("/openapi.json")
def openapi() -> Response:
    return Response(_document(state().packs), mimetype="application/json")


@lru_cache(maxsize=1)
def _document(packs: Packs) -> bytes:
    """Made once for each set of packs. A change of any pack makes a new set."""
    api = current_app.extensions["flask-smorest"]["apis"][""]["ext_obj"]
    document: dict[str, Any] = api.spec.to_dict()
    schemas = document["components"]["schemas"]
    schemas |= _incidents(packs)
    schemas[REPORTED] = reported_json_schema()
    schemas[ZONE] = {"type": "string", "enum": sorted(zone_names())}
    for name, served in packs.served.items():
        schemas[f"Facts-{name}"] = facts_json_schema(served.pack.vocabulary)
    document["components"]["headers"] = {
        REQUEST_ID: _request_id(),
        PREFERENCE_APPLIED: _preference_applied(),
    }
    describe_access(document)
    for operation in _operations(document):
        names = [REQUEST_ID]
        if PREFER_PARAMETER in operation.get("parameters", ()):
            names.append(PREFERENCE_APPLIED)
        for response in operation["responses"].values():
            references = {n: {"$ref": f"#/components/headers/{n}"} for n in names}
            response.setdefault("headers", {}).update(references)
    for parameter in _parameters(document["paths"]["/v1/packs/{name}"]):
        if parameter["name"] == "name":
            parameter["schema"]["enum"] = sorted({*packs.served, *packs.broken})
        if parameter["name"] == "locale":
            parameter["schema"]["pattern"] = locale_pattern(_languages(packs), [BOTH])
            parameter["schema"]["examples"] = [*_languages(packs), BOTH]
    for path in ("/v1/assessments", "/v1/assessments/batch"):
        for parameter in document["paths"][path]["post"]["parameters"]:
            if parameter["in"] == "query":
                parameter["schema"] = _of_incidents(packs)[parameter["name"]]
    answers = document["paths"]["/v1/assessments"]["post"]["responses"]["200"]["content"]
    answers[MARKDOWN] = {"schema": {"type": "string", "description": "A report in Markdown"}}
    schemas["AssessmentLine"] = _line("Assessment")
    schemas["ProblemLine"] = _line("Problem", "incident_id")
    document["x-problems"] = problem_codes()
    return write_json(document)


def _of_incidents(packs: Packs) -> dict[str, Any]:
    """The schemas of the query parameters that a body may have as keys too."""
    languages = _languages(packs)
    return {
        "pack": {"type": "string", "enum": sorted(packs.served)},
        "locale": {"type": "string", "pattern": locale_pattern(languages, [BOTH])},
        "timezone": {"$ref": f"#/components/schemas/{ZONE}"},
    }


def _line(schema: str, *more: str) -> dict[str, Any]:
    """A line of a batch. JSON Schema describes no sequence of lines, so the batch's operation names these in words and in `x-line`."""
    return {
        "allOf": [{"$ref": f"#/components/schemas/{schema}"}],
        "type": "object",
        "required": [*LINE_KEYS, *more],
        "properties": LINE_KEYS,
    }


def _operations(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for path in document["paths"].values():
        yield from (part for method, part in path.items() if method in ("get", "post"))


def _parameters(path: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The parameters of the path and those of its GET operation."""
    return [*path["parameters"], *path["get"]["parameters"]]


def _request_id() -> dict[str, Any]:
    description = "The caller's own id if it has this form, else the trace id of `traceparent`, else a new one. It is also in the log."
    schema = {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"}
    return {"description": description, "required": True, "schema": schema}


def _preference_applied() -> dict[str, Any]:
    description = "The handling of wrong facts, if `Prefer` of the request asked for one."
    schema = {"type": "string", "enum": [f"handling={one}" for one in HANDLINGS]}
    return {"description": description, "schema": schema}


def _languages(packs: Packs) -> list[str]:
    """The languages of all packs."""
    return sorted({code for served in packs.served.values() for code in served.pack.languages})


def _incidents(packs: Packs) -> dict[str, Any]:
    """A schema for the incidents of each pack, and `Incident` for any of them."""
    each = {f"Incident-{name}": _incident(name, packs) for name in packs.served}
    references = [{"$ref": f"#/components/schemas/{name}"} for name in each]
    return {**each, "Incident": {"anyOf": references}}


def _incident(name: str, packs: Packs) -> dict[str, Any]:
    """An incident must name its pack, unless that is the default pack."""
    fields = IncidentSchema().fields
    properties: dict[str, Any] = {
        key: {**field.metadata, "type": [field.metadata["type"], "null"]}
        for key, field in fields.items()
        if key != "facts"
    }
    served, is_default = packs.served[name], name == packs.default
    properties["pack"]["enum"] = [name, None] if is_default else [name]
    properties["locale"]["pattern"] = locale_pattern(served.pack.languages, [BOTH])
    properties["locale"]["examples"] = list(served.pack.locales)
    properties["timezone"] = {
        "description": properties["timezone"]["description"],
        "anyOf": [{"$ref": f"#/components/schemas/{ZONE}"}, {"type": "null"}],
    }
    properties["incident_id"] |= {"minLength": 1, "maxLength": MAX_NAME, "pattern": NO_NUL}
    properties["previous"] |= previous_json_schema(served.previous)
    about = fields["facts"].metadata
    properties["facts"] = {**about, "$ref": f"#/components/schemas/Facts-{name}"}
    return {
        "type": "object",
        "required": ["facts"] if is_default else ["facts", "pack"],
        "additionalProperties": False,
        "properties": properties,
    }


def problem_codes() -> list[dict[str, Any]]:
    """Every status and code that a problem can have."""
    return [
        {"status": status, "code": code, "title": title}
        for status, title in TITLES.items()
        for code in (CODES[status], *FINER_CODES.get(status, ()))
    ]


@blueprint.get("/")
def root() -> AnyResponse:
    """303, not 301: a browser caches a 301 without limit, and `/` may later have its own page."""
    return redirect(url_for(".docs"), 303)


@blueprint.get("/docs")
def docs() -> Response:
    response = Response(_asset("docs.html"), mimetype="text/html")
    response.headers[CONTENT_SECURITY_POLICY] = PAGE_POLICY
    return response


@blueprint.get("/docs/<any('docs.css', 'docs.js'):name>")
def docs_asset(name: str) -> Response:
    return Response(_asset(name), mimetype=_ASSETS[name])


def _asset(name: str) -> bytes:
    return files("service.api").joinpath("static", name).read_bytes()
