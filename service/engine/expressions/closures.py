"""Compiles a checked condition or expression into a closure that takes an environment and returns a value, or None for unknown.

&&, || and ! follow Kleene's three-valued logic. An error of CEL is unknown. This module must not know rules or rete.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, assert_never

from service.engine.expressions.common_elements import over_common_elements
from service.engine.expressions.counted import counted_loop, counted_scan
from service.engine.expressions.layout import (
    AS_OF_SLOT,
    HAS_UNKNOWN_SLOT,
    Environment,
    Evaluate,
    Layout,
)
from service.engine.expressions.open_atoms import over_outputs
from service.language.conditions.cost import is_costly, scanned
from service.language.conditions.functions import function_of
from service.language.conditions.membership import membership
from service.language.conditions.operations import negate, operation
from service.language.syntax import (
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
    QuantifierKind,
    ToNumber,
    UnresolvedName,
    Variable,
    outputs_read,
)


def compile_condition(node: Node, layout: Layout) -> Evaluate:
    """The three-valued evaluator of a condition whose atoms may read outputs that are still open."""
    match node:
        case And(parts=parts):
            return _all([compile_condition(part, layout) for part in parts])
        case Or(parts=parts):
            return _any([compile_condition(part, layout) for part in parts])
        case Not(operand=operand):
            return _not(compile_condition(operand, layout))
    return compile_atom(node, layout)


def compile_atom(node: Node, layout: Layout) -> Evaluate:
    """The evaluator of an atom, which may read outputs that are still open."""
    evaluate = compile_expression(node, layout)
    if outputs_read(node):
        return over_outputs(node, evaluate, layout, compile_expression)
    return evaluate


def compile_expression(node: Node, layout: Layout) -> Evaluate:
    """The evaluator of any expression over known or unknown values; outputs in it must be settled."""
    return _ExpressionCompiler(layout, {}, is_costly(node, layout.sizes)).compile(node)


def _all(parts: list[Evaluate]) -> Evaluate:
    def evaluate(environment: Environment) -> bool | None:
        result: bool | None = True
        for part in parts:
            value = part(environment)
            if value is False:
                return False
            if value is None:
                result = None
        return result

    return evaluate


def _any(parts: list[Evaluate]) -> Evaluate:
    def evaluate(environment: Environment) -> bool | None:
        result: bool | None = False
        for part in parts:
            value = part(environment)
            if value is True:
                return True
            if value is None:
                result = None
        return result

    return evaluate


def _not(part: Evaluate) -> Evaluate:
    def evaluate(environment: Environment) -> bool | None:
        value = part(environment)
        return None if value is None else not value

    return evaluate


def _constant(value: Any) -> Evaluate:
    return lambda environment: value


def _slot(slot: int) -> Evaluate:
    return operator.itemgetter(slot)


def _lift(function: Callable[[Any], Any], operand: Evaluate) -> Evaluate:
    """Applies the function to a known value. Unknown stays unknown."""

    def evaluate(environment: Environment) -> Any:
        value = operand(environment)
        return None if value is None else function(value)

    return evaluate


def _lift_pair(function: Callable[[Any, Any], Any], left: Evaluate, right: Evaluate) -> Evaluate:
    def evaluate(environment: Environment) -> Any:
        a = left(environment)
        if a is None:
            return None
        b = right(environment)
        return None if b is None else function(a, b)

    return evaluate


def _lift_all(function: Callable[..., Any], operands: list[Evaluate]) -> Evaluate:
    match operands:
        case [operand]:
            return _lift(function, operand)
        case [left, right]:
            return _lift_pair(function, left, right)

    def evaluate(environment: Environment) -> Any:
        values = [operand(environment) for operand in operands]
        return None if None in values else function(*values)

    return evaluate


def _slot_against_constant(
    function: Callable[[Any, Any], Any], slot: int, constant: Any
) -> Evaluate:
    """The evaluator of the most common atom. It avoids the calls of `_lift_pair`."""

    def evaluate(environment: Environment) -> Any:
        value = environment[slot]
        return None if value is None else function(value, constant)

    return evaluate


def _decisive(kind: QuantifierKind) -> bool:
    """The value of the body that decides the quantifier as soon as one element has it."""
    match kind:
        case "exists":
            return True
        case "all":
            return False
        case _:
            assert_never(kind)


def _unchecked(node: Node) -> TypeError:
    return TypeError(f"an unchecked node reached the evaluator: {node!r}")


class _ExpressionCompiler:
    """`counts` tells that the evaluators count their steps."""

    def __init__(self, layout: Layout, variables: dict[str, int], counts: bool) -> None:
        self.layout = layout
        self.variables = variables
        self.counts = counts

    def compile(self, node: Node) -> Evaluate:
        match node:
            case Literal(value=datetime() as moment):
                return _constant(moment.astimezone(UTC))
            case Literal(value=value):
                return _constant(value)
            case FactReference() | OutputReference() | Variable() | AsOf():
                return _slot(self.slot_of(node))
            case And(parts=parts):
                return _all(list(map(self.compile, parts)))
            case Or(parts=parts):
                return _any(list(map(self.compile, parts)))
            case Not(operand=operand):
                return _not(self.compile(operand))
            case Negative(operand=operand):
                return _lift(negate, self.compile(operand))
            case ToNumber(operand=operand):
                return _lift(float, self.compile(operand))
            case Binary():
                return self._binary(node)
            case Conditional(test=test, then=then, otherwise=otherwise):
                return self._choose(*map(self.compile, (test, then, otherwise)))
            case ListOf(items=items):
                return self._list(items)
            case Has(operand=operand):
                return self._has(operand)
            case Quantifier():
                return self._quantifier(node)
            case Call():
                return self._call(node)
            case UnresolvedName():
                raise _unchecked(node)
            case _:
                assert_never(node)

    def slot_of(self, node: FactReference | OutputReference | Variable | AsOf) -> int:
        match node:
            case FactReference(name=name):
                return self.layout.facts[name]
            case OutputReference(name=name):
                return self.layout.outputs[name]
            case Variable(name=name):
                return self.variables[name]
            case AsOf():
                return AS_OF_SLOT
            case _:
                assert_never(node)

    def _binary(self, node: Binary) -> Evaluate:
        found = operation(node.operator, node.left.type, node.right.type)
        if found is None:
            raise _unchecked(node)
        match node:
            case Binary(
                left=FactReference() | OutputReference() as left, right=Literal(value=value)
            ) if not isinstance(value, datetime):
                return _slot_against_constant(found.meaning, self.slot_of(left), value)
        return self._applied(node, found.meaning, [node.left, node.right])

    def _choose(self, test: Evaluate, then: Evaluate, otherwise: Evaluate) -> Evaluate:
        def evaluate(environment: Environment) -> Any:
            value = test(environment)
            if value is None:
                return None
            return then(environment) if value else otherwise(environment)

        return evaluate

    def _list(self, items: tuple[Node, ...]) -> Evaluate:
        if all(isinstance(item, Literal) for item in items):
            return _constant(tuple(self.compile(item)([]) for item in items))
        parts = list(map(self.compile, items))

        def evaluate(environment: Environment) -> Any:
            values = tuple(part(environment) for part in parts)
            return None if any(value is None for value in values) else values

        return evaluate

    def _has(self, operand: Node) -> Evaluate:
        """In the relaxed judgement `has` of an unknown fact is unknown, because more facts can give it a value.

        One case is certain: if all facts of a derived fact are known and it is still unknown, then `has` is false.
        """
        evaluate_operand = self.compile(operand)
        slots: tuple[int, ...] = ()
        if isinstance(operand, FactReference):
            slots = self.layout.computed_from.get(operand.name, ())

        def evaluate(environment: Environment) -> Any:
            if evaluate_operand(environment) is not None:
                return True
            if slots and all(environment[slot] is not None for slot in slots):
                return False
            return environment[HAS_UNKNOWN_SLOT]

        return evaluate

    def _quantifier(self, node: Quantifier) -> Evaluate:
        source = self.compile(node.source)
        tested = membership(node)
        if tested is not None:
            return over_common_elements(node, tested, source, self.compile(tested.values))
        if self.counts:
            source = counted_loop(node, source)
        slot = self.layout.new_slot()
        variables = {**self.variables, node.variable: slot}
        body = _ExpressionCompiler(self.layout, variables, self.counts).compile(node.body)
        decisive = _decisive(node.kind)

        def evaluate(environment: Environment) -> bool | None:
            items = source(environment)
            if items is None:
                return None
            result: bool | None = not decisive
            for item in items:
                environment[slot] = item
                value: bool | None = body(environment)
                if value is decisive:
                    return decisive
                if value is None:
                    result = None
            return result

        return evaluate

    def _call(self, node: Call) -> Evaluate:
        function, arguments = function_of(node).meaning(node)
        return self._applied(node, function, arguments)

    def _applied(
        self, node: Node, function: Callable[..., Any], operands: Iterable[Node]
    ) -> Evaluate:
        evaluators = list(map(self.compile, operands))
        if self.counts and scanned(node):
            return counted_scan(node, function, evaluators)
        return _lift_all(function, evaluators)
