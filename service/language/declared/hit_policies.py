"""The hit policies in one table: how each combines the values of rules, and the values that it can still give.

They are DMN's (OMG DMN 1.3, 8.2.11). A new one needs its name in `schemas.files.names` and its entry here. The rest of
the code uses the fields of an output's policy, never its name.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from decimal import Context, Decimal
from typing import Any, Never

from schemas.files.names import HIT_POLICY_NAMES, OUTPUT_TYPES, HitPolicyName
from schemas.scalars import INT64_MAX, INT64_MIN
from service.language.declared.open_values import Members, Options, Range
from service.language.model import GivenValues, HitPolicy, Output


def combined(output: Output, values: Sequence[Any]) -> Any:
    """The value if exactly these values are given, in the order of the rules. The caller checks for conflicts."""
    return output.policy.combine(output, values) if values else output.default


def outcomes(output: Output, given: Sequence[tuple[Any, bool]]) -> Any:
    """The plain value if no undetermined rule can change it, else the values that the output can still have.

    `given` has the values of rules that fire (sure) or may fire, in the order of the rules.
    """
    sure = [value for value, is_sure in given if is_sure]
    if len(sure) == len(given):
        return combined(output, sure)
    unsure = [value for value, is_sure in given if not is_sure]
    return output.policy.outcomes(output, GivenValues(given, sure, unsure))


def _options(output: Output, values: Sequence[Any]) -> Any:
    distinct = dict.fromkeys(values)
    if len(distinct) == 1:
        return values[0]
    ranked = output.type.values
    return Options(tuple([v for v in ranked if v in distinct] if ranked else distinct))


def _range(low: Any, high: Any) -> Any:
    return low if low == high else Range(low, high)


def _clamp(output: Output, value: Any) -> Any:
    if output.minimum is not None and value < output.minimum:
        value = output.minimum
    if output.maximum is not None and value > output.maximum:
        value = output.maximum
    return float(value) if output.type.name == "number" else value


def _hull(output: Output, low: Any, high: Any, default_too: bool) -> Any:
    low, high = _clamp(output, low), _clamp(output, high)
    if default_too:
        low, high = min(low, output.default), max(high, output.default)
    return _range(low, high)


def _first_value(output: Output, values: Sequence[Any]) -> Any:
    return values[0]


def _any_of(output: Output, contributions: GivenValues) -> Any:
    """If one value is sure, a different one would be a conflict, and then there is no answer."""
    _, sure, unsure = contributions
    return sure[0] if sure else _options(output, [output.default, *unsure])


UNIQUE = HitPolicy(
    name="unique",
    about="the value of the one rule that fires; two rules that fire are a conflict, even with equal values",
    examples=(("[7]", "7"), ("[7, 7]", "conflict")),
    combine=_first_value,
    outcomes=_any_of,
    is_exclusive=True,
)
ANY = HitPolicy(
    name="any",
    about="the value that all rules that fire give; two different values are a conflict",
    examples=(("[7, 7]", "7"), ("[7, 8]", "conflict")),
    combine=_first_value,
    outcomes=_any_of,
    is_exclusive=True,
    equal_values_count_once=True,
)


def _highest_ranked(output: Output, values: Sequence[Any]) -> Any:
    return min(values, key=output.type.ranks.__getitem__)


def _as_high_or_higher(output: Output, contributions: GivenValues) -> Any:
    _, sure, unsure = contributions
    if not sure:
        return _options(output, [output.default, *unsure])
    best = combined(output, sure)
    rank = output.type.ranks
    return _options(output, [best, *(v for v in unsure if rank[v] < rank[best])])


PRIORITY = HitPolicy(
    name="priority",
    about="of the values given, the first in the output's `values`",
    examples=(('["low", "high", "middle"]', '"high"'),),
    takes=("enum",),
    needs="needs an enum, whose values are in order of priority",
    combine=_highest_ranked,
    outcomes=_as_high_or_higher,
    is_ranked=True,
    equal_values_count_once=True,
)


def _first_sure_or_before(output: Output, contributions: GivenValues) -> Any:
    values: list[Any] = []
    for value, sure in contributions.given:
        values.append(value)
        if sure:
            return _options(output, values)
    return _options(output, [output.default, *values])


FIRST = HitPolicy(
    name="first",
    about="the value of the first rule that fires",
    examples=(("[8, 7]", "8"),),
    combine=_first_value,
    outcomes=_first_sure_or_before,
)


def _distinct(output: Output, values: Sequence[Any]) -> Any:
    return tuple(dict.fromkeys(values))


def _members(output: Output, contributions: GivenValues) -> Any:
    everything = tuple(dict.fromkeys([value for value, _ in contributions.given]))
    certain = tuple(dict.fromkeys(contributions.sure))
    return certain if len(certain) == len(everything) else Members(certain, everything)


COLLECT = HitPolicy(
    name="collect",
    about="a list of all values given, each once; DMN keeps repeats, as `collect_all` does",
    examples=(("[8, 7, 8]", "[8, 7]"),),
    combine=_distinct,
    outcomes=_members,
    is_collected=True,
    equal_values_count_once=True,
    is_made_of_all=True,
)


def _in_order(output: Output, values: Sequence[Any]) -> Any:
    return tuple(values)


def _members_in_order(output: Output, contributions: GivenValues) -> Any:
    """Each undetermined rule would add an element, so the list is always open."""
    given, sure, _ = contributions
    return Members(tuple(sure), tuple(value for value, _ in given))


COLLECT_ALL = HitPolicy(
    name="collect_all",
    about="a list of all values given, in the order of the rules, with repeats: DMN's COLLECT and RULE ORDER",
    examples=(("[8, 7, 8]", "[8, 7, 8]"),),
    takes=tuple(name for name in OUTPUT_TYPES if name != "actions"),
    needs="lists values, not actions",
    combine=_in_order,
    outcomes=_members_in_order,
    is_collected=True,
    is_made_of_all=True,
)


_EXACTLY = Context(prec=1_000)
"""Every sum of doubles is exact in it: their shortest decimals have digits from 10^308 down to 10^-324."""


def _sum(values: Sequence[Any]) -> Any:
    """The exact sum. Doubles are added as the shortest decimals that are read as them, which is how authors write them.

    It is rounded once, to the nearest double. So the order of the rules makes no difference, and adding a positive value
    never lowers the sum. A sum outside int64 or the doubles becomes their least or greatest value, which conditions can
    still read.
    """
    if all(isinstance(v, int) for v in values):
        return max(INT64_MIN, min(INT64_MAX, sum(values)))
    exact = Decimal(0)
    for value in values:
        exact = _EXACTLY.add(exact, Decimal(repr(float(value))))
    return max(-sys.float_info.max, min(sys.float_info.max, float(exact)))


def _clamped_sum(output: Output, values: Sequence[Any]) -> Any:
    return _clamp(output, _sum(values))


def _range_of_sum(output: Output, contributions: GivenValues) -> Any:
    _, sure, unsure = contributions
    below, above = [v for v in unsure if v < 0], [v for v in unsure if v > 0]
    low = [*sure, *below] or [min(unsure)]
    high = [*sure, *above] or [max(unsure)]
    return _hull(output, _sum(low), _sum(high), not sure)


SUM = HitPolicy(
    name="sum",
    about="the exact sum of the values given, as they are written",
    examples=(("[30, 60, -10]", "80"), ("[0.1, 0.7]", "0.8"), ("[]", "0")),
    takes=("integer", "number"),
    needs="needs an integer or a number",
    combine=_clamped_sum,
    outcomes=_range_of_sum,
    is_made_of_all=True,
    is_clamped=True,
)


def _least(output: Output, values: Sequence[Any]) -> Any:
    return _clamp(output, min(values))


def _range_of_least(output: Output, contributions: GivenValues) -> Any:
    _, sure, unsure = contributions
    high = min(sure) if sure else max(unsure)
    return _hull(output, min(*sure, *unsure, high), high, not sure)


MIN = HitPolicy(
    name="min",
    about="the least value given",
    examples=(("[30, 10]", "10"),),
    takes=("integer", "number"),
    needs="needs an integer or a number",
    combine=_least,
    outcomes=_range_of_least,
    equal_values_count_once=True,
    is_clamped=True,
)


def _greatest(output: Output, values: Sequence[Any]) -> Any:
    return _clamp(output, max(values))


def _range_of_greatest(output: Output, contributions: GivenValues) -> Any:
    _, sure, unsure = contributions
    low = max(sure) if sure else min(unsure)
    return _hull(output, low, max(*sure, *unsure, low), not sure)


MAX = HitPolicy(
    name="max",
    about="the greatest value given",
    examples=(("[30, 10]", "30"),),
    takes=("integer", "number"),
    needs="needs an integer or a number",
    combine=_greatest,
    outcomes=_range_of_greatest,
    equal_values_count_once=True,
    is_clamped=True,
)


def _number_given(output: Output, values: Sequence[Any]) -> Any:
    return _clamp(output, len(values))


def _range_of_number_given(output: Output, contributions: GivenValues) -> Any:
    given, sure, _ = contributions
    return _hull(output, max(1, len(sure)), len(given), not sure)


COUNT = HitPolicy(
    name="count",
    about="the number of rules that fire; each writes `true`",
    examples=(("[true, true]", "2"),),
    takes=("integer",),
    needs="gives an integer",
    combine=_number_given,
    outcomes=_range_of_number_given,
    is_made_of_all=True,
    counts_rules=True,
    is_clamped=True,
)


def _hit_policy(name: HitPolicyName) -> HitPolicy:
    """While a name has no policy, mypy fails here, and the service does not start."""
    match name:
        case "unique":
            return UNIQUE
        case "any":
            return ANY
        case "priority":
            return PRIORITY
        case "first":
            return FIRST
        case "collect":
            return COLLECT
        case "collect_all":
            return COLLECT_ALL
        case "sum":
            return SUM
        case "min":
            return MIN
        case "max":
            return MAX
        case "count":
            return COUNT
        case _:
            raise _not_written(name)


def _not_written(name: Never) -> NotImplementedError:
    """Like `assert_never`, with a message for the operator who starts the service."""
    return NotImplementedError(
        f"the hit policy '{name}' has a name in schemas.files.names, but no entry in {__name__}"
    )


HIT_POLICIES: Mapping[HitPolicyName, HitPolicy] = {
    name: _hit_policy(name) for name in HIT_POLICY_NAMES
}
