"""The requests in the OpenAPI document: the body of an incident for each pack, and the lines of a batch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from schemas.components import Components, nullable, reference, strict_object
from schemas.fact_json_schema import NOT_SAID, facts_json_schema
from schemas.incident import EXPLAIN, FIELDS, MAX_NAME, MOST_NAMES
from schemas.locales import locale_pattern
from schemas.previous_json_schema import previous_json_schema
from schemas.strict_json import NO_NUL, Json
from schemas.time_zones import zone_names
from service.language.model import BOTH, Pack
from service.serving.packs import Packs
from service.serving.served_pack import ServedPack

INCIDENT = "Incident"
TIME_ZONE = "TimeZone"


def describe_requests(components: Components, packs: Packs) -> None:
    """A schema for the incidents of each pack, and `Incident` for any of them."""
    for name, served in packs.served.items():
        components.add(
            f"{INCIDENT}-{name}", _incident(served, components, is_default=name == packs.default)
        )
    components.add(INCIDENT, {"anyOf": [reference(f"{INCIDENT}-{name}") for name in packs.served]})


def _incident(served: ServedPack, components: Components, *, is_default: bool) -> Json:
    """An incident must name its pack, unless that is the default pack."""
    pack = served.pack
    own: Json = {
        "explain": components.add("Explain", {"type": "string", "enum": list(EXPLAIN)}),
        "incident_id": {
            "type": "string",
            "minLength": 1,
            "maxLength": MAX_NAME,
            "pattern": NO_NUL,
        },
        "locale": {
            "type": "string",
            "pattern": locale_pattern(pack.languages, [BOTH]),
            "examples": list(pack.locales),
        },
        "brand": _brands(pack),
        "fields": components.add(f"AnswerKeys-{pack.name}", _answer_keys(served)),
        "timezone": components.add(TIME_ZONE, _zones()),
        "previous": components.add(
            f"Previous-{pack.name}", previous_json_schema(served.previous, pack.name, components)
        ),
        "done": components.add(
            f"Done-{pack.name}", served.carried_out.json_schema(pack.name, components)
        ),
    }
    properties: dict[str, Any] = {
        key: {
            "description": field.metadata["description"],
            **nullable(own.get(key) or _plain(field.metadata)),
        }
        for key, field in FIELDS.items()
    }
    name: Json = {"type": "string", "const": pack.name}
    about = {key: FIELDS[key].metadata["description"] for key in ("facts", "pack")}
    properties["pack"] = {"description": about["pack"], **(nullable(name) if is_default else name)}
    facts = facts_json_schema(pack.name, pack.vocabulary, components)
    properties["facts"] = {"description": about["facts"], **facts}
    required = ["facts"] if is_default else ["facts", "pack"]
    return {"description": NOT_SAID, **strict_object(properties, required)}


def _answer_keys(served: ServedPack) -> Json:
    """The names of keys: a list, or a text. Parts on request are left out, because which there are depends on the request."""
    names = list(served.field_names.patterns())
    one: Json = {"type": "string", "pattern": f"^({'|'.join(names)})$"}
    listed: Json = {"type": "array", "items": one, "minItems": 1, "maxItems": MOST_NAMES}
    return {"anyOf": [listed, named_in_a_text(names)]}


def named_in_a_text(names: Iterable[str]) -> Json:
    """Some of these names, which are patterns, with commas between them."""
    name = "|".join(names)
    return {"type": "string", "pattern": f"^({name})(, ?({name}))*$"}


def _brands(pack: Pack) -> Json:
    """A pattern and no enum, as for time zones: a pack may have a thousand."""
    if not pack.brands:
        return {"type": "null"}
    names = list(pack.brands)
    return {"type": "string", "pattern": f"^({'|'.join(names)})$", "examples": names[:3]}


def _zones() -> Json:
    """A pattern and no enum: generators of clients make one name of GMT0 and GMT+0, and then fail."""
    names = "|".join(sorted(zone_names())).replace("+", r"\+")
    examples = ["Asia/Shanghai", "America/New_York"]
    return {"type": "string", "pattern": f"^({names})$", "examples": examples}


def _plain(metadata: Mapping[str, Any]) -> Json:
    return {key: metadata[key] for key in ("type", "format") if key in metadata}
