"""The form of facts.yaml, as marshmallow schemas: keys and types. `service.language` checks the meaning."""

from __future__ import annotations

from marshmallow import fields

from schemas.file_fields import Bound, NamedEntries, PlainText, Words
from schemas.files.form import DOTTED_NAME, FileSchema, Values, one_of
from schemas.vocabulary import UNKNOWN_REASONS


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
    unit = Words()
    min = Bound()
    max = Bound()
    text = Words(required=True)
    help = Words()
    source = Words()


class PostedFactEntry(FactEntry):
    assume = fields.Raw(allow_none=True)
    assume_because = Words()
    question = Words()
    ask = PlainText()
    stale_after = PlainText()
    unknown_if = fields.List(PlainText(validate=one_of(*UNKNOWN_REASONS)))


class DerivedEntry(FactEntry):
    value = PlainText(required=True)


class FactsFile(FileSchema):
    facts = NamedEntries(DOTTED_NAME, "group.name", PostedFactEntry, required=True)
    derived = NamedEntries(DOTTED_NAME, "group.name", DerivedEntry)
