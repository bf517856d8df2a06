"""One strict marshmallow field per fact type. Nothing is coerced: 5.0 is no integer, "5" no number, 1 no boolean."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any, assert_never

from marshmallow import ValidationError
from marshmallow.fields import Field

from schemas.fact_moments import check_moment
from schemas.field_error import entry, not_one_of
from schemas.moment_hints import NULL_IS_UNKNOWN, moment_hint
from schemas.reported import Reported, read_reported
from schemas.scalars import INT64_MAX, INT64_MIN, MOMENT, parse_datetime, parse_duration
from schemas.strict_json import Unreadable
from schemas.types import Type, TypeName
from schemas.vocabulary import Fact

MAX_TEXT = 4096
MAX_ITEMS = 256


class FactField(Field[Any]):
    """Reads the posted value of a fact into the form that conditions use.

    null becomes None: the fact is unknown. A value is posted bare, or in an envelope that names its source.
    """

    def __init__(self, fact: Fact) -> None:
        super().__init__(allow_none=True)
        self.fact = fact
        self.read = _reader(fact.type.name)
        self.is_moment = fact.type.name == "datetime"

    def bare(self, value: Any, as_of: datetime | None) -> Any:
        """The value without its source. A moment that has no bounds of its own is compared with `as_of`."""
        if value is None:
            return None
        read = self.read(_readable(value), self.fact, self.fact.type)
        if self.is_moment:
            check_moment(read, value, self.fact, as_of)
        return read

    def reported(self, value: Mapping[str, Any], as_of: datetime | None) -> Reported:
        return read_reported(value, lambda inner: self.bare(inner, as_of))

    def posted(self, value: Any, as_of: datetime | None) -> Any:
        """The value, posted bare or in an envelope."""
        if isinstance(value, dict):
            return self.reported(value, as_of).value
        return self.bare(value, as_of)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        return self.posted(value, None)


def _readable(value: Any) -> Any:
    if isinstance(value, Unreadable):
        raise ValidationError([entry(value.error.code, value.error.detail, value, "")])
    return value


def _wrong_type(value: Any, allowed: str, hint: str = "") -> ValidationError:
    return ValidationError([entry("wrong-type", f"must be {allowed}", value, allowed, hint)])


def _in_bounds(value: float, fact: Fact, allowed: str) -> None:
    low, high = fact.minimum, fact.maximum
    if (low is not None and value < low) or (high is not None and value > high):
        bounds = " and ".join(
            [f"at least {low}"] * (low is not None) + [f"at most {high}"] * (high is not None)
        )
        raise ValidationError(
            [entry("out-of-range", f"must be {bounds}", value, f"{allowed}, {bounds}")]
        )


def _in_int64(value: int) -> None:
    if not INT64_MIN <= value <= INT64_MAX:
        allowed = f"from {INT64_MIN} to {INT64_MAX}"
        raise ValidationError([entry("out-of-range", f"must be {allowed}", value, allowed)])


def _integer(value: Any, fact: Fact, type_: Type) -> int:
    allowed = "a whole number"
    if isinstance(value, bool) or not isinstance(value, int):
        hint = "send it without a decimal point" if isinstance(value, float) else _quotes(value)
        raise _wrong_type(value, allowed, hint)
    _in_int64(value)
    _in_bounds(value, fact, allowed)
    return value


def _number(value: Any, fact: Fact, type_: Type) -> float:
    allowed = "a number"
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong_type(value, allowed, _quotes(value))
    number = _double(value)
    if not math.isfinite(number):
        bounds = f"from {-sys.float_info.max} to {sys.float_info.max}"
        raise ValidationError([entry("out-of-range", f"must be {bounds}", value, bounds)])
    _in_bounds(number, fact, allowed)
    return number


def _double(value: float) -> float:
    """The double nearest to a number: infinity beyond the greatest one."""
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _quotes(value: Any) -> str:
    return "send it without quotes" if isinstance(value, str) else ""


def _boolean(value: Any, fact: Fact, type_: Type) -> bool:
    if not isinstance(value, bool):
        raise _wrong_type(value, "true or false", _quotes(value))
    return value


def _string(value: Any, fact: Fact, type_: Type) -> str:
    if not isinstance(value, str):
        raise _wrong_type(value, "a text")
    if len(value) > MAX_TEXT:
        allowed = f"a text of at most {MAX_TEXT} characters"
        raise ValidationError([entry("too-long", f"must be {allowed}", value, allowed)])
    return value


def _enum(value: Any, fact: Fact, type_: Type) -> str:
    if isinstance(value, str) and type_.has(value):
        return value
    if not isinstance(value, str):
        raise _wrong_type(value, "one of " + ", ".join(type_.values))
    raise ValidationError([not_one_of(value, type_.values)])


def _datetime(value: Any, fact: Fact, type_: Type) -> Any:
    hint = partial(moment_hint, for_none=NULL_IS_UNKNOWN)
    return _written(value, MOMENT, lambda text: parse_datetime(text).astimezone(UTC), hint)


def _duration(value: Any, fact: Fact, type_: Type) -> Any:
    return _written(value, 'a duration, such as "4h" or "1h30m"', parse_duration)


def _written(
    value: Any,
    allowed: str,
    parse: Callable[[str], Any],
    hint: Callable[[Any], str] = lambda value: "",
) -> Any:
    if not isinstance(value, str):
        raise _wrong_type(value, allowed, hint(value))
    try:
        return parse(value)
    except (ValueError, OverflowError):
        raise ValidationError(
            [entry("bad-format", f"must be {allowed}", value, allowed, hint(value))]
        ) from None


def _list(value: Any, fact: Fact, type_: Type) -> tuple[Any, ...]:
    item = type_.item
    assert item is not None
    if not isinstance(value, list):
        raise _wrong_type(value, "a list", "put it in brackets: […]")
    if len(value) > MAX_ITEMS:
        allowed = f"a list of at most {MAX_ITEMS} elements"
        raise ValidationError([entry("too-long", f"must be {allowed}", value, allowed)])
    read, items, errors = _reader(item.name), [], {}
    for position, element in enumerate(value):
        try:
            items.append(read(_readable(element), fact, item))
        except ValidationError as error:
            errors[position] = error.messages
    if errors:
        raise ValidationError(errors)
    return tuple(items)


def _reader(name: TypeName) -> Callable[[Any, Fact, Type], Any]:
    match name:
        case "integer":
            return _integer
        case "number":
            return _number
        case "boolean":
            return _boolean
        case "string":
            return _string
        case "enum":
            return _enum
        case "datetime":
            return _datetime
        case "duration":
            return _duration
        case "list":
            return _list
        case _:
            assert_never(name)
