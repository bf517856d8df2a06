"""Evaluators that count their steps. Only costly atoms use them: the others are as fast as without a budget."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from service.engine.expressions.layout import STEPS_SLOT, Environment, Evaluate
from service.language.conditions.cost import (
    CHARACTERS_OF_A_STEP,
    STEPS_OF_A_SCAN,
    steps_of_body,
)
from service.language.syntax import Binary, Node, Quantifier


def counted_scan(
    node: Node, function: Callable[..., Any], operands: Sequence[Evaluate]
) -> Evaluate:
    """Applies the function to known values. First it counts the elements or characters that the function scans."""
    steps = _elements if isinstance(node, Binary) and node.operator == "in" else _characters

    def evaluate(environment: Environment) -> Any:
        values = [operand(environment) for operand in operands]
        if None in values:
            return None
        environment[STEPS_SLOT].take(steps(values), node)
        return function(*values)

    return evaluate


def counted_loop(node: Quantifier, source: Evaluate) -> Evaluate:
    """The elements of the loop. It counts the steps of its body for all of them, also if the first one decides."""
    each = steps_of_body(node.body)

    def evaluate(environment: Environment) -> Any:
        items = source(environment)
        if items is not None:
            environment[STEPS_SLOT].take(len(items) * each, node)
        return items

    return evaluate


def _elements(values: Sequence[Any]) -> int:
    return STEPS_OF_A_SCAN + len(values[1])


def _characters(values: Sequence[Any]) -> int:
    characters = sum([len(one) for one in values if isinstance(one, str | tuple)])
    return STEPS_OF_A_SCAN + characters // CHARACTERS_OF_A_STEP
