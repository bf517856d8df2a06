"""The values an output can still take, and how each hit policy combines what rules give. No conditions here.

A settled output is its plain value; an open one is Options, a Range or Members. Every completion of
the unknown facts gives a value inside: some of the undetermined rules fire, in any combination.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

from schemas.scalars import INT64_MAX, INT64_MIN
from service.language.model import Output


@dataclass(frozen=True, slots=True)
class Options:
    """One of `values`, in the output's declared order where it has one."""

    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Range:
    """A number from `low` to `high`, both included."""

    low: int | float
    high: int | float


@dataclass(frozen=True, slots=True)
class Members:
    """A collection that has all of `sure` and perhaps more of `possible` (which has `sure` too)."""

    sure: tuple[Any, ...]
    can_have: tuple[Any, ...]


Open = Options | Range | Members
OPEN_TYPES = (Options, Range, Members)


GivenValue = tuple[Any, bool]
"""What a rule gives an output, or several of them alike, and whether that is sure: not while they are undetermined."""


class GivenValues(NamedTuple):
    """What rules give an output, in rule order, and the same parted in sure and unsure."""

    given: Sequence[GivenValue]
    sure: list[Any]
    unsure: list[Any]


def combined(output: Output, values: Sequence[Any]) -> Any:
    """The value when just these contributions are made, in rule order.

    Hit policies are DMN's (OMG DMN 1.3, 8.2.11). `unique` and `any` conflicts are the caller's to find.
    """
    if not values:
        return output.default
    match output.hit:
        case "collect":
            return tuple(dict.fromkeys(values))
        case "priority":
            return min(values, key=output.type.values.index)
        case "unique" | "any" | "first":
            return values[0]
        case "sum":
            return _clamp(output, _sum(values))
        case "min":
            return _clamp(output, min(values))
        case "max":
            return _clamp(output, max(values))
    return _clamp(output, len(values))


def outcomes(output: Output, given: Sequence[GivenValue]) -> Any:
    """The plain value if no undetermined rule can change it, else what it can still be."""
    sure = [value for value, is_sure in given if is_sure]
    if len(sure) == len(given):
        return combined(output, sure)
    unsure = [value for value, is_sure in given if not is_sure]
    return _POSSIBLE[output.hit](output, GivenValues(given, sure, unsure))


def _sum(values: Sequence[Any]) -> Any:
    """Exact, and for doubles rounded once, so that more addends never come out below fewer.

    Beyond int64 or the doubles it stays at their end, where conditions can still read it.
    """
    if all(isinstance(v, int) for v in values):
        return max(INT64_MIN, min(INT64_MAX, sum(values)))
    try:
        return math.fsum(values)
    except OverflowError:  # perhaps only on the way
        exact = sum(map(Fraction, values))
    try:
        return float(exact)
    except OverflowError:
        return sys.float_info.max if exact > 0 else -sys.float_info.max


def _clamp(output: Output, value: Any) -> Any:
    if output.minimum is not None and value < output.minimum:
        value = output.minimum
    if output.maximum is not None and value > output.maximum:
        value = output.maximum
    return float(value) if output.type.kind == "number" else value


def _options(output: Output, values: Sequence[Any]) -> Any:
    distinct = dict.fromkeys(values)
    if len(distinct) == 1:
        return values[0]
    ranked = output.type.values
    return Options(tuple([v for v in ranked if v in distinct] if ranked else distinct))


def _range(low: Any, high: Any) -> Any:
    return low if low == high else Range(low, high)


def _priority(output: Output, contributions: GivenValues) -> Any:
    _, sure, unsure = contributions
    if not sure:
        return _options(output, [output.default, *unsure])
    best = combined(output, sure)
    rank = output.type.values.index
    return _options(output, [best, *(v for v in unsure if rank(v) < rank(best))])


def _same(output: Output, contributions: GivenValues) -> Any:
    """`unique` and `any`: beside a sure value, another would be a conflict and no answer at all."""
    _, sure, unsure = contributions
    return sure[0] if sure else _options(output, [output.default, *unsure])


def _first(output: Output, contributions: GivenValues) -> Any:
    values: list[Any] = []
    for value, sure in contributions.given:
        values.append(value)
        if sure:
            return _options(output, values)
    return _options(output, [output.default, *values])


def _collect(output: Output, contributions: GivenValues) -> Any:
    everything = tuple(dict.fromkeys([value for value, _ in contributions.given]))
    certain = tuple(dict.fromkeys(contributions.sure))
    return certain if len(certain) == len(everything) else Members(certain, everything)


def _hull(output: Output, low: Any, high: Any, default_too: bool) -> Any:
    low, high = _clamp(output, low), _clamp(output, high)
    if default_too:
        low, high = min(low, output.default), max(high, output.default)
    return _range(low, high)


def _summed(output: Output, contributions: GivenValues) -> Any:
    _, sure, unsure = contributions
    below, above = [v for v in unsure if v < 0], [v for v in unsure if v > 0]
    low = [*sure, *below] or [min(unsure)]
    high = [*sure, *above] or [max(unsure)]
    return _hull(output, _sum(low), _sum(high), not sure)


def _lowest(output: Output, contributions: GivenValues) -> Any:
    _, sure, unsure = contributions
    high = min(sure) if sure else max(unsure)
    return _hull(output, min(*sure, *unsure, high), high, not sure)


def _highest(output: Output, contributions: GivenValues) -> Any:
    _, sure, unsure = contributions
    low = max(sure) if sure else min(unsure)
    return _hull(output, low, max(*sure, *unsure, low), not sure)


def _counted(output: Output, contributions: GivenValues) -> Any:
    given, sure, _ = contributions
    return _hull(output, max(1, len(sure)), len(given), not sure)


_POSSIBLE: dict[str, Callable[[Output, GivenValues], Any]] = {
    "priority": _priority,
    "unique": _same,
    "any": _same,
    "first": _first,
    "collect": _collect,
    "sum": _summed,
    "min": _lowest,
    "max": _highest,
    "count": _counted,
}


def worst(output: Output, value: Any) -> Any:
    """The end of what the output can be that is named first: an enum's first value, the greatest number, true."""
    match value:
        case Options(values=values):
            return values[0] if output.type.values else max(values)
        case Range(high=high):
            return high
        case Members(can_have=everything):
            return everything
    return value


def best(output: Output, value: Any) -> Any:
    """The other end."""
    match value:
        case Options(values=values):
            return values[-1] if output.type.values else min(values)
        case Range(low=low):
            return low
        case Members(sure=certain):
            return certain
    return value
