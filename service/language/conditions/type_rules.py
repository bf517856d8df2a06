"""Which types fit together: promotion of integers, comparison, arithmetic. Tables and small rules, no walking."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from schemas.types import DATETIME, DURATION, INTEGER, NUMBER, STRING, Type, list_of
from service.language.syntax import ListOf, Literal, Node, ToNumber


def promote(node: Node) -> Node:
    """An integer expression as a double; a literal at once."""
    match node:
        case Literal(value=int() as value, type=kind) if kind == INTEGER:
            return replace(node, value=float(value), type=NUMBER)
        case ListOf(items=items):
            return replace(node, items=tuple(map(promote, items)), type=list_of(NUMBER))
    return node if node.type == NUMBER else ToNumber(node, span=node.span)


def unify(left: Node, right: Node) -> tuple[Node, Node]:
    """Promote the integer side when the other is a double (deviation (a) of the design)."""
    if left.type == NUMBER and right.type == INTEGER:
        return left, promote(right)
    if left.type == INTEGER and right.type == NUMBER:
        return promote(left), right
    return left, right


def comparable(left: Node, right: Node) -> bool:
    if left.type.is_textual and right.type.is_textual:
        enums = left.type.kind == right.type.kind == "enum"
        return not enums or bool(set(left.type.values) & set(right.type.values))
    return left.type == right.type


def comparison_hint(left: Node, right: Node) -> str:
    kinds = {left.type.kind, right.type.kind}
    if kinds == {"datetime", "string"}:
        return 'write the moment as timestamp("2026-01-01T00:00:00+08:00")'
    if kinds == {"duration", "string"}:
        return 'write the duration as duration("4h")'
    if "duration" in kinds and kinds & {"integer", "number"}:
        return "hours(d) and days(d) turn a duration into a number"
    if "list" in kinds:
        return 'ask about a list with "x" in xs, xs.exists(x, …), size(xs)'
    return ""


def _plus(left: Type, right: Type) -> Type | None:
    if left.is_numeric and left == right:
        return left
    if left.is_textual and right.is_textual:
        return STRING
    if left.kind == "list" and left == right:
        return left
    return {
        (DATETIME, DURATION): DATETIME,
        (DURATION, DATETIME): DATETIME,
        (DURATION, DURATION): DURATION,
    }.get((left, right))


def _minus(left: Type, right: Type) -> Type | None:
    if left.is_numeric and left == right:
        return left
    return {
        (DATETIME, DATETIME): DURATION,
        (DATETIME, DURATION): DATETIME,
        (DURATION, DURATION): DURATION,
    }.get((left, right))


def _times(left: Type, right: Type) -> Type | None:
    return left if left.is_numeric and left == right else None


def _remainder(left: Type, right: Type) -> Type | None:
    return INTEGER if left == right == INTEGER else None


ARITHMETIC: dict[str, Callable[[Type, Type], Type | None]] = {
    "+": _plus,
    "-": _minus,
    "*": _times,
    "/": _times,
    "%": _remainder,
}
