"""The values that an output can still take while rules are undetermined. `hit_policies` makes them.

A settled output is its plain value; an open one is Options, a Range or Members. Any combination of the
undetermined rules may fire, so every completion of the unknown facts gives one of these values.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from service.language.model import Output


@dataclass(frozen=True, slots=True)
class Options:
    """One of `values`, in the output's declared order if it has one."""

    values: tuple[Any, ...]
    _set: frozenset[Any] | None = field(default=None, init=False, repr=False, compare=False)

    def has(self, value: Any) -> bool:
        """Except for the first time, it takes the same time for any number of values."""
        if self._set is None:
            object.__setattr__(self, "_set", frozenset(self.values))
        return self._set is not None and value in self._set


@dataclass(frozen=True, slots=True)
class Range:
    """A number from `low` to `high`, both included."""

    low: int | float
    high: int | float


@dataclass(frozen=True, slots=True)
class Members:
    """A list that has all of `sure` and may have more of `can_have`, which includes `sure`."""

    sure: tuple[Any, ...]
    can_have: tuple[Any, ...]


OPEN_TYPES = (Options, Range, Members)


def worst(output: Output, value: Any) -> Any:
    """Of the values that the output can have: an enum's first, the greatest number, true; of a list all members."""
    match value:
        case Options(values=values):
            return values[0] if output.type.values else max(values)
        case Range(high=high):
            return high
        case Members(can_have=everything):
            return everything
    return value


def best(output: Output, value: Any) -> Any:
    """The opposite of `worst`: an enum's last value, the least number, false; of a list only the sure members."""
    match value:
        case Options(values=values):
            return values[-1] if output.type.values else min(values)
        case Range(low=low):
            return low
        case Members(sure=certain):
            return certain
    return value
