"""The previous answer as JSON Schema, for the OpenAPI document. Requests are checked by `schemas.previous`."""

from __future__ import annotations

from schemas.fact_json_schema import value_json_schema
from schemas.previous import MOST, PreviousReader
from schemas.strict_json import Json

_MOMENT: Json = {"type": "string", "format": "date-time"}


def previous_json_schema(reader: PreviousReader) -> Json:
    """Outputs and actions as an answer has them, or only their values and codes.

    Names that the pack no longer declares are allowed.
    """
    return {
        "type": ["object", "null"],
        "required": ["as_of"],
        "additionalProperties": False,
        "properties": {
            "as_of": _MOMENT,
            "outputs": {
                "type": "object",
                "maxProperties": MOST,
                "properties": {name: _output(reader, name) for name in reader.fields},
            },
            "actions": {"type": "array", "maxItems": MOST, "items": {"anyOf": _ACTION}},
            "since": {"type": "object", "maxProperties": MOST, "additionalProperties": _MOMENT},
            "responses": {
                "type": "array",
                "maxItems": MOST,
                "items": {"type": "string", "enum": list(reader.codes)},
            },
        },
    }


def _output(reader: PreviousReader, name: str) -> Json:
    value = value_json_schema(reader.fields[name].fact)
    return {"anyOf": [value, {"type": "object", "properties": {"value": value}}]}


_ACTION: list[Json] = [
    {"type": "string"},
    {
        "type": "object",
        "required": ["code"],
        "properties": {
            "code": {"type": "string"},
            "due_at": {"anyOf": [_MOMENT, {"type": "null"}]},
            "done": {"type": "boolean"},
        },
    },
]
