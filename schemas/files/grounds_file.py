"""The form of grounds.yaml, the register of laws that a pack cites, as marshmallow schemas. `service.language` checks the meaning."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from marshmallow import ValidationError, fields

from schemas.file_fields import NamedEntries, PlainText, Words
from schemas.files.form import NAME, FileSchema, one_of
from schemas.files.names import HOW_READ

DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class Day(fields.Field[Any]):
    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> date:
        try:
            if isinstance(value, str) and DATE.fullmatch(value):
                return date.fromisoformat(value)
        except ValueError:
            pass
        raise ValidationError("must be a date such as 2026-10-01")


class GroundEntry(FileSchema):
    """`text` is what an answer prints; the rest says what it demands, where it was read and when."""

    text = Words(required=True)
    place = PlainText()
    says = Words(required=True)
    clock = Words()
    deadline = Words()
    binds = Words()
    to = Words()
    in_force = Day()
    source = Words(required=True)
    checked = Day(required=True)
    read = PlainText(required=True, validate=one_of(*HOW_READ))


class GroundsFile(FileSchema):
    grounds = NamedEntries(re.compile(NAME.strip("^")), "lower_case", GroundEntry, required=True)
