"""What the schemas of an answer share: fields that are always there, and which of them have codes of the pack.

In our code a schema of an answer is closed, so that tests find an undocumented key. In the OpenAPI document it is open, because a
later version may add keys.
"""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema
from marshmallow.fields import Field, List, String

CODES = "x-codes"
"""Marks a field whose text is a code of the pack: the OpenAPI document lists the codes of each pack."""
BY_OUTPUT = "x-by-output"
"""Marks an object that has outputs of the pack as its keys."""


class ClosedSchema(Schema):
    class Meta:
        unknown = RAISE


def keys_of(schema: Schema) -> tuple[str, ...]:
    """The keys of an object of this shape, as they are written in JSON."""
    return tuple(field.data_key or name for name, field in schema.fields.items())


def strings(description: str = "") -> Field[Any]:
    return List(String(), required=True, metadata=_about(description))


def maybe(description: str = "") -> Field[Any]:
    return String(required=True, allow_none=True, metadata=_about(description))


def action_code() -> Field[Any]:
    return String(required=True, metadata={CODES: "actions"})


def action_codes(description: str) -> Field[Any]:
    codes = String(metadata={CODES: "actions"})
    return List(codes, required=True, metadata=_about(description))


def _about(description: str) -> dict[str, Any]:
    return {"description": description} if description else {}
