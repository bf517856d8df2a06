"""A vocabulary as JSON Schema (2020-12), for the OpenAPI 3.1 document. Requests are checked by `schemas.facts`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, assert_never

from schemas.components import Components, nullable, strict_object
from schemas.fact_fields import MAX_ITEMS, MAX_TEXT
from schemas.fact_moments import bounds_of
from schemas.reported import ABOUT_JSON_SCHEMAS
from schemas.scalars import INT64_MAX, INT64_MIN, format_duration
from schemas.strict_json import NO_NUL, Json
from schemas.types import Type
from schemas.vocabulary import ABSENT, Fact, Text, Vocabulary

DURATION = r"^-?(0|([0-9]+(\.[0-9]+)?(h|ms|m|s|us|ns))+)$"
NULL: Json = {"type": "null"}
NOT_SAID = (
    "Not said by this schema, since JSON Schema cannot: 5.0 is no integer, it is refused where 5 is accepted. "
    "A duration has at most 315576000000 seconds. A duplicate key and a lone surrogate are refused. "
    "A parameter of the query must not differ from the same key here. `previous` must be about the same incident and pack, "
    "and at most a minute later than `as_of`."
)


def facts_json_schema(pack: str, vocabulary: Vocabulary, components: Components) -> Json:
    """Nested by group. Every fact may be null (unknown), and may be posted in an envelope that names its source."""
    facts = _FactSchemas(pack, components)
    return facts.group(f"Facts-{pack}", vocabulary.groups())


class _FactSchemas:
    """Makes the schemas of a pack's facts. Groups, enums and envelopes are components; facts stand in their group."""

    def __init__(self, pack: str, components: Components) -> None:
        self.pack = pack
        self.components = components

    def group(self, name: str, tree: Mapping[str, Any]) -> Json:
        """A group in it may be null: then all facts of the group are unknown."""
        properties = {
            key: self.posted(branch)
            if isinstance(branch, Fact)
            else nullable(self.group(f"{name}.{key}", branch))
            for key, branch in tree.items()
        }
        return self.components.add(name, strict_object(properties))

    def posted(self, fact: Fact) -> Json:
        """A fact as its bare value, as null, or in an envelope."""
        value = value_json_schema(self.pack, fact, self.components)
        name = f"Reported-{name_of_type(self.pack, fact, value)}"
        reported = self.components.add(name, self.reported(nullable(value)))
        return {"description": _description(fact), "anyOf": [value, NULL, reported]}

    def reported(self, value: Json) -> Json:
        """The envelope of all facts whose values have this schema."""
        about = {
            key: self.components.add(f"About-{key}", schema)
            for key, schema in ABOUT_JSON_SCHEMAS.items()
        }
        return strict_object({"value": value, **about}, ["value"])


def value_json_schema(pack: str, fact: Fact, components: Components) -> Json:
    """The value alone, which is not null."""
    return _type(fact.type, fact, pack, components)


def name_of_type(pack: str, fact: Fact, value: Json) -> str:
    """The name of the value's form. Facts of one type without limits of their own share it."""
    if "$ref" in value:
        return str(value["$ref"]).rpartition("/")[2]
    item = fact.type.item
    if item is not None:
        return (
            f"list-of-{name_of_type(pack, fact, value['items'])}"
            if item.values
            else f"list-of-{item}"
        )
    if fact.minimum is None and fact.maximum is None:
        return fact.type.name
    if isinstance(fact.maximum, float) or fact.minimum != 0:
        return f"{pack}.{fact.name}"
    return f"{fact.type}-from-0" + ("" if fact.maximum is None else f"-to-{fact.maximum}")


def _type(type_: Type, fact: Fact, pack: str, components: Components) -> Json:
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
            return components.enum(pack, type_.values, fact.name)
        case "datetime":
            return {"type": "string", "format": "date-time"}
        case "duration":
            return {"type": "string", "pattern": DURATION, "examples": ["4h", "1h30m"]}
        case "list":
            assert type_.item is not None
            items = _type(type_.item, fact, pack, components)
            return {"type": "array", "items": items, "maxItems": MAX_ITEMS}
        case "string":
            return {"type": "string", "maxLength": MAX_TEXT, "pattern": NO_NUL}
        case _:
            assert_never(type_.name)


def _description(fact: Fact) -> str:
    parts = [_words(fact.text), _words(fact.help)]
    if fact.unit:
        parts.append(f"Unit: {_words(fact.unit)}")
    if fact.type.name == "datetime":
        parts.append(_limits(fact))
    if fact.stale_after is not None:
        parts.append(f"Old when measured more than {format_duration(fact.stale_after)} ago")
    if fact.unknown_if:
        parts.append(f"Counts as unknown if {', '.join(fact.unknown_if)}")
    if fact.assume is not ABSENT:
        parts.append(f"Assumed to be {fact.assume} if left out")
    if fact.otherwise is not ABSENT:
        parts.append(f"Taken to be {fact.otherwise} if left out where it does not apply")
    return ". ".join(part for part in parts if part)


def _limits(fact: Fact) -> str:
    """What JSON Schema cannot say of a moment."""
    low = "later than the year 1 and not the start of 1970" if fact.earliest is None else ""
    high = "at most a day later than as_of" if fact.latest is None else ""
    return "Must be " + ", ".join(filter(None, [bounds_of(fact), low, high]))


def _words(text: Text) -> str:
    return " / ".join(dict.fromkeys(text.values()))
