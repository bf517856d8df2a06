"""A fact in an envelope with its source: `{"value": 3, "reported_by": …, "measured_at": …, "disputed": …, "scope": …}` instead of 3.

This module checks the form. `service.engine.judging.counted_facts` says whether a figure is old, and whether its value counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from marshmallow import ValidationError
from marshmallow.fields import Field

from schemas.closest import did_you_mean
from schemas.field_error import FieldError, entry, not_one_of, shortened
from schemas.incident import MAX_NAME, BooleanOption, Moment, Name
from schemas.strict_json import NO_NUL

FigureScope = Literal["all", "page"]
"""Whether a figure is of everything, or of one page of results, so that it can be larger."""
SCOPES: tuple[FigureScope, ...] = get_args(FigureScope)


class _ScopeOption(Field[str]):
    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            allowed = "one of " + ", ".join(SCOPES)
            raise ValidationError([entry("wrong-type", f"must be {allowed}", value, allowed)])
        if value not in SCOPES:
            raise ValidationError([not_one_of(value, SCOPES)])
        return value


UNKNOWN_KEY = "unknown key of a reported fact"
_UNKNOWN = [UNKNOWN_KEY]
_ABOUT: Mapping[str, Field[Any]] = {
    "reported_by": Name(),
    "measured_at": Moment(),
    "disputed": BooleanOption(),
    "scope": _ScopeOption(),
}
KEYS = ("value", *_ABOUT)


@dataclass(frozen=True, slots=True)
class Reported:
    """A value as conditions read it, who reported it, when it was measured, whether someone disputes it, and of what it is a figure.

    `brand` is the brand whose record has it, or None if it was posted.
    """

    value: Any
    reported_by: str | None = None
    measured_at: datetime | None = None
    disputed: bool = False
    scope: FigureScope = "all"
    brand: str | None = None


def read_reported(raw: Mapping[str, Any], read_value: Callable[[Any], Any]) -> Reported:
    """The envelope; the fact's own field reads its value. Another key with the value null counts as left out.

    Raises ValidationError with every mistake under its key. Its `valid_data` are the right keys, if only keys about
    the value are wrong: none of them changes what the value means. Otherwise it is None.
    """
    read: dict[str, Any] = {}
    errors: dict[str, Any] = {}
    for key, value in raw.items():
        try:
            if key == "value":
                read[key] = read_value(value)
            elif key not in _ABOUT:
                errors[key] = _UNKNOWN
            elif value is not None:
                read[key] = _ABOUT[key].deserialize(value)
        except ValidationError as error:
            errors[key] = error.messages
    if "value" not in raw:
        hint = "send null if it is unknown"
        errors["value"] = [entry("missing", "is missing", None, "the fact's value", hint)]
    if errors:
        raise ValidationError(errors, valid_data=None if errors.keys() - _ABOUT else read)
    return Reported(**read)


def unknown_key(path: str, key: str, value: Any) -> FieldError:
    """The mistake of a key that an envelope does not have."""
    allowed = "one of " + ", ".join(KEYS)
    hint = did_you_mean(key, KEYS) or "a fact is a bare value, or an object with its value"
    message = "is not a key of a reported fact"
    return FieldError(path, "unknown-key", message, shortened(value), allowed, hint)


ABOUT_JSON_SCHEMAS: dict[str, dict[str, Any]] = {
    "reported_by": {
        "type": ["string", "null"],
        "minLength": 1,
        "maxLength": MAX_NAME,
        "pattern": NO_NUL,
        "description": "The source of the value.",
    },
    "measured_at": {
        "type": ["string", "null"],
        "format": "date-time",
        "description": "When it was measured: an RFC 3339 date-time with offset.",
    },
    "disputed": {
        "type": ["boolean", "null"],
        "description": "Whether another source disputes the value.",
    },
    "scope": {
        "enum": [*SCOPES, None],
        "description": "all: a figure of everything, which is the default; page: of one page of results alone.",
    },
}
"""What an envelope can say about its value, for the OpenAPI document."""
