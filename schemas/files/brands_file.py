"""The form of a brand's file, as a marshmallow schema: keys and types. `service.language` checks the meaning."""

from __future__ import annotations

from marshmallow import fields

from schemas.file_fields import PlainText, Words
from schemas.files.form import FileSchema


class BrandFile(FileSchema):
    text = Words()
    timezone = PlainText()
    locale = PlainText()
    facts = fields.Dict(required=True)
