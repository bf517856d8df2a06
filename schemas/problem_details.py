"""The shape of an error answer: RFC 9457 problem details with a stable code and, for wrong fields, all of them."""

from __future__ import annotations

from marshmallow import Schema
from marshmallow.fields import Integer, List, Nested, Raw, String


class FieldErrorSchema(Schema):
    path = String(metadata={"description": "Where: facts.group.name, facts.group.list[2]"})
    code = String()
    message = String()
    got = Raw(allow_none=True, metadata={"description": "What was sent, shortened"})
    allowed = String()
    hint = String()


class ProblemSchema(Schema):
    """RFC 9457."""

    type = String(required=True)
    title = String(required=True)
    status = Integer(required=True)
    code = String(required=True, metadata={"description": "Stable; rely on this one"})
    detail = String(required=True)
    request_id = String(allow_none=True)
    errors = List(Nested(FieldErrorSchema))
    line = Integer(metadata={"description": "Of a batch: the line that is wrong, from 1"})
    output = String(metadata={"description": "Of a rule-conflict"})
    rules = List(String(), metadata={"description": "Of a rule-conflict or an engine-disagreement"})
