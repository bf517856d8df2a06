"""CEL's arithmetic on known values: int64, finite doubles, moments, durations. A result outside them is None, unknown."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from schemas.scalars import INT64_MAX, INT64_MIN, MAX_DURATION
from schemas.types import INTEGER, NUMBER, Type

Operation = Callable[[Any, Any], Any]


def operation(operator: str, left: Type) -> Operation:
    """The function for `operator` when its left side has this type (the checker saw to the right)."""
    if left == INTEGER:
        return _INTEGER[operator]
    if left == NUMBER:
        return _NUMBER[operator]
    return _plus if operator == "+" else _minus


def _int64(value: int) -> int | None:
    return value if INT64_MIN <= value <= INT64_MAX else None


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _quotient(a: int, b: int) -> int | None:
    """Truncates toward zero (cel-spec langdef, "Arithmetic")."""
    if b == 0:
        return None
    whole = abs(a) // abs(b)
    return _int64(whole if (a < 0) == (b < 0) else -whole)


def _remainder(a: int, b: int) -> int | None:
    """Has the sign of the dividend."""
    if b == 0:
        return None
    rest = abs(a) % abs(b)
    return -rest if a < 0 else rest


_INTEGER: dict[str, Operation] = {
    "+": lambda a, b: _int64(a + b),
    "-": lambda a, b: _int64(a - b),
    "*": lambda a, b: _int64(a * b),
    "/": _quotient,
    "%": _remainder,
}
_NUMBER: dict[str, Operation] = {
    "+": lambda a, b: _finite(a + b),
    "-": lambda a, b: _finite(a - b),
    "*": lambda a, b: _finite(a * b),
    "/": lambda a, b: _finite(a / b) if b else None,
}


def _plus(a: Any, b: Any) -> Any:
    try:
        return _in_range(a + b)
    except OverflowError:
        return None


def _minus(a: datetime | timedelta, b: Any) -> Any:
    try:
        return _in_range(a - b)
    except OverflowError:
        return None


def _in_range(value: Any) -> Any:
    return None if isinstance(value, timedelta) and abs(value) > MAX_DURATION else value


def negate(value: int | float) -> int | float | None:
    return _int64(-value) if isinstance(value, int) else -value
