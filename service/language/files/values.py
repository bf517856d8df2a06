"""Reads a value from an author's file by its declared type. Nothing is coerced: `1` is not a text, and `"1"` is not a number."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any, assert_never

from schemas.scalars import INT64_MAX, INT64_MIN, parse_datetime, parse_duration
from schemas.types import Type
from service.language.collector import BoundValue

MAX_DOUBLE = sys.float_info.max


class WrongValueError(ValueError):
    """The message says what is allowed."""


def read_value(raw: Any, type_: Type) -> Any:
    """The value as conditions know it: float for a number, aware datetime, timedelta, tuple for a list.

    Raises WrongValueError.
    """
    match type_.name:
        case "integer" if _is_int(raw) and INT64_MIN <= raw <= INT64_MAX:
            return raw
        case "number" if (_is_int(raw) or isinstance(raw, float)) and abs(raw) <= MAX_DOUBLE:
            return float(raw)
        case "boolean" if isinstance(raw, bool):
            return raw
        case "string" if isinstance(raw, str):
            return raw
        case "enum" if isinstance(raw, str) and type_.has(raw):
            return raw
        case "datetime" if isinstance(raw, str):
            return _parsed(parse_datetime, raw, type_)
        case "duration" if isinstance(raw, str):
            return _parsed(parse_duration, raw, type_)
        case "list" if isinstance(raw, list) and type_.item:
            return tuple(read_value(item, type_.item) for item in raw)
    raise WrongValueError(allowed(type_))


def read_within(
    entry: Mapping[str, Any], key: str, type_: Type, here: BoundValue, low: Any, high: Any
) -> Any:
    """The value of `key` in an entry. None if it has the wrong type.

    A wrong type, and a number or moment outside its bounds, are reported. `low` and `high` are None where it has none.
    """
    try:
        value = read_value(entry[key], type_)
    except WrongValueError as error:
        here.error("wrong-type", f"'{key}' must be {error}")
        return None
    ordered = type_.is_numeric or type_.name == "datetime"
    if ordered and ((low is not None and value < low) or (high is not None and value > high)):
        here.error("outside-bounds", f"'{key}' lies outside min and max")
    return value


def allowed(type_: Type) -> str:
    """The form of a value of this type, in words."""
    match type_.name:
        case "enum":
            return "one of " + ", ".join(type_.values[:30])
        case "integer":
            return "a whole number"
        case "number":
            return "a number"
        case "boolean":
            return "true or false"
        case "datetime":
            return "a date-time with offset such as 2026-01-01T00:00:00+08:00"
        case "duration":
            return "a duration such as 4h or 1h30m"
        case "list":
            return f"a list, each element {allowed(type_.item)}" if type_.item else "a list"
        case "string":
            return "a text"
        case _:
            assert_never(type_.name)


def _is_int(raw: Any) -> bool:
    return isinstance(raw, int) and not isinstance(raw, bool)


def _parsed(parse: Any, raw: Any, type_: Type) -> Any:
    try:
        return parse(raw)
    except (ValueError, OverflowError):
        raise WrongValueError(allowed(type_)) from None
