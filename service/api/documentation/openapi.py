"""`/openapi.json`, which has the facts of the packs that serve; `/docs`, a page to read and try the API; `/` redirects to it."""

from __future__ import annotations

from copy import deepcopy
from functools import lru_cache
from importlib.resources import files
from typing import Any

import flask_smorest
from flask import Blueprint, Response, current_app, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from schemas.strict_json import write_json
from service.access.security_headers import CONTENT_SECURITY_POLICY, PAGE_POLICY
from service.api.documentation.document import complete
from service.api.state import state
from service.serving.packs import Packs

OPENAPI_VERSION = "3.1.0"
DESCRIPTION = (
    "Post the facts of an incident; get its grade, its type and the required actions, each with its reasons. "
    "A fact that is left out is unknown, never false. Errors are RFC 9457 problems with a stable `code`."
)
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
    document: dict[str, Any] = deepcopy(api.spec.to_dict())
    return write_json(complete(document, packs))


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
