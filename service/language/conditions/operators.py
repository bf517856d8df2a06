"""Checks the two sides of a binary operator and reports mistakes with hints. `operations` has the type rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from schemas.closest import did_you_mean
from schemas.scalars import format_datetime
from schemas.types import (
    BOOLEAN,
    DATETIME,
    DURATION,
    EMPTY_LIST,
    INTEGER,
    NUMBER,
    STRING,
    Type,
    list_of,
)
from schemas.vocabulary import Fact
from service.language.collector import BoundPlace
from service.language.conditions.operations import operation
from service.language.conditions.scope import Scope
from service.language.conditions.type_rules import comparable, comparison_hint, filled, promote
from service.language.problem_codes import ProblemCode
from service.language.syntax import (
    UNTYPED,
    Binary,
    FactReference,
    ListOf,
    Literal,
    Node,
    OutputReference,
)


class Operators:
    """`here` is bound to the text of the condition. Both sides of an operator are checked already."""

    def __init__(self, scope: Scope, here: BoundPlace) -> None:
        self.scope = scope
        self.here = here

    def error(self, node: Node, code: ProblemCode, message: str, hint: str = "") -> None:
        self.at(node).error(code, message, hint)

    def at(self, node: Node) -> BoundPlace:
        return self.here.inside(node.span.start, node.span.end)

    def membership(self, node: Binary, left: Node, right: Node) -> Node:
        if right.type == EMPTY_LIST:
            message = "nothing is in an empty list: this is false for every value"
            self.at(node).warning("empty-list", message, 'name the values: ["a", "b"]')
            right = filled(right, list_of(left.type))
        node = replace(node, left=left, right=right, type=BOOLEAN)
        item = right.type.item
        left = left if item is None else filled(left, item)
        if item is None:
            hint = (
                f'a text is searched with contains: {"x"}.contains("…")'
                if right.type.is_textual
                else ""
            )
            self.error(
                node, "type-mismatch", f"'in' needs a list, this is {right.type.with_article}", hint
            )
            return node
        if left.type.is_numeric and item.is_numeric and left.type != item:
            if isinstance(right, ListOf):
                right = promote(right)
            if right.type.item == NUMBER:
                left = promote(left)
            node = replace(node, left=left, right=right)
            item = right.type.item or item
        if operation(node.operator, left.type, right.type) is None:
            self.error(
                node,
                "type-mismatch",
                f"{left.type.with_article} is never in {right.type.with_article}",
            )
            return node
        for literal in right.items if isinstance(right, ListOf) else ():
            self._enum_literal(left.type, literal)
        self._enum_literal(item, left)
        return node

    def comparison(self, node: Binary, left: Node, right: Node) -> Node:
        node = replace(node, left=left, right=right, type=BOOLEAN)
        if not comparable(left.type, right.type):
            self.error(
                node,
                "type-mismatch",
                f"{left.type.with_article} cannot be compared with {right.type.with_article}",
                comparison_hint(left, right),
            )
            return node
        if operation(node.operator, left.type, right.type) is None:
            hint = (
                'use at_least(x, "value"): true for this value and those declared before it'
                if "enum" in (left.type.name, right.type.name)
                else ""
            )
            self.error(
                node,
                "type-mismatch",
                f"{left.type.with_article} has no order for '{node.operator}'",
                hint,
            )
            return node
        self._enum_literal(left.type, right)
        self._enum_literal(right.type, left)
        self._bounds(node)
        self._prefer_at_least(node)
        return node

    def _enum_literal(self, type_: Type, node: Node) -> None:
        if type_.name != "enum" or not isinstance(node, Literal) or node.type != STRING:
            return
        value = str(node.value)
        if not type_.has(value):
            hint = did_you_mean(value, type_.values)
            allowed = ", ".join(type_.values[:20])
            self.error(
                node,
                "unknown-value",
                f"'{value}' is not one of its values",
                f"{hint} allowed: {allowed}".strip(),
            )

    def _bounds(self, node: Binary) -> None:
        """Warn of a comparison whose result the fact's min and max decide."""
        match node:
            case Binary(
                left=FactReference(name=name),
                right=Literal(value=int() | float() | datetime() as value),
            ):
                low, high = _range(self.scope.facts[name])
            case _:
                return
        if (high is not None and value > high) or (low is not None and value < low):
            self.at(node).warning(
                "outside-bounds",
                f"{name} is declared from {_said(low)} to {_said(high)}: the result is always the same",
                "correct the number or the fact's min and max",
            )

    def _prefer_at_least(self, node: Binary) -> None:
        """Warn of == with a middle value of an ordered output: it is unknown while the output can still become worse."""
        match node:
            case Binary(operator="==", left=OutputReference(name=name), right=Literal(value=value)):
                output = self.scope.outputs[name]
            case _:
                return
        values = output.type.values
        if output.value_levels and output.type.has(value) and value not in (values[0], values[-1]):
            self.at(node).warning(
                "prefer-at-least",
                f"while '{name}' can still become worse than '{value}', == is unknown",
                f'if a worse value should count too, write at_least({name}, "{value}")',
            )

    def arithmetic(self, node: Binary, left: Node, right: Node) -> Node:
        found = operation(node.operator, left.type, right.type)
        result = UNTYPED if found is None else found.type
        if found is None:
            hint = (
                "write a decimal point: hours(d), days(d) and 2.0 are doubles"
                if DURATION in (left.type, right.type)
                else ""
            )
            self.error(
                node,
                "type-mismatch",
                f"'{node.operator}' does not work on {left.type.with_article} and {right.type.with_article}",
                hint,
            )
        elif node.operator in "/%" and isinstance(right, Literal) and right.value == 0:
            self.error(node, "division-by-zero", "dividing by zero is always unknown")
        elif node.operator == "/" and result == INTEGER:
            self.at(node).warning(
                "integer-division",
                "integer by integer drops the fraction: 7 / 2 is 3",
                "if that is not meant, make one side a double: x / 2.0",
            )
        return replace(node, left=left, right=right, type=result)


def _range(fact: Fact) -> tuple[Any, Any]:
    if fact.type == DATETIME:
        return fact.earliest, fact.latest
    return fact.minimum, fact.maximum


def _said(bound: Any) -> str:
    return format_datetime(bound) if isinstance(bound, datetime) else str(bound)
