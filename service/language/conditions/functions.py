"""The functions and methods of conditions in one table: how each is written, its type rule and its meaning.

A new one needs an entry here. A meaning is called with known values only; the engine makes the result unknown if a
value is unknown. `has`, `exists` and `all` are not in the table: they do not take values and are separate nodes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import re2

from schemas.closest import did_you_mean
from schemas.moment_hints import moment_hint
from schemas.scalars import parse_datetime, parse_duration
from schemas.types import BOOLEAN, DATETIME, DURATION, INTEGER, NUMBER
from service.language.conditions.function import Function, Meaning, of_all, wrong_arguments
from service.language.conditions.nodes import ConditionError
from service.language.conditions.type_rules import promote
from service.language.syntax import QUANTIFIERS, Call, Literal, Node

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def call_type(node: Call) -> Node:
    """The call with its type filled in (or folded to a literal). All arguments already have types.

    Raises ConditionError.
    """
    function = (METHODS if node.method else FUNCTIONS).get(node.function)
    if function is None:
        raise _unknown(node)
    return function.type_rule(node)


def function_of(node: Call) -> Function:
    """The function of a checked call."""
    return (METHODS if node.method else FUNCTIONS)[node.function]


def last_rank(node: Call) -> int | None:
    """The last rank of the call's first argument, an enum, for which the call is true; None if it does not test a rank."""
    of = function_of(node).last_rank
    return None if of is None else of(node)


def _unknown(node: Call) -> ConditionError:
    known = METHOD_NAMES if node.method else FUNCTION_NAMES
    what = "method" if node.method else "function"
    if node.function in FUNCTION_NAMES:
        hint = f"write {node.function}(x)"
    elif node.function in METHOD_NAMES:
        hint = f"write x.{node.function}(…)"
    else:
        hint = f"{did_you_mean(node.function, known)} there are: {', '.join(known)}".strip()
    message = f"there is no {what} '{node.function}'"
    return ConditionError("unknown-function", message, node.span, hint)


def _size(node: Call) -> Node:
    match node.arguments:
        case (argument,) if argument.type.is_textual or argument.type.name == "list":
            return replace(node, method=False, type=INTEGER)
    raise wrong_arguments(node, "size(text) or size(list)")


def _search(node: Call) -> Node:
    match node.arguments:
        case (text, part) if text.type.is_textual and part.type.is_textual:
            return replace(node, type=BOOLEAN)
        case (text, _) if text.type.name == "list":
            raise wrong_arguments(node, '"x" in xs, or xs.exists(x, …)')
    raise wrong_arguments(node, f'text.{node.function}("part")')


def _compile_pattern(pattern: str) -> re2._Regexp[str]:
    """Compile an RE2 pattern without logging. Raises re2.error if RE2 cannot read it."""
    options = re2.Options()
    options.log_errors = False
    return re2.compile(pattern, options)


def _matches(node: Call) -> Node:
    match node.arguments:
        case (text, Literal(value=str() as pattern) as literal) if text.type.is_textual:
            try:
                _compile_pattern(pattern)
            except re2.error as error:
                reason = error.args[0] if error.args else ""
                if isinstance(reason, bytes):
                    reason = reason.decode(errors="replace")
                message = f"RE2 cannot read this pattern: {reason}"
                raise ConditionError("bad-pattern", message, literal.span) from None
            return replace(node, type=BOOLEAN)
    raise wrong_arguments(node, r'text.matches(r"\d+"), the pattern written out')


def _is_found(call: Call) -> Meaning:
    text, pattern = call.arguments
    assert isinstance(pattern, Literal)
    search = _compile_pattern(str(pattern.value)).search
    return Meaning(lambda value: search(value) is not None, (text,))


def _elapsed(node: Call) -> Node:
    match node.arguments:
        case (argument,) if argument.type == DURATION:
            return replace(node, type=NUMBER)
    raise wrong_arguments(node, f"{node.function}(as_of - group.moment)")


def _extreme(node: Call) -> Node:
    """CEL's math.greatest and math.least. If some arguments are doubles, the integers are promoted, as in comparisons."""
    types = {argument.type for argument in node.arguments}
    if not types or not types <= {INTEGER, NUMBER}:
        raise wrong_arguments(node, f"{node.function}(x, y), with one or more numbers")
    if types == {INTEGER}:
        return replace(node, type=INTEGER)
    return replace(node, arguments=tuple(map(promote, node.arguments)), type=NUMBER)


def _sqrt(node: Call) -> Node:
    match node.arguments:
        case (argument,) if argument.type.is_numeric:
            return replace(node, arguments=(promote(argument),), type=NUMBER)
    raise wrong_arguments(node, "math.sqrt(x), with a number")


def _square_root(value: float) -> float | None:
    """None for a negative number: CEL's math extension gives NaN, which is not finite and so unknown here."""
    return math.sqrt(value) if value >= 0 else None


