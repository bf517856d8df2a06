"""The shape of an error answer: RFC 9457 problem details with a stable code and a list of the wrong fields."""

from __future__ import annotations

from marshmallow import Schema
from marshmallow.fields import Integer, List, Nested, Raw, String

from schemas.closed_schema import ClosedSchema


class FieldErrorSchema(ClosedSchema):
    path = String(
        required=True,
        metadata={"description": "The field, such as facts.group.name or facts.group.list[2]"},
    )
    code = String(required=True)
    message = String(required=True)
    got = Raw(
        required=True,
        allow_none=True,
        metadata={"description": "The value that was sent, shortened"},
    )
    allowed = String(required=True)
    hint = String(required=True)


class ProblemSchema(Schema):
    """Problem details as in RFC 9457, with members of our own."""

    type = String(required=True)
    title = String(required=True)
    status = Integer(required=True)
    code = String(
        required=True, metadata={"description": "Stable: programs should rely on it, not on texts"}
    )
    detail = String(required=True)
    request_id = String(allow_none=True)
    errors = List(Nested(FieldErrorSchema))
    line = Integer(metadata={"description": "In a batch: the number of the wrong line, from 1"})
    incident_id = String(
        allow_none=True,
        metadata={
            "description": "In a batch: the line's own; null if it has none that can be read"
        },
    )
    output = String(metadata={"description": "Only for rule-conflict"})
    rules = List(
        String(),
        metadata={"description": "Only for rule-conflict, budget-exceeded and engine-disagreement"},
    )
