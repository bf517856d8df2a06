"""Atoms over outputs that are still open: true or false only if so for every value the output can take, else unknown."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from service.engine.expressions.layout import Environment, Evaluate, Layout
from service.language.declared.open_values import OPEN_TYPES, Members, Options, Range
from service.language.syntax import (
    COMPARISONS,
    Binary,
    Literal,
    Node,
    OutputReference,
    ToNumber,
    children,
    outputs_read,
    walk,
)

MAX_COMBINATIONS = 256
"""Beyond this many combinations of open outputs an atom is unknown: sound, only less sharp."""


def over_outputs(
    node: Node,
    evaluate: Evaluate,
    layout: Layout,
    compile_expression: Callable[[Node, Layout], Evaluate],
) -> Evaluate:
    """Wrap `evaluate`, the evaluator of `node` for settled outputs, to cope with open ones."""
    table = _table(node, evaluate, layout)
    if table is not None:
        return table
    slots = [layout.outputs[name] for name in sorted(outputs_read(node))]
    special = _against_range(node, evaluate, layout, compile_expression) or _membership(
        node, layout, compile_expression
    )

    def over(environment: Environment) -> Any:
        open_slots = [slot for slot in slots if isinstance(environment[slot], OPEN_TYPES)]
        if not open_slots:
            return evaluate(environment)
        if all(isinstance(environment[slot], Options) for slot in open_slots):
            return _for_all(environment, open_slots, evaluate)
        return special(environment) if special else None

    return over


def truth_by_value(
    node: Node, evaluate: Evaluate, layout: Layout
) -> tuple[int, dict[Any, bool | None]] | None:
    """Of an atom over nothing but one output of few values: the output's slot, and the atom's truth for each of them."""
    leaves = {part for part in walk(node) if not children(part)}
    outputs = {leaf for leaf in leaves if isinstance(leaf, OutputReference)}
    if len(outputs) != 1 or any(not isinstance(leaf, Literal) for leaf in leaves - outputs):
        return None
    (output,) = outputs
    if output.type.kind not in ("enum", "boolean"):
        return None
    values = output.type.values if output.type.kind == "enum" else (False, True)
    slot, truth_of = layout.outputs[output.name], {}
    trial: Environment = [None] * layout.size
    for value in values:
        trial[slot] = value
        truth_of[value] = evaluate(trial)
    return slot, truth_of


def _table(node: Node, evaluate: Evaluate, layout: Layout) -> Evaluate | None:
    """Such an atom is worked out now, once for each value."""
    found = truth_by_value(node, evaluate, layout)
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
    if math.prod(map(len, choices)) > MAX_COMBINATIONS:
        return None
    return _agreed_on_all(environment, slots, itertools.product(*choices), evaluate)


def _agreed(environment: Environment, slot: int, values: Sequence[Any], evaluate: Evaluate) -> Any:
    """The one truth for all values, else unknown. Each is tried in place, and put back."""
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


def _agreed_on_all(
    environment: Environment, slots: list[int], combinations: Iterable[Any], evaluate: Evaluate
) -> Any:
    """The same for all combinations of several outputs' values."""
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
    """The output, where a side of a comparison is just one number output."""
    inner = node.operand if isinstance(node, ToNumber) else node
    return inner if isinstance(inner, OutputReference) and inner.type.is_numeric else None


def _against_range(
    node: Node,
    evaluate: Evaluate,
    layout: Layout,
    compile_expression: Callable[[Node, Layout], Evaluate],
) -> Evaluate | None:
    """One number output compared with something that reads no output.

    Order is monotone, so both ends decide it; for equality the other side counts too if it lies between.
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
    """Something that reads no output, in a collected output."""
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
