"""The values an output can still take while rules are undetermined. How they come about is `hit_policies`.

A settled output is its plain value; an open one is Options, a Range or Members. Every completion of
the unknown facts gives a value inside: some of the undetermined rules fire, in any combination.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

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


OPEN_TYPES = (Options, Range, Members)


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
