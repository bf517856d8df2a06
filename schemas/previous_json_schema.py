"""The previous answer as JSON Schema, for the OpenAPI document. Requests are checked by `schemas.previous_reader`.

What only limits a value stands behind `if`: generators of clients pass over it, and make one plain type of the rest.
"""

from __future__ import annotations

from schemas.components import Components, nullable
from schemas.fact_json_schema import value_json_schema
from schemas.output_fields import OutputField
from schemas.previous_reader import KEYS, MOST, PreviousReader
from schemas.strict_json import Json

_TEXT: Json = {"type": "string"}
_MOMENT: Json = {"type": "string", "format": "date-time"}
_NAME: Json = {"type": ["string", "null"]}
_WHOLE: Json = {"required": ["assessment_id"], "properties": {"assessment_id": _TEXT}}
"""A whole answer has an `assessment_id`. The short form has no keys but those that are read."""
_ANY_OUTPUT: Json = {
    "description": "The value alone, or as in an answer: an object with its `value` or its `code`.",
    "if": {"type": "object"},
    "then": {"oneOf": [{"required": [key], "properties": {key: {}}} for key in ("value", "code")]},
}
_CODED: Json = {"type": "object", "required": ["code"], "properties": {"code": _TEXT}}
_ACTION: Json = {
    "type": "object",
    "required": ["code"],
    "properties": {
        "code": _TEXT,
        "due_at": nullable(_MOMENT),
        "approve_by": nullable(_MOMENT),
        "done": {"type": "boolean"},
        "asked_at": nullable(_MOMENT),
        "done_at": nullable(_MOMENT),
        "again_at": nullable(_MOMENT),
    },
}
_SEEN: Json = {
    "type": "object",
    "description": "What `again_when` of the action compares with, as the answer has it.",
    "maxProperties": MOST,
}
_FIGURE: Json = {
    "description": "The number alone, or as in an answer: an object with its `value`.",
    "if": {"type": "object"},
    "then": {
        "required": ["value"],
        "properties": {"value": {"type": "number"}, "measured_at": nullable(_MOMENT)},
    },
    "else": {"type": "number"},
}
_KEY: Json = {"type": "string", "enum": list(KEYS)}
_VALUE_OR_CODE: tuple[tuple[str, str], ...] = (("value", "code"), ("code", "value"))


def previous_json_schema(reader: PreviousReader, pack: str, components: Components) -> Json:
    """The whole answer, or the short form."""
    parts: Json = {"type": "array", "maxItems": reader.most}
    entries: Json = {"type": "object", "maxProperties": reader.most}
    coded = {**parts, "items": {"anyOf": [_TEXT, components.add("PreviousCode", _CODED)]}}
    action = components.add("PreviousAction", _action(components))
    since = {**entries, "additionalProperties": _MOMENT}
    of_pack = {**entries, "properties": {"name": _NAME, "digest": _NAME}}
    at_top = [_with_known(name, reader, pack, components) for name in reader.lifted]
    return {
        "type": "object",
        "description": "The whole previous answer as it came, or its short form with only these keys.",
        "required": ["as_of"],
        "maxProperties": reader.most,
        "properties": {
            "as_of": _MOMENT,
            "outputs": components.add(
                f"PreviousOutputs-{pack}", entries | _outputs(reader, pack, components)
            ),
            "actions": {**parts, "items": {"anyOf": [_TEXT, action]}},
            "since": components.add(f"PreviousSince-{pack}", since),
            "done_earlier": {**parts, "items": {"anyOf": [_TEXT, action]}},
            "responses": coded,
            "blocked": coded,
            "held": coded,
            "next_review": nullable(_MOMENT),
            "figures": {
                **entries,
                "additionalProperties": components.add("PreviousFigure", _FIGURE),
            },
            "pack": nullable(components.add(f"PreviousPack-{pack}", of_pack)),
            "incident_id": _NAME,
            "assessment_id": _NAME,
        },
        "if": _WHOLE,
        "then": {"anyOf": [{"required": ["outputs"], "properties": {"outputs": {}}}, *at_top]},
        "else": {"propertyNames": components.add("PreviousKey", _KEY)},
    }


def _action(components: Components) -> Json:
    seen = nullable(components.add("PreviousSeen", _SEEN))
    return _ACTION | {"properties": {**_ACTION["properties"], "seen": seen}}


def _with_known(name: str, reader: PreviousReader, pack: str, components: Components) -> Json:
    output = reader.outputs[name]
    return {"required": [name], "properties": {name: _known(output, pack, components)}}


def _outputs(reader: PreviousReader, pack: str, components: Components) -> Json:
    """One output at least must be known. What is not known besides is passed over and told, also unknown values."""
    any_output = components.add("PreviousOutput", _ANY_OUTPUT)
    known = [_with_known(name, reader, pack, components) for name in reader.outputs]
    return {
        "properties": dict.fromkeys(reader.outputs, any_output),
        "if": {"minProperties": 1},
        "then": {"anyOf": known},
    }


def _known(output: OutputField, pack: str, components: Components) -> Json:
    """The bare value, or an object with it as answers have them."""
    value = value_json_schema(pack, output.output, components)
    value = {key: part for key, part in value.items() if key not in ("maxItems", "maxLength")}
    objects = (
        {"type": "object", "required": [key], "properties": {key: value, other: False}}
        for key, other in _VALUE_OR_CODE
    )
    return {"anyOf": [value, *objects]}
