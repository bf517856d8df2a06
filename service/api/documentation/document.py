"""Assembles `/openapi.json` from what flask-smorest collects of the views, and from the packs that serve."""

from __future__ import annotations

from itertools import chain
from typing import Any

from schemas.components import Components, nullable, reference
from schemas.locales import locale_pattern
from schemas.pack_views import NAMED, TEXTS
from schemas.strict_json import Json
from service.api.documentation.access import describe_access
from service.api.documentation.answers import describe_answers, objects, referred
from service.api.documentation.headers import METHODS, describe_headers
from service.api.documentation.requests import TIME_ZONE, describe_requests, named_in_a_text
from service.language.model import BOTH
from service.problem_details import CODES, FINER_CODES, TITLES
from service.serving.packs import Packs

_FREE = ("type", "additionalProperties")
_VALUES = {"type": "object", "description": "Any values by name", "additionalProperties": {}}
LICENCE = {"name": "Apache-2.0", "identifier": "Apache-2.0"}
THIS_SERVER = [{"url": "/", "description": "The server that this document is from"}]


def complete(document: Json, packs: Packs) -> Json:
    """The document of flask-smorest with all that it does not know."""
    document["info"]["license"] = LICENCE
    document["servers"] = THIS_SERVER
    schemas = document["components"]["schemas"]
    components = Components(schemas)
    _name_inline(components)
    schemas |= TEXTS
    describe_answers(components, packs)
    _open(schemas)
    describe_requests(components, packs)
    _describe_parameters(document, components, packs)
    describe_access(document)
    describe_headers(document)
    document["components"]["schemas"] = _used(document)
    document["components"].pop("responses", None)
    document["x-problems"] = problem_codes()
    return document


def _open(schemas: Json) -> None:
    """Every object of an answer may have more keys: a later version may add some."""
    for schema in schemas.values():
        if isinstance(schema.get("additionalProperties"), bool):
            del schema["additionalProperties"]


def _name_inline(components: Components) -> None:
    """What stands inside of an answer gets a name, so that clients are generated with it: words, free objects, texts."""
    schemas = components.schemas
    for name, schema in list(schemas.items()):
        for key, about in schema["properties"].items():
            if "enum" in about:
                words = [word for word in about.pop("enum") if word is not None]
                named = components.add(f"{name}.{key}", {"type": "string", "enum": words})
                is_nullable = isinstance(about.pop("type"), list)
                about |= nullable(named) if is_nullable else named
    for part in list(objects(schemas)):
        if NAMED in part:
            part |= reference(part.pop(NAMED))
        elif part.get("type") == "object" and not part.keys() - {*_FREE, "description"}:
            for key in _FREE:
                part.pop(key, None)
            part |= components.add("Values", _VALUES)


def _describe_parameters(document: Json, components: Components, packs: Packs) -> None:
    """The names of the packs, and the languages and time zones, for the parameters of addresses."""
    languages = _languages(packs)
    names = {"type": "string", "enum": sorted({*packs.served, *packs.broken})}
    name = components.add("PackName", names)
    locale = {
        "type": "string",
        "pattern": locale_pattern(languages, [BOTH]),
        "examples": [*languages, BOTH],
    }
    known = {
        "name": name,
        "pack": name,
        "locale": locale,
        "timezone": reference(TIME_ZONE),
        "fields": named_in_a_text(_answer_keys(packs)),
    }
    for methods in document["paths"].values():
        of_methods = (methods[one].get("parameters", ()) for one in METHODS if one in methods)
        for parameter in (*methods.get("parameters", ()), *chain(*of_methods)):
            parameter["schema"] = known.get(parameter["name"], parameter["schema"])


def _answer_keys(packs: Packs) -> list[str]:
    """The keys that the answers of all packs have, as patterns."""
    served = [list(one.field_names.patterns()) for one in packs.served.values()]
    return [key for key in (served[0] if served else ()) if all(key in keys for keys in served)]


def _languages(packs: Packs) -> list[str]:
    """The languages of all packs."""
    return sorted({code for served in packs.served.values() for code in served.pack.languages})


def _used(document: Json) -> Json:
    """The schemas that are used, each after those to which it refers: generators of clients then need one pass.

    flask-smorest adds schemas of its own errors and pages, which no answer of ours has.
    """
    schemas, ordered = document["components"]["schemas"], {}

    def put(name: str) -> None:
        if name not in ordered:
            for other in dict.fromkeys(referred(schemas[name])):
                put(other)
            ordered[name] = schemas[name]

    for name in dict.fromkeys(referred(document["paths"])):
        put(name)
    return ordered


def problem_codes() -> list[dict[str, Any]]:
    """Every status and code that a problem can have."""
    return [
        {"status": status, "code": code, "title": title}
        for status, title in TITLES.items()
        for code in (CODES[status], *FINER_CODES.get(status, ()))
    ]
