"""Evaluates atoms over open outputs: true or false only if that holds for every value that the outputs can have, else unknown."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from service.engine.expressions.layout import STEPS_SLOT, Environment, Evaluate, Layout
from service.engine.expressions.truth_tables import truth_by_output
from service.language.conditions.cost import (
    MOST_COMBINATIONS,
    constant_of_output,
    is_costly,
    steps_of_body,
)
from service.language.declared.open_values import OPEN_TYPES, Members, Options, Range
from service.language.syntax import (
    COMPARISONS,
    Binary,
    ListOf,
    Node,
    OutputReference,
    ToNumber,
    outputs_read,
)


def over_outputs(
    node: Node,
    evaluate: Evaluate,
    layout: Layout,
    compile_expression: Callable[[Node, Layout], Evaluate],
) -> Evaluate:
    """The evaluator of `node` for open outputs too. `evaluate` is its evaluator for settled outputs."""
    table = _table(node, evaluate, layout)
    if table is not None:
        return table
    slots = [layout.outputs[name] for name in sorted(outputs_read(node))]
    steps = steps_of_body(node) if is_costly(node, layout.sizes) else 0
    constant = constant_of_output(node)
    special = (
        _against_range(node, evaluate, layout, compile_expression)
        or _membership(node, layout, compile_expression)
        or _emptiness(node, layout)
    )

    def over(environment: Environment) -> Any:
        open_slots = [slot for slot in slots if isinstance(environment[slot], OPEN_TYPES)]
        if not open_slots:
            return evaluate(environment)
        if all(isinstance(environment[slot], Options) for slot in open_slots):
            if constant is not None:
                return _decided_by_few(environment, slots[0], constant.value, evaluate)
            number = math.prod(len(environment[slot].values) for slot in open_slots)
            if len(open_slots) > 1 and number > MOST_COMBINATIONS:
                return None
            if steps:
                environment[STEPS_SLOT].take(steps * number, node)
            return _for_all(environment, open_slots, evaluate)
        return special(environment) if special else None

    return over


def _table(node: Node, evaluate: Evaluate, layout: Layout) -> Evaluate | None:
    """The evaluator of such an atom. Its truth for each value is computed once, now."""
    found = truth_by_output(node, evaluate, layout)
    if found is None:
        return None
    slot, truth_of = found

    def look_up(environment: Environment) -> Any:
        value = environment[slot]
        if type(value) is not Options:
            return truth_of[value]
        truth = truth_of[value.values[0]]
        for option in value.values:
            if truth_of[option] is not truth:
                return None
        return truth

    return look_up


def _for_all(environment: Environment, slots: list[int], evaluate: Evaluate) -> Any:
    choices = [environment[slot].values for slot in slots]
    if len(slots) == 1:
        return _agreed(environment, slots[0], choices[0], evaluate)
    return _agreed_on_all(environment, slots, itertools.product(*choices), evaluate)


def _agreed(environment: Environment, slot: int, values: Sequence[Any], evaluate: Evaluate) -> Any:
    """The truth if it is the same for all values, else unknown. Each value is tried in the slot; then the slot is restored."""
    kept = environment[slot]
    try:
        environment[slot] = values[0]
        truth = evaluate(environment)
        for value in values:
            environment[slot] = value
            if evaluate(environment) is not truth:
                return None
        return truth
    finally:
        environment[slot] = kept


def _decided_by_few(environment: Environment, slot: int, constant: Any, evaluate: Evaluate) -> Any:
    """The same for a comparison with a constant. The values of an enum are in order: if its ends agree, all between them do."""
    options = environment[slot]
    tried = [options.values[0], options.values[-1]]
    if options.has(constant):
        tried.append(constant)
    return _agreed(environment, slot, tried, evaluate)


def _agreed_on_all(
    environment: Environment, slots: list[int], combinations: Iterable[Any], evaluate: Evaluate
) -> Any:
    """The same for several outputs and all combinations of their values."""
    kept = [environment[slot] for slot in slots]
    truths = set()
    try:
        for values in combinations:
            for slot, value in zip(slots, values, strict=True):
                environment[slot] = value
            truths.add(evaluate(environment))
            if len(truths) > 1:
                return None
    finally:
        for slot, value in zip(slots, kept, strict=True):
            environment[slot] = value
    return truths.pop()


def _bare(node: Node) -> OutputReference | None:
    """The output, if this side of a comparison is one number output and nothing else."""
    inner = node.operand if isinstance(node, ToNumber) else node
    return inner if isinstance(inner, OutputReference) and inner.type.is_numeric else None


def _against_range(
    node: Node,
    evaluate: Evaluate,
    layout: Layout,
    compile_expression: Callable[[Node, Layout], Evaluate],
) -> Evaluate | None:
    """The evaluator of a comparison of one number output with a value that reads no output; None for other atoms.

    `<` and its like are monotone, so the two ends of the range decide them. `==` and `!=` can also depend on the other
    side's value itself, if it lies between the ends.
    """
    if not isinstance(node, Binary) or node.operator not in COMPARISONS:
        return None
    for side, other in ((node.left, node.right), (node.right, node.left)):
        output = _bare(side)
        if output is not None and not outputs_read(other):
            slot, value_of = layout.outputs[output.name], compile_expression(other, layout)
            return _range_evaluator(slot, value_of, evaluate)
    return None


def _range_evaluator(slot: int, value_of: Evaluate, evaluate: Evaluate) -> Evaluate:
    def over(environment: Environment) -> Any:
        value = value_of(environment)
        span = environment[slot]
        if value is None or not isinstance(span, Range):
            return None
        between = [value] if span.low < value < span.high else []
        return _agreed(environment, slot, [span.low, span.high, *between], evaluate)

    return over


def _membership(
    node: Node, layout: Layout, compile_expression: Callable[[Node, Layout], Evaluate]
) -> Evaluate | None:
    """The evaluator of `value in output` for a collected output and a value that reads no output; None for other atoms."""
    match node:
        case Binary(operator="in", left=left, right=OutputReference(name=name)) if not outputs_read(
            left
        ):
            slot, value_of = layout.outputs[name], compile_expression(left, layout)
        case _:
            return None

    def over(environment: Environment) -> Any:
        value, members = value_of(environment), environment[slot]
        if value is None or not isinstance(members, Members):
            return None
        if value in members.sure:
            return True
        return None if value in members.can_have else False

    return over


def _emptiness(node: Node, layout: Layout) -> Evaluate | None:
    """The evaluator of `output == []` and `output != []` for a collected output; None for other atoms."""
    match node:
        case Binary(
            operator="==" | "!=" as sign, left=OutputReference(name=name), right=ListOf(items=())
        ):
            pass
        case Binary(
            operator="==" | "!=" as sign, left=ListOf(items=()), right=OutputReference(name=name)
        ):
            pass
        case _:
            return None
    slot, when_filled = layout.outputs[name], sign == "!="

    def over(environment: Environment) -> Any:
        members = environment[slot]
        return when_filled if isinstance(members, Members) and members.sure else None

    return over
