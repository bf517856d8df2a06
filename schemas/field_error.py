"""A wrong field of a request, as a value. `schemas.incident`, `schemas.facts` and `schemas.previous` find them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from schemas.closest import did_you_mean
from schemas.scalars import INT64_MAX, INT64_MIN
from schemas.strict_json import Unreadable

MAX_ERRORS = 100
"""The most mistakes that are listed; for facts, the others are counted."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """A field's path (`facts.group.name`, `facts.group.list[2]`), its mistake, its value, what is allowed, a hint."""

    path: str
    code: str
    message: str
    got: Any = None
    allowed: str = ""
    hint: str = ""


class Ignored(NamedTuple):
    """The mistakes in facts that lenient handling ignored: those that are listed, and the number of all."""

    listed: Sequence[FieldError]
    mistakes: int


def entry(code: str, message: str, got: Any, allowed: str, hint: str = "") -> Mapping[str, Any]:
    """A FieldError without its path, as marshmallow carries it."""
    return {
        "code": code,
        "message": message,
        "got": shortened(got),
        "allowed": allowed,
        "hint": hint,
    }


def not_one_of(got: Any, values: Sequence[str]) -> Mapping[str, Any]:
    """An entry for a text that is not one of these values. `worded` words it: finding the closest value takes time."""
    return {"code": "not-allowed", "got": got, "one_of": values}


def worded(path: str, found: Mapping[str, Any]) -> FieldError:
    """An entry with its path."""
    if "one_of" not in found:
        return FieldError(path, **found)
    got, values = found["got"], found["one_of"]
    allowed = "one of " + ", ".join(values)
    hint = did_you_mean(got, values)
    return FieldError(path, found["code"], f"must be {allowed}", shortened(got), allowed, hint)


def shortened(value: Any) -> Any:
    """A value short enough to be sent back."""
    if isinstance(value, Unreadable):
        value = value.legible
    if isinstance(value, str):
        return value if len(value) <= 80 else value[:77] + "…"
    if isinstance(value, bool | float) or value is None:
        return value
    if isinstance(value, int):
        return value if INT64_MIN <= value <= INT64_MAX else str(value)[:40] + "…"
    return "a list" if isinstance(value, list) else "an object"
