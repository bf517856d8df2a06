"""The form of a text that may be several sentences, some of which have a condition."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields

from schemas.file_fields import Words
from schemas.files.form import FileSchema


class SentenceEntry(FileSchema):
    when = fields.Raw(allow_none=True)
    text = Words(required=True)


class Sentences(fields.Field[Any]):
    """A text, or a list of sentences."""

    text, entry = Words(), SentenceEntry()

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, list):
            return self.text.deserialize(value)
        if not value:
            raise ValidationError("must have a sentence")
        return self.entry.load(value, many=True)
