"""The previous answer as JSON Schema, for the OpenAPI document. Requests are checked by `schemas.previous_reader`."""

from __future__ import annotations

from typing import Any

from schemas.fact_json_schema import value_json_schema
from schemas.output_fields import OutputField
from schemas.previous_reader import KEYS, PreviousReader
from schemas.strict_json import Json

_MOMENT: Json = {"type": "string", "format": "date-time"}
_MOMENT_OR_NULL: Json = {"anyOf": [_MOMENT, {"type": "null"}]}
_NAME: Json = {"type": ["string", "null"]}
_VALUE_OR_CODE: Json = {"oneOf": [{"required": ["value"]}, {"required": ["code"]}]}


def previous_json_schema(reader: PreviousReader) -> Json:
    """The whole answer, which has an `assessment_id`; or the short form, which has no keys but those that are read."""
    parts = {"type": "array", "maxItems": reader.most}
    return {
        "type": ["object", "null"],
        "required": ["as_of"],
        "maxProperties": reader.most,
        "properties": {
            "as_of": _MOMENT,
            "outputs": _outputs(reader),
            "actions": {**parts, "items": {"anyOf": [{"type": "string"}, _ACTION]}},
            "since": {
                "type": "object",
                "maxProperties": reader.most,
                "additionalProperties": _MOMENT,
            },
            "responses": {**parts, "items": {"anyOf": [{"type": "string"}, _CODED]}},
            "blocked": {**parts, "items": {"anyOf": [{"type": "string"}, _CODED]}},
            "held": {**parts, "items": {"anyOf": [{"type": "string"}, _CODED]}},
            "next_review": _MOMENT_OR_NULL,
            "pack": {
                "type": ["object", "null"],
                "maxProperties": reader.most,
                "properties": {"name": _NAME, "digest": _NAME},
            },
            "incident_id": _NAME,
            "assessment_id": _NAME,
        },
        "anyOf": [
            {"required": ["assessment_id"], "properties": {"assessment_id": {"type": "string"}}},
            {
                "propertyNames": {"enum": list(KEYS)},
                "properties": {"assessment_id": {"type": "null"}},
            },
        ],
    }


def _outputs(reader: PreviousReader) -> Json:
    """One output at least must be known. What is not known besides is passed over and told, also unknown values."""
    known = [
        {"required": [name], "properties": {name: _known(output)}}
        for name, output in reader.outputs.items()
    ]
    return {
        "type": "object",
        "maxProperties": reader.most,
        "properties": dict.fromkeys(reader.outputs, _ANY_OUTPUT),
        "anyOf": [{"maxProperties": 0}, *known],
    }


def _known(output: OutputField) -> Json:
    """The bare value, or an object with it as answers have them."""
    value = value_json_schema(output.output)
    value["type"] = value["type"][0]
    if "enum" in value:
        value["enum"] = [code for code in value["enum"] if code is not None]
    for unlimited in ("maxItems", "maxLength"):
        value.pop(unlimited, None)
    return {
        "anyOf": [
            value,
            *({"type": "object", "properties": {key: value}} | one for key, one in _KEYS),
        ]
    }


_KEYS: list[tuple[str, dict[str, Any]]] = [
    ("value", {"required": ["value"], "not": {"required": ["code"]}}),
    ("code", {"required": ["code"], "not": {"required": ["value"]}}),
]
_ANY_OUTPUT: Json = {
    "anyOf": [
        {"type": ["string", "number", "boolean", "array", "null"]},
        {"type": "object", **_VALUE_OR_CODE},
    ]
}
_CODED: Json = {"type": "object", "required": ["code"], "properties": {"code": {"type": "string"}}}
_ACTION: Json = {
    "type": "object",
    "required": ["code"],
    "properties": {
        "code": {"type": "string"},
        "due_at": _MOMENT_OR_NULL,
        "approve_by": _MOMENT_OR_NULL,
        "done": {"type": "boolean"},
    },
}
