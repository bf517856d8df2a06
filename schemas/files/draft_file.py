"""The form of a file in the folder drafts, as marshmallow schemas: keys and types. `service.language` checks the meaning."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import ValidationError, fields

from schemas.file_fields import LANGUAGE, NOT_A_LANGUAGE, NamedEntries, PlainText, Words
from schemas.files.form import NAME, FileSchema, names_of
from schemas.files.sentences import SentenceEntry, Sentences

MOST_CHARACTERS = 100_000


class DraftSentenceEntry(SentenceEntry):
    says = names_of()
    done = PlainText()


class DraftSentences(Sentences):
    """A list of sentences."""

    entry = DraftSentenceEntry()

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, list):
            raise ValidationError("must be a list")
        return super()._deserialize(value, attr, data, **kwargs)


class BlankEntry(FileSchema):
    text = Words(required=True)


class Lengths(fields.Field[Any]):
    """The most characters, by language."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> dict[str, int]:
        if not isinstance(value, dict) or not value:
            raise ValidationError("must have a number for a language: {en: 280}")
        for language, most in value.items():
            if not LANGUAGE.fullmatch(language):
                raise ValidationError({language: [NOT_A_LANGUAGE]})
            if type(most) is not int or not 1 <= most <= MOST_CHARACTERS:
                message = f"must be a whole number from 1 to {MOST_CHARACTERS}"
                raise ValidationError({language: [message]})
        return dict(value)


class DraftFile(FileSchema):
    sentences = DraftSentences(required=True)
    blanks = NamedEntries(re.compile(NAME.strip("^")), "lower_case", BlankEntry)
    at_most = Lengths()
