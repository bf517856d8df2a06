"""What the schemas of an answer share: no unknown keys, and fields that are always there."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema
from marshmallow.fields import Field, List, String


class ClosedSchema(Schema):
    class Meta:
        unknown = RAISE


def strings(description: str = "") -> Field[Any]:
    return List(String(), required=True, metadata={"description": description})


def maybe(description: str = "") -> Field[Any]:
    return String(required=True, allow_none=True, metadata={"description": description})
