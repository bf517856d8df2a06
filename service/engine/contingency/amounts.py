"""Finds the values next to constants and at the borders of a comparison, and measures how far apart two values are."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any, assert_never

from schemas.fact_moments import can_be
from schemas.scalars import INT64_MAX, INT64_MIN, MAX_DURATION
from schemas.types import Type
from schemas.vocabulary import Fact

DIGITS = 3
"""A number just across a border has this many significant digits, unless it would lie beyond the next constant."""
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
MOST_ITEMS = 256
WIDEST = 10**18
"""A fact without its own bounds is searched from -WIDEST to WIDEST."""

Sign = Callable[[Any], int | None]


def beside(type_: Type, constants: Iterable[Any], high: Any, low: Any) -> tuple[Any, ...]:
    """The constants, lowest first; for numbers, moments and durations also a value just below and just above each.

    Every comparison with a constant changes at one of these.
    """
    ordered = sorted(set(constants))
    match type_.name:
        case "integer":
            near = {n for c in ordered for n in _whole_numbers(c)}
            return tuple(sorted(near))
        case "number":
            return tuple(_numbers([float(c) for c in ordered], high, low))
        case "datetime" | "duration":
            return tuple(_moments(ordered))
        case "boolean" | "string" | "enum" | "list":
            return tuple(ordered)
        case _:
            assert_never(type_.name)


def _whole_numbers(constant: Any) -> Iterator[int]:
    yield from (math.ceil(constant) - 1, math.floor(constant))
    yield from (math.ceil(constant), math.floor(constant) + 1)


def _numbers(constants: list[float], high: Any, low: Any) -> Iterator[float]:
    for n, constant in enumerate(constants):
        below = constants[n - 1] if n else low
        above = constants[n + 1] if n + 1 < len(constants) else high
        yield across(constant, -1, below)
        yield constant
        yield across(constant, 1, above)


def _moments(constants: list[Any]) -> Iterator[Any]:
    for constant in constants:
        for shift in (-SECOND, timedelta(), SECOND):
            try:
                yield constant + shift
            except OverflowError:
                continue


def across(number: float, direction: int, limit: float | None) -> float:
    """A number of few digits between `number` and `limit`, above or below `number` as `direction` says."""
    exact, step = Decimal(repr(float(number))), Decimal(repr(_step(number)))
    for _ in range(12):
        near = float(exact + direction * step)
        inside = limit is None or limit == number or (near - limit) * direction < 0
        if near != number and math.isfinite(near) and inside:
            return near
        step /= 10
    return math.nextafter(number, direction * math.inf)


def _step(number: float) -> float:
    place = Decimal(repr(float(number))).adjusted() if number else 0
    return float(Decimal(1).scaleb(max(place - DIGITS + 1, -300)))


def borders(sign: Sign, start: Any, whole: bool, low: Any, high: Any) -> list[Any]:
    """The nearest values above and below `start` at which `sign` changes. The search takes growing steps."""
    here = sign(start)
    if here is None:
        return []
    found: list[Any] = []
    for direction, end in ((1, high), (-1, low)):
        end = direction * WIDEST if end is None else end
        if here == 0:
            found.append(_next(start, direction, whole, end))
            continue
        span = _bracket(sign, here, start, direction, whole, end)
        if span is not None:
            found += _turn(sign, here, *span, direction, whole, end)
    return found


def _next(value: Any, direction: int, whole: bool, end: Any) -> Any:
    return value + direction if whole else across(value, direction, end)


def _bracket(
    sign: Sign, here: int, start: Any, direction: int, whole: bool, end: Any
) -> tuple[Any, Any] | None:
    """The last value tried that has the same sign, and the first one with a different sign; None if there is none."""
    near, step = start, 1 if whole else _step(start)
    while near != end and (end - start) * direction > 0:
        far = start + direction * step
        if (far - end) * direction > 0:
            far = end
        turned = sign(far)
        if turned is None:
            return None
        if turned != here:
            return near, far
        near, step = far, step * 4
    return None


def _turn(
    sign: Sign, here: int, near: Any, far: Any, direction: int, whole: bool, end: Any
) -> Iterator[Any]:
    """Halves the span to the first value with a different sign. If the sign is zero there, the next value follows."""
    for _ in range(128):
        middle = (near + far) // 2 if whole else near / 2 + far / 2
        if middle in (near, far):
            break
        if sign(middle) == here:
            near = middle
        else:
            far = middle
        if not whole and abs(far - near) <= 1e-13 * abs(far):
            break
    if not whole:
        far = next(
            (short for short in _short(far, direction) if sign(short) not in (here, None)), far
        )
    yield far
    if sign(far) == 0:
        yield _next(far, direction, whole, end)


def _short(number: float, direction: int) -> Iterator[float]:
    """The number rounded to 12 digits, then a number of few digits just beyond it."""
    yield float(f"{number:.12g}")
    if number:
        exact = Decimal(repr(number))
        place = Decimal(1).scaleb(exact.adjusted() - DIGITS + 1)
        rounding = ROUND_CEILING if direction > 0 else ROUND_FLOOR
        yield float((exact / place).to_integral_value(rounding) * place)


def distance(type_: Type, before: Any, after: Any) -> float:
    """The size of a change. docs/rules.md explains it to authors."""
    match type_.name:
        case "integer" | "number":
            return float(abs(after - before) / max(1.0, abs(before)))
        case "enum":
            return abs(type_.ranks[after] - type_.ranks[before])
        case "datetime":
            return float(abs(after - before) / DAY)
        case "duration":
            return float(abs(after - before) / max(HOUR, abs(before)))
        case "boolean" | "string" | "list":
            return 1.0
        case _:
            assert_never(type_.name)


def allowed(fact: Fact, value: Any, as_of: datetime) -> bool:
    """Whether a caller can post this value at this moment."""
    match value:
        case tuple():
            return len(value) <= MOST_ITEMS and all(allowed(fact, item, as_of) for item in value)
        case bool() | str():
            return True
        case datetime():
            return can_be(value, fact, as_of)
        case timedelta():
            return abs(value) <= MAX_DURATION
    if not (INT64_MIN <= value <= INT64_MAX if isinstance(value, int) else math.isfinite(value)):
        return False
    return (fact.minimum is None or value >= fact.minimum) and (
        fact.maximum is None or value <= fact.maximum
    )
