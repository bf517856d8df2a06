"""Type check of one condition: it resolves names, fills in types and checks literals. It reports mistakes and raises nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from schemas.scalars import INT64_MAX, INT64_MIN
from schemas.types import BOOLEAN, EMPTY_LIST, INTEGER, STRING, list_of
from service.language.collector import BoundPlace
from service.language.conditions.functions import call_type
from service.language.conditions.nodes import ConditionError
from service.language.conditions.operators import Operators
from service.language.conditions.parse import parse_condition
from service.language.conditions.scope import Scope
from service.language.conditions.type_rules import alike, comparable, unify
from service.language.syntax import (
    ALWAYS,
    COMPARISONS,
    UNTYPED,
    And,
    AsOf,
    Binary,
    Call,
    Conditional,
    FactReference,
    Has,
    ListOf,
    Literal,
    Negative,
    Node,
    Not,
    Or,
    OutputReference,
    Quantifier,
    ToNumber,
    UnresolvedName,
    Variable,
    walk,
)


def check_condition(text: str, scope: Scope, here: BoundPlace) -> Node | None:
    """Parse and check the condition at `here`, which must be boolean and read a fact, an output or as_of. None if it has errors."""
    before = len(here.collector.problems)
    node = check_expression(text, scope, here)
    if node is None:
        return None
    checker = _Checker(scope, here)
    checker.want_boolean(node)
    checker.find_constants(node)
    return None if here.collector.has_errors(since=before) else node


def check_expression(text: str, scope: Scope, here: BoundPlace) -> Node | None:
    """Parse and check the expression at `here`, of any type. None if it has errors."""
    before = len(here.collector.problems)
    try:
        parsed = parse_condition(text, here.place)
    except ConditionError as error:
        error.add_to(here)
        return None
    node = _Checker(scope, here).check(parsed)
    return None if here.collector.has_errors(since=before) else node


class _Checker:
    """Walks one tree bottom-up. A node with a mistake gets the type UNTYPED, so the mistake is reported once."""

    def __init__(self, scope: Scope, here: BoundPlace) -> None:
        self.scope = scope
        self.here = here
        self.operators = Operators(scope, here)
        self.error = self.operators.error

    def check(self, node: Node) -> Node:
        match node:
            case Literal(value=int() as value) if node.type == INTEGER and value > INT64_MAX:
                self.error(node, "number-range", f"an integer may be at most {INT64_MAX}")
                return replace(node, type=UNTYPED)
            case UnresolvedName():
                return self._name(node)
            case And(parts=parts) | Or(parts=parts):
                return replace(node, parts=tuple(map(self._boolean, parts)))
            case Not(operand=operand):
                return replace(node, operand=self._boolean(operand))
            case Negative(operand=operand):
                return self._negative(node, self.check(operand))
            case Binary(left=left, right=right):
                return self._binary(node, self.check(left), self.check(right))
            case Conditional():
                return self._conditional(node)
            case ListOf():
                return self._list(node)
            case Call():
                return self._call(node)
            case Has():
                return self._has(node)
            case Quantifier():
                return self._quantifier(node)
            case Literal() | FactReference() | OutputReference() | AsOf() | Variable() | ToNumber():
                return node
            case _:
                assert_never(node)

    def want_boolean(self, node: Node) -> None:
        if node.type not in (BOOLEAN, UNTYPED):
            hint = "compare it: group.fact >= 1" if node.type.is_numeric else ""
            self.error(
                node,
                "not-boolean",
                f"a condition is needed, this is {node.type.with_article}",
                hint,
            )

    def find_constants(self, node: Node) -> None:
        """Report each boolean part that reads no fact, output or as_of: its result is the same for every incident."""
        match node:
            case And(parts=parts) | Or(parts=parts):
                for part in parts:
                    self.find_constants(part)
            case Not(operand=operand):
                self.find_constants(operand)
            case _ if not any(map(_reads, walk(node))):
                self.error(
                    node,
                    "constant-condition",
                    "this reads no fact, so it is the same for every incident",
                    "for a rule that always fires write when: always",
                )

    def _boolean(self, node: Node) -> Node:
        checked = self.check(node)
        self.want_boolean(checked)
        return checked

    def _name(self, node: UnresolvedName) -> Node:
        try:
            found = self.scope.resolve(node)
            return self._list(found) if isinstance(found, ListOf) else found
        except ConditionError as error:
            error.add_to(self.here)
            return replace(node, type=UNTYPED)

    def _negative(self, node: Negative, operand: Node) -> Node:
        if operand.type != UNTYPED and not operand.type.is_numeric:
            self.error(
                node, "type-mismatch", f"'-' needs a number, this is {operand.type.with_article}"
            )
        match operand:
            case Literal(value=int() | float() as value) if (
                operand.type.is_numeric and value != INT64_MIN
            ):
                return replace(operand, value=-value, span=node.span)
        return replace(node, operand=operand, type=operand.type)

    def _conditional(self, node: Conditional) -> Node:
        test = self._boolean(node.test)
        then, otherwise = unify(self.check(node.then), self.check(node.otherwise))
        type_ = then.type
        if UNTYPED not in (then.type, otherwise.type) and not comparable(then.type, otherwise.type):
            self.error(
                node,
                "type-mismatch",
                f"both results of ? : must have the same type, these are {then.type} and {otherwise.type}",
            )
            type_ = UNTYPED
        if then.type.is_textual and then.type != otherwise.type:
            type_ = STRING
        return replace(node, test=test, then=then, otherwise=otherwise, type=type_)

    def _list(self, node: ListOf) -> Node:
        items = [self.check(item) for item in node.items]
        if any(item.type == UNTYPED for item in items):
            return replace(node, items=tuple(items), type=UNTYPED)
        if not items:
            return replace(node, type=EMPTY_LIST)
        items = alike(items)
        first = items[0]
        if any(not comparable(first.type, item.type) for item in items):
            self.error(node, "type-mismatch", "all elements of a list must have one type")
            return replace(node, items=tuple(items), type=UNTYPED)
        type_ = STRING if first.type.is_textual else first.type
        return replace(node, items=tuple(items), type=list_of(type_))

    def _has(self, node: Has) -> Node:
        operand = self.check(node.operand)
        if operand.type != UNTYPED and not isinstance(operand, FactReference):
            self.error(
                node, "type-mismatch", "has() tests whether one fact is known", "has(group.fact)"
            )
        return replace(node, operand=operand)

    def _quantifier(self, node: Quantifier) -> Node:
        source = self.check(node.source)
        if source.type not in (UNTYPED, EMPTY_LIST) and source.type.item is None:
            self.error(
                node,
                "type-mismatch",
                f"{node.kind} needs a list, this is {source.type.with_article}",
            )
        name = node.variable
        if name in self.scope.outputs or name in self.scope.variables or name == "as_of":
            self.error(
                node,
                "variable-name",
                f"'{name}' already has another meaning",
                "choose another name for the variable",
            )
        inner = _Checker(self.scope.with_variable(name, source.type.item or UNTYPED), self.here)
        body = inner._boolean(node.body)
        if source.type == EMPTY_LIST:
            body = replace(
                ALWAYS, span=body.span
            )  # it is never evaluated, and its variable has no type
        return replace(node, source=source, body=body)

    def _call(self, node: Call) -> Node:
        arguments = tuple(map(self.check, node.arguments))
        if any(argument.type == UNTYPED for argument in arguments):
            return replace(node, arguments=arguments, type=UNTYPED)
        try:
            return call_type(replace(node, arguments=arguments))
        except ConditionError as error:
            error.add_to(self.here)
            return replace(node, arguments=arguments, type=UNTYPED)

    def _binary(self, node: Binary, left: Node, right: Node) -> Node:
        if UNTYPED in (left.type, right.type):
            type_ = BOOLEAN if node.operator in (*COMPARISONS, "in") else UNTYPED
            return replace(node, left=left, right=right, type=type_)
        if node.operator == "in":
            return self.operators.membership(node, left, right)
        left, right = unify(left, right)
        if node.operator in COMPARISONS:
            return self.operators.comparison(node, left, right)
        return self.operators.arithmetic(node, left, right)


def _reads(node: Node) -> bool:
    return isinstance(node, FactReference | OutputReference | AsOf | UnresolvedName)
