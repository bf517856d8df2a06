"""The form of files of cases, as marshmallow schemas: keys and types. `service.language` checks the meaning."""

from __future__ import annotations

from marshmallow import fields

from schemas.file_fields import PlainText, Words
from schemas.files.form import FileSchema, names_of


class StepEntry(FileSchema):
    """A later state of a case. Its facts are merged over the facts of the earlier steps."""

    as_of = PlainText(required=True)
    facts = fields.Dict(required=True)
    expect = fields.Dict(required=True)
    responses = names_of()
    done = fields.List(fields.Raw())


class CaseEntry(FileSchema):
    name = PlainText(required=True)
    source = Words()
    brand = PlainText()
    as_of = PlainText()
    facts = fields.Dict()
    expect = fields.Dict()
    previous = fields.Dict()
    done = fields.List(fields.Raw())
    steps = fields.List(fields.Nested(StepEntry))


class CasesFile(FileSchema):
    cases = fields.List(fields.Nested(CaseEntry), required=True)
