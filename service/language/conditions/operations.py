"""The binary operators in one table: the types that each takes, the type of its result, and its meaning.

A meaning is called with known values only; a result of None is unknown. The engine makes the result unknown if a side
is unknown. Arithmetic is CEL's: int64, finite doubles, moments and durations. A result outside them is unknown.
"""

from __future__ import annotations

import math
import operator as python
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple, assert_never

from schemas.scalars import INT64_MAX, INT64_MIN, MAX_DURATION
from schemas.types import BOOLEAN, DATETIME, DURATION, INTEGER, NUMBER, STRING, Type
from service.language.conditions.type_rules import comparable, has_order, is_member
from service.language.syntax import BinaryOperator


class Operation(NamedTuple):
    """The meaning of an operator for two types, and the `type` of its result."""

    type: Type
    meaning: Callable[[Any, Any], Any]


def operation(operator: BinaryOperator, left: Type, right: Type) -> Operation | None:
    """The operation on sides of these types; None if the operator does not take them. Integers beside doubles are promoted already."""
    match operator:
        case "==":
            return _if(comparable(left, right), python.eq)
        case "!=":
            return _if(comparable(left, right), python.ne)
        case "<":
            return _if(has_order(left, right), python.lt)
        case "<=":
            return _if(has_order(left, right), python.le)
        case ">":
            return _if(has_order(left, right), python.gt)
        case ">=":
            return _if(has_order(left, right), python.ge)
        case "in":
            return _if(is_member(left, right), lambda value, values: value in values)
        case "+":
            return _SUMS.get((left, right)) or _joined(left, right)
        case "-":
            return _DIFFERENCES.get((left, right))
        case "*":
            return _PRODUCTS.get((left, right))
        case "/":
            return _QUOTIENTS.get((left, right))
        case "%":
            return _REMAINDERS.get((left, right))
        case _:
            assert_never(operator)


def negate(value: int | float) -> int | float | None:
    """The minus sign before a number."""
    return _int64(-value) if isinstance(value, int) else -value


def _if(fits: bool, test: Callable[[Any, Any], Any]) -> Operation | None:
    return Operation(BOOLEAN, test) if fits else None


def _joined(left: Type, right: Type) -> Operation | None:
    """Concatenates texts and lists."""
    if left.is_textual and right.is_textual:
        return Operation(STRING, python.add)
    if left.name == "list" and left == right:
        return Operation(left, python.add)
    return None


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


_Operations = Mapping[tuple[Type, Type], Operation]
_SUMS: _Operations = {
    (INTEGER, INTEGER): Operation(INTEGER, lambda a, b: _int64(a + b)),
    (NUMBER, NUMBER): Operation(NUMBER, lambda a, b: _finite(a + b)),
    (DATETIME, DURATION): Operation(DATETIME, _plus),
    (DURATION, DATETIME): Operation(DATETIME, _plus),
    (DURATION, DURATION): Operation(DURATION, _plus),
}
_DIFFERENCES: _Operations = {
    (INTEGER, INTEGER): Operation(INTEGER, lambda a, b: _int64(a - b)),
    (NUMBER, NUMBER): Operation(NUMBER, lambda a, b: _finite(a - b)),
    (DATETIME, DATETIME): Operation(DURATION, _minus),
    (DATETIME, DURATION): Operation(DATETIME, _minus),
    (DURATION, DURATION): Operation(DURATION, _minus),
}
_PRODUCTS: _Operations = {
    (INTEGER, INTEGER): Operation(INTEGER, lambda a, b: _int64(a * b)),
    (NUMBER, NUMBER): Operation(NUMBER, lambda a, b: _finite(a * b)),
}
_QUOTIENTS: _Operations = {
    (INTEGER, INTEGER): Operation(INTEGER, _quotient),
    (NUMBER, NUMBER): Operation(NUMBER, lambda a, b: _finite(a / b) if b else None),
}
_REMAINDERS: _Operations = {(INTEGER, INTEGER): Operation(INTEGER, _remainder)}
