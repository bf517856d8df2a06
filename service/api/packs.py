"""`GET /v1/packs`: the packs that serve. `GET /v1/packs/{name}`: everything that is in one of them; below it, its parts."""

from __future__ import annotations

from flask import Response
from flask_smorest import Blueprint
from marshmallow import Schema
from werkzeug.exceptions import NotFound

from schemas.pack_views import (
    PackActionsSchema,
    PackBrandSchema,
    PackBrandsSchema,
    PackFactsSchema,
    PackListSchema,
    PackOutputsSchema,
    PackRulesSchema,
    PackSchema,
)
from schemas.strict_json import Json, write_json
from service.api.body import JSON
from service.api.problem_pages import documented
from service.api.requests.parameters import described, parameters, takes
from service.api.state import state
from service.authoring.description import (
    PartName,
    describe,
    describe_brand,
    describe_part,
    summarise,
)
from service.serving.packs import Packs, UnknownPack
from service.serving.served_pack import RefusedIncident, ServedPack

LANGUAGE = {
    "locale": "The language of all texts. Without it, each text is given in every language."
}
LANGUAGE_OF_PART = {"locale": "The language of all texts. Without it, the pack's default language."}

blueprint = Blueprint("packs", __name__, url_prefix="/v1", description="The packs that serve.")


@blueprint.route("/packs", methods=["GET"])
@blueprint.doc(
    operationId="list_packs",
    summary="List the packs that serve",
    description="Each with its version, its digest and its languages.",
)
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
    description="Everything that the pack's files contain, except the cases.",
    parameters=described(LANGUAGE),
)
@blueprint.alt_response(200, schema=PackSchema, description="The pack")
@documented(blueprint, 404, 422, 503)
@takes(LANGUAGE)
def read_pack(name: str) -> Response:
    packs = state().packs
    served = _served(name, packs)
    view = describe(served.pack, _locale(served))
    return _view({**view, "default": served.pack.name == packs.default})


def _route_of_part(part: PartName, schema: type[Schema], summary: str) -> None:
    """A part has an address of its own: a caller that needs the facts reads a tenth of the whole view."""

    @blueprint.route(f"/packs/<string:name>/{part}", methods=["GET"], endpoint=f"read_pack_{part}")
    @blueprint.doc(
        operationId=f"read_pack_{part}",
        summary=summary,
        description="A part of the pack's view, with all texts in one language.",
        parameters=described(LANGUAGE_OF_PART),
    )
    @blueprint.alt_response(200, schema=schema, description="This part of the pack")
    @documented(blueprint, 404, 422, 503)
    @takes(LANGUAGE_OF_PART)
    def read_part(name: str) -> Response:
        served = _served(name, state().packs)
        return _view(describe_part(served.pack, _locale(served) or served.pack.locale, part))


_route_of_part("facts", PackFactsSchema, "Read which facts a pack takes")
_route_of_part("actions", PackActionsSchema, "Read the actions of a pack, their kinds and roles")
_route_of_part("outputs", PackOutputsSchema, "Read the outputs of a pack and their values")
_route_of_part("rules", PackRulesSchema, "Read the rules of a pack, tables and derived facts too")
_route_of_part("brands", PackBrandsSchema, "Read the brands of a pack")


@blueprint.route("/packs/<string:name>/brands/<string:brand>", methods=["GET"])
@blueprint.doc(
    operationId="read_pack_brand",
    summary="Read one brand of a pack",
    description="What the pack knows of it: a request that names it needs no more.",
    parameters=described(LANGUAGE_OF_PART),
)
@blueprint.alt_response(200, schema=PackBrandSchema, description="The brand")
@documented(blueprint, 404, 422, 503)
@takes(LANGUAGE_OF_PART)
def read_pack_brand(name: str, brand: str) -> Response:
    served = _served(name, state().packs)
    found = served.pack.brands.get(brand)
    if found is None:
        raise NotFound(
            f"the pack has no brand with this name; all of them: /v1/packs/{name}/brands"
        )
    locale = _locale(served) or served.pack.locale
    return _view(describe_brand(served.pack, locale, found))


def _served(name: str, packs: Packs) -> ServedPack:
    try:
        return packs.find(name)
    except UnknownPack:
        known = ", ".join(packs.served)
        raise NotFound(f"no pack with this name serves; these do: {known}") from None


def _locale(served: ServedPack) -> str | None:
    """The pack's language that the query asks for, if it asks for one."""
    asked = parameters().get("locale")
    locale = None if asked is None else served.locale(asked)
    if asked is not None and locale is None:
        raise RefusedIncident(served.locale_errors(asked))
    return locale


def _view(data: Json) -> Response:
    """It may be stored: it has an ETag."""
    return Response(write_json(data), mimetype=JSON)
