"""The form of constants.yaml, as marshmallow schemas: keys and types. `service.language` checks the meaning."""

from __future__ import annotations

import re

from marshmallow import fields

from schemas.file_fields import NamedEntries, PlainText, Unit, Words
from schemas.files.form import NAME, FileSchema, one_of

CONSTANT_TYPES = ("integer", "number", "string", "duration", "datetime")


class ConstantEntry(FileSchema):
    type = PlainText(required=True, validate=one_of(*CONSTANT_TYPES))
    value = fields.Raw(required=True)
    unit = Unit()
    text = Words(required=True)
    help = Words()
    source = Words()


class ListEntry(FileSchema):
    """`of` is string, integer or number, or the name of the fact whose values the list has."""

    of = PlainText(required=True)
    values = fields.List(fields.Raw(), required=True)
    text = Words(required=True)
    help = Words()
    source = Words()


class ConstantsFile(FileSchema):
    constants = NamedEntries(re.compile(NAME.strip("^")), "lower_case", ConstantEntry)
    lists = NamedEntries(re.compile(NAME.strip("^")), "lower_case", ListEntry)
