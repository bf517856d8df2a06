"""Writes numbers and spans of time for readers, with the texts of reports in one language. JSON has the exact values."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import ROUND_DOWN, Decimal
from functools import lru_cache
from typing import NamedTuple

from schemas.scalars import format_duration, format_number
from service.language.texts.report_texts import default_texts

Texts = Callable[[str], str]
"""A text of reports in one language, by its key."""
SIGNIFICANT = 3
"""The digits that are kept of a number that large units cannot write exactly."""
HUNDREDTH = Decimal("0.01")
LARGEST = 10**16
"""A number as large as this is written in digits."""
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
COUNTED_IN_HOURS = 10 * DAY
"""A time that has passed is told in hours until then, because deadlines are; afterwards in days."""


class Elapsed(NamedTuple):
    """`key` is the text of reports for this unit: minutes, hours or days."""

    key: str
    number: int


def default_say(language: str) -> Texts:
    """The texts of reports as they are if no pack replaces them. A language that they lack has none."""
    return lambda key: default_texts()[key].get(language.partition("-")[0], "")


def number_in_words(value: float, say: Texts, *, exact: bool = False) -> str:
    """A number in the large units of the language, such as 580万; elsewhere in digits, such as 5,800,000.

    Two decimals at most: 1.25万. What needs more is cut to three digits and called so, 约1.23万, so that it never reaches a
    threshold that the number does not reach; with `exact` it is written in digits.
    """
    digits = f"{value:,}" if isinstance(value, int) else format_number(value)
    size, name = _unit(abs(value), say("large_units"))
    if not size or abs(value) >= LARGEST:
        return digits
    amount = Decimal(str(abs(value))) / size
    kept = amount.quantize(HUNDREDTH, ROUND_DOWN)
    if kept == amount:
        return _signed(value, kept) + name
    if exact:
        return digits
    places = max(0, SIGNIFICANT - len(str(int(amount))))
    cut = amount.quantize(Decimal(1).scaleb(-places), ROUND_DOWN)
    return say("about").replace("{number}", _signed(value, cut) + name)


def _signed(value: float, amount: Decimal) -> str:
    return f"{'-' if value < 0 else ''}{amount.normalize():f}"


def _unit(value: float, units: str) -> tuple[int, str]:
    """The largest unit that the number reaches; 0 if there is none."""
    return next(((size, name) for size, name in _units(units) if value >= size), (0, ""))


@lru_cache
def _units(text: str) -> tuple[tuple[int, str], ...]:
    """`10000 万 100000000 亿` as pairs, the largest first. What is written otherwise is no unit."""
    words = text.split()
    pairs = [
        (int(size), name)
        for size, name in zip(words[::2], words[1::2], strict=False)
        if size.isdecimal()
    ]
    return tuple(sorted((pair for pair in pairs if pair[0]), reverse=True))


def elapsed(span: timedelta) -> Elapsed:
    """A time that has passed: in minutes below one hour, then in whole hours, from ten days on in whole days."""
    if span < HOUR:
        return Elapsed("minutes", span // MINUTE)
    return (
        Elapsed("hours", span // HOUR) if span < COUNTED_IN_HOURS else Elapsed("days", span // DAY)
    )


def span_in_words(span: timedelta, say: Texts) -> str:
    """A duration in a sentence: 35 min, 1 h 30 min, 154 h, 12 days. Below one minute it is written as a caller posts it."""
    if span < MINUTE:
        return format_duration(span)
    parts = [elapsed(span)]
    if HOUR <= span < DAY and (minutes := span % HOUR // MINUTE):
        parts.append(Elapsed("minutes", minutes))
    said = [say(one.key).replace("{count}", f"{one.number:,}") for one in parts]
    return _between(say).join(said) if all(said) else format_duration(span)


def _between(say: Texts) -> str:
    """Languages that write `35分钟` write nothing between two of them."""
    return " " if " " in say("minutes") else ""
