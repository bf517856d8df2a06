"""Which types fit together: promotion of integers, comparison, order, membership."""

from __future__ import annotations

from dataclasses import replace

from schemas.types import EMPTY_LIST, INTEGER, NUMBER, Type, list_of
from service.language.syntax import ListOf, Literal, Node, ToNumber


def promote(node: Node) -> Node:
    """An integer expression as a double. A literal is converted here; other expressions get a ToNumber node."""
    match node:
        case Literal(value=int() as value, type=type_) if type_ == INTEGER:
            return replace(node, value=float(value), type=NUMBER)
        case ListOf(items=items):
            return replace(node, items=tuple(map(promote, items)), type=list_of(NUMBER))
    return node if node.type == NUMBER else ToNumber(node, span=node.span)


def unify(left: Node, right: Node) -> tuple[Node, Node]:
    """Promote the integer side when the other is a double (deviation (a) in docs/conformance.md).

    An empty list gets the type of the other list.
    """
    if left.type == NUMBER and right.type == INTEGER:
        return left, promote(right)
    if left.type == INTEGER and right.type == NUMBER:
        return promote(left), right
    return filled(left, right.type), filled(right, left.type)


def filled(node: Node, other: Type) -> Node:
    """The node. If it is a list that is always empty, it is one of the elements of `other`, where that is a list."""
    type_ = _filled(node.type, other)
    return node if type_ == node.type else replace(node, type=type_)


def alike(items: list[Node]) -> list[Node]:
    """The elements of a list: integers are promoted if some are doubles, and empty lists get the type of the others."""
    if any(item.type == NUMBER for item in items) and all(item.type.is_numeric for item in items):
        return [promote(item) for item in items]
    whole = items[0].type
    for item in items:
        whole = _filled(whole, item.type)
    return [filled(item, whole) for item in items]


def _filled(type_: Type, other: Type) -> Type:
    if type_.name != "list" or other.name != "list":
        return type_
    if type_.item is None or other.item is None:
        return other if type_ == EMPTY_LIST else type_
    return list_of(_filled(type_.item, other.item))


def comparable(left: Type, right: Type) -> bool:
    if left.is_textual and right.is_textual:
        enums = left.name == right.name == "enum"
        return not enums or left.shares_values(right)
    return left == right


def has_order(left: Type, right: Type) -> bool:
    """Whether `<` compares these types. An enum has no such order: its codes are texts; at_least compares their ranks."""
    ordered = left.is_numeric or left.name in ("boolean", "string", "datetime", "duration")
    return comparable(left, right) and ordered and right.name != "enum"


def is_member(left: Type, right: Type) -> bool:
    """Whether a value of type `left` can be in a list of type `right`."""
    item = right.item
    return item is not None and (left == item or (left.is_textual and item.is_textual))


def comparison_hint(left: Node, right: Node) -> str:
    types = {left.type.name, right.type.name}
    if types == {"datetime", "string"}:
        return 'write the moment as timestamp("2026-01-01T00:00:00+08:00")'
    if types == {"duration", "string"}:
        return 'write the duration as duration("4h")'
    if "duration" in types and types & {"integer", "number"}:
        return "hours(d) and days(d) turn a duration into a number"
    if "list" in types:
        return 'ask about a list with "x" in xs, xs.exists(x, …), size(xs)'
    return ""
