"""A vocabulary as JSON Schema (2020-12), for the OpenAPI 3.1 document. Requests are checked by `schemas.facts`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, assert_never

from schemas.fact_fields import MAX_ITEMS, MAX_TEXT
from schemas.fact_moments import bounds_of
from schemas.scalars import INT64_MAX, INT64_MIN, format_duration
from schemas.strict_json import NO_NUL, Json
from schemas.types import Type
from schemas.vocabulary import ABSENT, Fact, Text, Vocabulary

REPORTED = "ReportedFact"
"""The component to which every fact refers: see `schemas.reported`."""

DURATION = r"^-?(0|([0-9]+(\.[0-9]+)?(h|ms|m|s|us|ns))+)$"


def facts_json_schema(vocabulary: Vocabulary) -> Json:
    """Nested by group. Every fact may be null (unknown), and may be posted in an envelope that names its source."""
    return _group(vocabulary.groups())


def _group(tree: Mapping[str, Any]) -> Json:
    properties = {
        name: _posted(branch) if isinstance(branch, Fact) else _in_group(branch)
        for name, branch in tree.items()
    }
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _in_group(tree: Mapping[str, Any]) -> Json:
    """A group may be null: then all its facts are unknown."""
    return {**_group(tree), "type": ["object", "null"]}


def _posted(fact: Fact) -> Json:
    """A fact as its bare value, or in an envelope."""
    value = value_json_schema(fact)
    reported = {"$ref": f"#/components/schemas/{REPORTED}", "properties": {"value": value}}
    return {"description": _description(fact), "anyOf": [value, reported]}


def value_json_schema(fact: Fact) -> Json:
    """The value alone, which may be null."""
    schema = _type(fact.type, fact)
    schema["type"] = [schema["type"], "null"]
    if "enum" in schema:
        schema["enum"] = [*schema["enum"], None]
    return schema


def _type(type_: Type, fact: Fact) -> Json:
    match type_.name:
        case "integer":
            low = INT64_MIN if fact.minimum is None else fact.minimum
            high = INT64_MAX if fact.maximum is None else fact.maximum
            return {"type": "integer", "minimum": low, "maximum": high}
        case "number":
            bounds = {"minimum": fact.minimum, "maximum": fact.maximum}
            return {"type": "number"} | {k: v for k, v in bounds.items() if v is not None}
        case "boolean":
            return {"type": "boolean"}
        case "enum":
            return {"type": "string", "enum": list(type_.values)}
        case "datetime":
            return {"type": "string", "format": "date-time", "description": _limits(fact)}
        case "duration":
            return {"type": "string", "pattern": DURATION, "examples": ["4h", "1h30m"]}
        case "list":
            assert type_.item is not None
            return {"type": "array", "items": _type(type_.item, fact), "maxItems": MAX_ITEMS}
        case "string":
            return {"type": "string", "maxLength": MAX_TEXT, "pattern": NO_NUL}
        case _:
            assert_never(type_.name)


def _description(fact: Fact) -> str:
    parts = [_words(fact.text), _words(fact.help)]
    if fact.unit:
        parts.append(f"Unit: {_words(fact.unit)}")
    if fact.stale_after is not None:
        parts.append(f"Old when measured more than {format_duration(fact.stale_after)} ago")
    if fact.assume is not ABSENT:
        parts.append(f"Assumed to be {fact.assume} if left out")
    return ". ".join(part for part in parts if part)


def _limits(fact: Fact) -> str:
    """What JSON Schema cannot say of a moment."""
    low = "later than the year 1 and not the start of 1970" if fact.earliest is None else ""
    high = "at most a day later than as_of" if fact.latest is None else ""
    return "Must be " + ", ".join(filter(None, [bounds_of(fact), low, high]))


def _words(text: Text) -> str:
    return " / ".join(dict.fromkeys(text.values()))
