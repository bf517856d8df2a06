"""The form of facts.yaml, as marshmallow schemas: keys and types. `service.language` checks the meaning."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields

from schemas.file_fields import Bound, NamedEntries, PlainText, StrictBoolean, Unit, Words
from schemas.files.form import DOTTED_NAME, ComputedValues, FileSchema, Values, names_of, one_of
from schemas.vocabulary import UNKNOWN_REASONS, LeverDirection


class LeverWord(fields.Field[Any]):
    """`false`, `up` or `down`."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> LeverDirection:
        if value is False:
            return "none"
        if value == "up":
            return "up"
        if value == "down":
            return "down"
        raise ValidationError("must be false, up or down")


class FactEntry(FileSchema):
    type = PlainText(
        required=True,
        validate=one_of(
            "integer", "number", "boolean", "string", "enum", "datetime", "duration", "list"
        ),
    )
    of = PlainText(validate=one_of("string", "enum", "integer", "number"))
    values = Values()
    values_by = Words()
    unit = Unit()
    min = Bound()
    max = Bound()
    text = Words(required=True)
    help = Words()
    source = Words()


class PostedFactEntry(FactEntry):
    formerly = names_of()
    assume = fields.Raw(allow_none=True)
    assume_because = Words()
    applies_when = fields.Raw(allow_none=True)
    otherwise = fields.Raw(allow_none=True)
    question = Words()
    ask = PlainText()
    stale_after = PlainText()
    lever = LeverWord()
    calm = fields.Raw(allow_none=True)
    watch = StrictBoolean()
    unknown_if = fields.List(PlainText(validate=one_of(*UNKNOWN_REASONS)))


class DerivedEntry(FactEntry):
    values = ComputedValues()
    value = PlainText(required=True)


class FactsFile(FileSchema):
    facts = NamedEntries(DOTTED_NAME, "group.name", PostedFactEntry, required=True)
    derived = NamedEntries(DOTTED_NAME, "group.name", DerivedEntry)