def _at_least(node: Call) -> Node:
    match node.arguments:
        case (subject, Literal(value=str() as value) as literal) if subject.type.name == "enum":
            if subject.type.has(value):
                return replace(node, type=BOOLEAN)
            hint = f"{did_you_mean(value, subject.type.values)} allowed: {', '.join(subject.type.values)}"
            message = f"'{value}' is not one of its values"
            raise ConditionError("unknown-value", message, literal.span, hint.strip())
    raise wrong_arguments(node, 'at_least(x, "value") with an enum x and one of its values')


def _rank_named(call: Call) -> int:
    subject, least = call.arguments
    assert isinstance(least, Literal)
    return subject.type.ranks[str(least.value)]


def _no_lower(call: Call) -> Meaning:
    subject = call.arguments[0]
    last, rank_of = _rank_named(call), subject.type.ranks.get
    return Meaning(lambda value: rank_of(value, last + 1) <= last, (subject,))


def _timestamp(node: Call) -> Node:
    usage = 'timestamp("2026-01-01T00:00:00+08:00")'
    match node.arguments:
        case (Literal(value=str() as text),):
            try:
                return Literal(value=parse_datetime(text), type=DATETIME, span=node.span)
            except (ValueError, OverflowError):
                usage = "; ".join(filter(None, [usage, moment_hint(text)]))
    raise wrong_arguments(node, usage)


def _duration(node: Call) -> Node:
    match node.arguments:
        case (Literal(value=str() as text),):
            try:
                return Literal(value=parse_duration(text), type=DURATION, span=node.span)
            except (ValueError, OverflowError):
                pass
    raise wrong_arguments(node, 'duration("4h"), with units h, m, s, ms')


_TABLE = (
    Function(
        name="size",
        function="size(x)",
        method="x.size()",
        about="the number of characters of a text, or of elements of a list",
        type_rule=_size,
        meaning=of_all(len),
    ),
    Function(
        name="contains",
        method='text.contains("part")',
        about="true if the text contains this part",
        type_rule=_search,
        meaning=of_all(lambda text, part: part in text),
    ),
    Function(
        name="startsWith",
        method='text.startsWith("part")',
        about="true if the text begins with this part",
        type_rule=_search,
        meaning=of_all(str.startswith),
    ),
    Function(
        name="endsWith",
        method='text.endsWith("part")',
        about="true if the text ends with this part",
        type_rule=_search,
        meaning=of_all(str.endswith),
    ),
    Function(
        name="matches",
        method=r'text.matches(r"\d+")',
        about="true if this RE2 pattern matches some part of the text",
        type_rule=_matches,
        meaning=_is_found,
    ),
    Function(
        name="at_least",
        function='at_least(x, "value")',
        about="true if the value of the enum is this one or one declared before it",
        type_rule=_at_least,
        meaning=_no_lower,
        last_rank=_rank_named,
    ),
    Function(
        name="hours",
        function="hours(d)",
        about="the duration in hours, as a number",
        type_rule=_elapsed,
        meaning=of_all(lambda span: span / HOUR),
    ),
    Function(
        name="days",
        function="days(d)",
        about="the duration in days, as a number",
        type_rule=_elapsed,
        meaning=of_all(lambda span: span / DAY),
    ),
    Function(
        name="timestamp",
        function='timestamp("2026-01-01T00:00:00+08:00")',
        about="the moment that is written out",
        type_rule=_timestamp,
        meaning=of_all(parse_datetime),
    ),
    Function(
        name="duration",
        function='duration("4h")',
        about="the duration that is written out, in h, m, s and ms",
        type_rule=_duration,
        meaning=of_all(parse_duration),
    ),
    Function(
        name="math.greatest",
        function="math.greatest(x, y, …)",
        about="the greatest of one or more numbers",
        type_rule=_extreme,
        meaning=of_all(lambda *values: max(values)),
    ),
    Function(
        name="math.least",
        function="math.least(x, y, …)",
        about="the least of one or more numbers",
        type_rule=_extreme,
        meaning=of_all(lambda *values: min(values)),
    ),
    Function(
        name="math.sqrt",
        function="math.sqrt(x)",
        about="the square root; unknown for a negative number",
        type_rule=_sqrt,
        meaning=of_all(_square_root),
        is_total=False,
    ),
)
FUNCTIONS: Mapping[str, Function] = {one.name: one for one in _TABLE if one.function}
METHODS: Mapping[str, Function] = {one.name: one for one in _TABLE if one.method}
FUNCTION_NAMES = tuple(sorted([*FUNCTIONS, "has"]))
"""The names that may come before a bracket."""
METHOD_NAMES = tuple(
    sorted([*METHODS, *QUANTIFIERS], key=lambda name: "exists" if name in QUANTIFIERS else name)
)
"""The names that may come after a dot. The quantifiers are next to each other."""
