"""`GET /v1/packs`: the packs that serve. `GET /v1/packs/{name}`: everything that is in one of them."""

from __future__ import annotations

from flask import Response
from flask_smorest import Blueprint
from werkzeug.exceptions import NotFound

from schemas.pack_views import PackListSchema, PackSchema
from schemas.strict_json import Json, write_json
from service.api.body import JSON
from service.api.problem_pages import documented
from service.api.requests.parameters import described, parameters, takes
from service.api.state import state
from service.authoring.description import describe, summarise
from service.serving.packs import UnknownPack
from service.serving.served_pack import RefusedIncident

LANGUAGE = {
    "locale": "The language of all texts. Without it, each text is given in every language."
}

blueprint = Blueprint("packs", __name__, url_prefix="/v1", description="The packs that serve.")


@blueprint.route("/packs", methods=["GET"])
@blueprint.doc(operationId="list_packs", summary="List the packs that serve")
@blueprint.alt_response(200, schema=PackListSchema, description="The packs")
@documented(blueprint, 422, 503)
def list_packs() -> Response:
    packs = state().packs
    views = [
        {**summarise(served.pack), "default": name == packs.default}
        for name, served in packs.served.items()
    ]
    return _view({"packs": views})


@blueprint.route("/packs/<string:name>", methods=["GET"])
@blueprint.doc(
    operationId="read_pack",
    summary="Read a pack: vocabulary, outputs, actions, rules",
    parameters=described(LANGUAGE),
)
@blueprint.alt_response(200, schema=PackSchema, description="The pack")
@documented(blueprint, 404, 422, 503)
@takes(LANGUAGE)
def read_pack(name: str) -> Response:
    packs = state().packs
    try:
        served = packs.find(name)
    except UnknownPack:
        known = ", ".join(packs.served)
        raise NotFound(f"no pack with this name serves; these do: {known}") from None
    asked = parameters().get("locale")
    locale = None if asked is None else served.locale(asked)
    if asked is not None and locale is None:
        raise RefusedIncident(served.locale_errors(asked))
    return _view({**describe(served.pack, locale), "default": served.pack.name == packs.default})


def _view(data: Json) -> Response:
    """It may be stored: it has an ETag."""
    return Response(write_json(data), mimetype=JSON)
