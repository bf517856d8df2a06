"""The functions and methods of the language: what each takes and gives. Their evaluation is the engine's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import re2

from schemas.closest import did_you_mean
from schemas.scalars import parse_datetime, parse_duration
from schemas.types import BOOLEAN, DATETIME, DURATION, INTEGER, NUMBER
from service.language.conditions.nodes import ConditionError
from service.language.conditions.type_rules import promote
from service.language.syntax import Call, Literal, Node

FUNCTIONS = (
    "at_least",
    "days",
    "duration",
    "has",
    "hours",
    "math.greatest",
    "math.least",
    "math.sqrt",
    "size",
    "timestamp",
)
METHODS = ("contains", "endsWith", "exists", "all", "matches", "size", "startsWith")


def call_type(node: Call) -> Node:
    """The call with its type filled in (or folded to a literal). All arguments already have types.

    Raises ConditionError.
    """
    rule = (_METHODS if node.method else _FUNCTIONS).get(node.function)
    if rule is None:
        raise _unknown(node)
    return rule(node)


def compile_pattern(pattern: str) -> re2._Regexp[str]:
    """Compile an RE2 pattern quietly. Raises re2.error for a pattern RE2 does not know."""
    options = re2.Options()
    options.log_errors = False
    return re2.compile(pattern, options)


def _unknown(node: Call) -> ConditionError:
    known = METHODS if node.method else FUNCTIONS
    what = "method" if node.method else "function"
    if node.function in FUNCTIONS:
        hint = f"write {node.function}(x)"
    elif node.function in METHODS:
        hint = f"write x.{node.function}(…)"
    else:
        hint = f"{did_you_mean(node.function, known)} there are: {', '.join(known)}".strip()
    message = f"there is no {what} '{node.function}'"
    return ConditionError("unknown-function", message, node.span, hint)


def _wrong(node: Call, usage: str) -> ConditionError:
    message = f"'{node.function}' cannot take this"
    return ConditionError("wrong-arguments", message, node.span, f"write {usage}")


def _size(node: Call) -> Node:
    match node.arguments:
        case (argument,) if argument.type.is_textual or argument.type.kind == "list":
            return replace(node, method=False, type=INTEGER)
    raise _wrong(node, "size(text) or size(list)")


def _search(node: Call) -> Node:
    match node.arguments:
        case (text, part) if text.type.is_textual and part.type.is_textual:
            return replace(node, type=BOOLEAN)
        case (text, _) if text.type.kind == "list":
            raise _wrong(node, '"x" in xs, or xs.exists(x, …)')
    raise _wrong(node, f'text.{node.function}("part")')


def _matches(node: Call) -> Node:
    match node.arguments:
        case (text, Literal(value=str() as pattern) as literal) if text.type.is_textual:
            try:
                compile_pattern(pattern)
            except re2.error as error:
                reason = error.args[0] if error.args else ""
                shown = reason.decode(errors="replace") if isinstance(reason, bytes) else reason
                message = f"RE2 cannot read this pattern: {shown}"
                raise ConditionError("bad-pattern", message, literal.span) from None
            return replace(node, type=BOOLEAN)
    raise _wrong(node, r'text.matches(r"\d+"), the pattern written out')


def _elapsed(node: Call) -> Node:
    match node.arguments:
        case (argument,) if argument.type == DURATION:
            return replace(node, type=NUMBER)
    raise _wrong(node, f"{node.function}(as_of - group.moment)")


def _extreme(node: Call) -> Node:
    """CEL's math.greatest and math.least; integers beside doubles promote, as everywhere here."""
    kinds = {argument.type for argument in node.arguments}
    if len(node.arguments) < 2 or not kinds <= {INTEGER, NUMBER}:
        raise _wrong(node, f"{node.function}(x, y), with two or more numbers")
    if kinds == {INTEGER}:
        return replace(node, type=INTEGER)
    return replace(node, arguments=tuple(map(promote, node.arguments)), type=NUMBER)


def _sqrt(node: Call) -> Node:
    match node.arguments:
        case (argument,) if argument.type.is_numeric:
            return replace(node, arguments=(promote(argument),), type=NUMBER)
    raise _wrong(node, "math.sqrt(x), with a number")


def _at_least(node: Call) -> Node:
    match node.arguments:
        case (subject, Literal(value=str() as value) as literal) if subject.type.kind == "enum":
            if value in subject.type.values:
                return replace(node, type=BOOLEAN)
            hint = f"{did_you_mean(value, subject.type.values)} allowed: {', '.join(subject.type.values)}"
            message = f"'{value}' is not one of its values"
            raise ConditionError("unknown-value", message, literal.span, hint.strip())
    raise _wrong(node, 'at_least(x, "value") with an enum x and one of its values')


def _timestamp(node: Call) -> Node:
    match node.arguments:
        case (Literal(value=str() as text),):
            try:
                return Literal(value=parse_datetime(text), type=DATETIME, span=node.span)
            except (ValueError, OverflowError):
                pass
    raise _wrong(node, 'timestamp("2026-01-01T00:00:00+08:00")')


def _duration(node: Call) -> Node:
    match node.arguments:
        case (Literal(value=str() as text),):
            try:
                return Literal(value=parse_duration(text), type=DURATION, span=node.span)
            except (ValueError, OverflowError):
                pass
    raise _wrong(node, 'duration("4h"), with units h, m, s, ms')


_Rule = Callable[[Call], Node]
_FUNCTIONS: dict[str, _Rule] = {
    "size": _size,
    "hours": _elapsed,
    "days": _elapsed,
    "at_least": _at_least,
    "math.greatest": _extreme,
    "math.least": _extreme,
    "math.sqrt": _sqrt,
    "timestamp": _timestamp,
    "duration": _duration,
}
_METHODS: dict[str, _Rule] = {
    "size": _size,
    "contains": _search,
    "startsWith": _search,
    "endsWith": _search,
    "matches": _matches,
}
