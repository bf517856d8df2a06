"""The fields of an author's files: texts, numbers and named entries, each with its message. They must not know a file's keys."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields

ANY_LANGUAGE = "*"
"""The language code of a text that is written without languages."""

LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
ONE, OTHER = "one", "other"
"""The plural forms of a unit, as CLDR calls them."""
UNKNOWN_KEY = "is not a known key here"
NOT_A_MAPPING = "must be a mapping of keys and values"
NOT_A_LANGUAGE = "is not a language code such as en or zh"
NAME_FORM = "is not a name of the form"
MOST_PARTS = 16
"""The most parts of a name with dots. JSON nests at most 32 levels, and each part is a level of a request."""


class Words(fields.Field[Any]):
    """A text: one string for all languages, or one for each language code."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> dict[str, str]:
        if isinstance(value, str) and value.strip():
            return {ANY_LANGUAGE: value}
        if not isinstance(value, dict) or not value:
            raise ValidationError("must be a text, or a text for each language: {en: …, zh: …}")
        for language, text in value.items():
            if not LANGUAGE.fullmatch(language):
                raise ValidationError({language: [NOT_A_LANGUAGE]})
            if not isinstance(text, str) or not text.strip():
                raise ValidationError({language: ["must be a text that is not empty"]})
        return dict(value)


class Unit(Words):
    """A unit; for a language also with the word for exactly one: `{en: {one: person, other: people}}`."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            return super()._deserialize(value, attr, data, **kwargs)
        flat: dict[str, Any] = {}
        for language, unit in value.items():
            if isinstance(unit, dict) and unit.keys() != {ONE, OTHER}:
                message = "must be a text, or {one: person, other: people}"
                raise ValidationError({language: [message]})
            flat[language] = unit[OTHER] if isinstance(unit, dict) else unit
        super()._deserialize(flat, attr, data, **kwargs)
        super()._deserialize({**flat, **units_of_one(value)}, attr, data, **kwargs)
        return value


def in_language(text: Mapping[str, str], language: str, otherwise: str = "") -> str:
    """The text in this language, or the one that is written without languages."""
    return text.get(language, text.get(ANY_LANGUAGE, otherwise))


def units_of_one(unit: Mapping[str, Any]) -> dict[str, Any]:
    """The words for exactly one, by language."""
    return {language: one[ONE] for language, one in unit.items() if isinstance(one, Mapping)}


def units_of_many(unit: Mapping[str, Any]) -> dict[str, Any]:
    """The words for any other number, by language."""
    return {
        language: one[OTHER] if isinstance(one, Mapping) else one for language, one in unit.items()
    }


class ManyLanguages(Words):
    """A text that must name its languages."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> dict[str, str]:
        if isinstance(value, str):
            raise ValidationError("must have a text for each language: {en: …, zh: …}")
        return super()._deserialize(value, attr, data, **kwargs)


class PlainText(fields.Field[Any]):
    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str) or not value.strip():
            raise ValidationError("must be a text that is not empty")
        return value


class StrictBoolean(fields.Field[Any]):
    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("must be true or false")
        return value


class Number(fields.Field[Any]):
    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int | float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValidationError("must be a number")
        if value != value or value in (float("inf"), float("-inf")) or abs(value) >= 2**63:
            raise ValidationError("must be a finite number")
        return value


class Whole(Number):
    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int:
        number = super()._deserialize(value, attr, data, **kwargs)
        if not isinstance(number, int):
            raise ValidationError("must be a whole number")
        return number


class Bound(Number):
    """A number, or the text of a moment, which `service.language` reads."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int | float | str:  # type: ignore[override]
        if isinstance(value, str) and value.strip():
            return value
        return super()._deserialize(value, attr, data, **kwargs)


class NamedEntries(fields.Field[Any]):
    """A mapping from names of one form to entries of one schema."""

    def __init__(self, form: re.Pattern[str], form_text: str, entry: type[Schema], **kwargs: Any):
        super().__init__(**kwargs)
        self.form, self.form_text, self.entry = form, form_text, entry()

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise ValidationError("must be a mapping from names to entries")
        entries: dict[str, Any] = {}
        errors: dict[str, Any] = {}
        for name, entry in value.items():
            if not self.form.fullmatch(name):
                errors[name] = [f"{NAME_FORM} {self.form_text}"]
                continue
            if name.count(".") >= MOST_PARTS:
                errors[name] = [f"{NAME_FORM} {self.form_text} with at most {MOST_PARTS} parts"]
                continue
            try:
                entries[name] = self.entry.load(entry)
            except ValidationError as error:
                errors[name] = error.messages
        if errors:
            raise ValidationError(errors)
        return entries


def flatten(messages: Any, path: tuple[str | int, ...] = ()) -> list[tuple[tuple[Any, ...], str]]:
    """marshmallow's nested errors as (path, message) pairs."""
    if isinstance(messages, Mapping):
        pairs = []
        for key, inner in messages.items():
            pairs += flatten(inner, path if key == "_schema" else (*path, key))
        return pairs
    return [(path, str(message)) for message in messages]
