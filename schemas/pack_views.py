"""The shapes of /v1/packs, /v1/packs/{name} and its parts. A text is a string in one language, or an object with one per language."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema
from marshmallow.fields import Boolean, Dict, Field, List, Nested, Raw, String

from schemas.components import reference

NAMED = "x-named"
"""Marks a field that has one of the schemas of TEXTS."""
TEXTS: dict[str, dict[str, Any]] = {
    "TextByLanguage": {"type": "object", "additionalProperties": {"type": "string"}},
    "Text": {"anyOf": [{"type": "string"}, reference("TextByLanguage")]},
    "VerdictSentence": {
        "type": "object",
        "required": ["text"],
        "properties": {"when": {}, "text": reference("Text")},
    },
    "Verdict": {
        "anyOf": [reference("Text"), {"type": "array", "items": reference("VerdictSentence")}]
    },
}


def _text() -> Field[Any]:
    about = "A text in the requested language, or one for each language"
    return Raw(metadata={"description": about, NAMED: "Text"})


def _verdict() -> Field[Any]:
    about = "A text, or sentences; one that has `when` is said only if this condition is true"
    return Raw(metadata={"description": about, NAMED: "Verdict"})


class PackSummarySchema(Schema):
    name = String(required=True)
    version = String(required=True)
    digest = String(
        required=True, metadata={"description": "SHA-256 of the pack's files without its cases"}
    )
    title = _text()
    languages = List(String(), required=True)
    locale = String(required=True)
    default = Boolean()


class PackListSchema(Schema):
    packs = List(Nested(PackSummarySchema), required=True)


class BrandSchema(Schema):
    """A brand of a pack: what does not change from one of its incidents to the next."""

    name = String(required=True)
    text = _text()
    timezone = String()
    locale = String()
    facts = Dict(
        required=True,
        metadata={"description": "Nested by group, each bare or with its source, as in a request"},
    )


class PackSchema(PackSummarySchema):
    help = _text()
    verdict = _verdict()
    timezone = String(required=True)
    parts = List(
        String(), required=True, metadata={"description": "The parts of the pack that count"}
    )
    answer = List(String(), required=True)
    places = String(metadata={"description": "The fact whose values are the places of grounds"})
    notices = List(
        String(),
        required=True,
        metadata={
            "description": "Outputs at the top of the answer in addition to those of `answer`"
        },
    )
    facts = List(Dict(), required=True)
    derived = List(Dict(), required=True)
    outputs = List(Dict(), required=True)
    actions = List(Dict(), required=True)
    rules = List(Dict(), required=True)
    tables = List(
        Dict(),
        required=True,
        metadata={"description": "As they are written; each of their cells is also in rules"},
    )
    constants = List(Dict(), required=True)
    lists = List(Dict(), required=True)
    grounds = List(
        Dict(),
        required=True,
        metadata={"description": "The register of laws and conventions that the pack cites"},
    )
    roles = List(Dict(), required=True)
    kinds = List(Dict(), required=True)
    brands = List(Nested(BrandSchema), required=True)
    words = Dict(required=True)
    clock = List(String(), required=True)
    trend = List(
        String(),
        required=True,
        metadata={"description": "The numbers that an answer compares with the previous one"},
    )
    calendars = List(
        Dict(),
        required=True,
        metadata={"description": "By which working and trading days are counted"},
    )
    report = Dict(
        required=True, metadata={"description": "The texts of reports that the pack replaces"}
    )
    review = Dict()
    contingency = Dict()
    drafts = Dict(
        metadata={
            "description": "The outputs that say what may be said, and `texts`: the words ready to send"
        }
    )
    brief = Dict(
        metadata={
            "description": "What stands on the page for those who decide, and what a value below the scale needs (`calm`)"
        }
    )


class PackVersionSchema(Schema):
    name = String(required=True)
    version = String(required=True)
    digest = String(required=True)


class PackPartSchema(Schema):
    """What each part of a pack's view has. All texts are in one language."""

    pack = Nested(PackVersionSchema, required=True)
    locale = String(required=True, metadata={"description": "The language of the texts"})


class PackFactsSchema(PackPartSchema):
    facts = List(Dict(), required=True)


class PackActionsSchema(PackPartSchema):
    actions = List(Dict(), required=True)
    kinds = List(Dict(), required=True)
    roles = List(Dict(), required=True)


class PackOutputsSchema(PackPartSchema):
    answer = List(String(), required=True)
    notices = List(String(), required=True)
    outputs = List(Dict(), required=True)


class PackRulesSchema(PackPartSchema):
    derived = List(Dict(), required=True)
    rules = List(Dict(), required=True)
    tables = List(Dict(), required=True)
    constants = List(Dict(), required=True)
    lists = List(Dict(), required=True)
    grounds = List(
        Dict(),
        required=True,
        metadata={"description": "The register of laws and conventions that the pack cites"},
    )


class PackBrandsSchema(PackPartSchema):
    brands = List(Nested(BrandSchema), required=True)


class PackBrandSchema(PackPartSchema):
    brand = Nested(BrandSchema, required=True)
