"""Collects the named schemas of the OpenAPI document. A schema that several places share has one name."""

from __future__ import annotations

from collections.abc import Iterable

from schemas.strict_json import Json

SCHEMAS = "#/components/schemas/"


def reference(name: str) -> Json:
    return {"$ref": SCHEMAS + name}


def nullable(schema: Json) -> Json:
    return {"anyOf": [schema, {"type": "null"}]}


def strict_object(properties: Json, required: Iterable[str] = ()) -> Json:
    """An object that a caller posts: it has no other keys."""
    schema: Json = {"type": "object", "properties": properties, "additionalProperties": False}
    return schema | ({"required": list(required)} if required else {})


def open_object(properties: Json, required: Iterable[str]) -> Json:
    """An object of an answer: a later version may add keys."""
    return {"type": "object", "properties": properties, "required": list(required)}


class Components:
    """The schemas by name. Each method returns a reference."""

    def __init__(self, schemas: Json) -> None:
        self.schemas = schemas
        self._enums: dict[tuple[str, tuple[str, ...]], str] = {}

    def add(self, name: str, schema: Json) -> Json:
        """Under this name the document has one schema: what was added first stays."""
        self.schemas.setdefault(name, schema)
        return reference(name)

    def enum(self, pack: str, codes: tuple[str, ...], name: str) -> Json:
        """The codes of an enum of a pack. What has the same codes shares the name that was given first."""
        known = self._enums.setdefault((pack, codes), f"{pack}.{name}")
        return self.add(known, {"type": "string", "enum": list(codes)})
