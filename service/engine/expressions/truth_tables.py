"""Computes the truth of an atom for each value of the one fact or output that it reads, where these are few. It knows no open outputs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from service.engine.expressions.layout import HAS_UNKNOWN_SLOT, Environment, Evaluate, Layout
from service.language.conditions.cost import is_costly
from service.language.syntax import (
    FactReference,
    Has,
    ListOf,
    Literal,
    Node,
    OutputReference,
    children,
    walk,
)

MOST_VALUES_OF_A_TABLE = 32
"""For an output of more values an atom keeps no table: many rules that read many values would take all memory."""

TruthTable = tuple[int, dict[Any, bool | None]]
"""A slot, and the truth by the value in it."""


def truth_by_output(node: Node, evaluate: Evaluate, layout: Layout) -> TruthTable | None:
    """None if the atom reads more than constants and one enum or boolean output, or if the output has many values."""
    output = only_subject(node)
    if not isinstance(output, OutputReference):
        return None
    values = _few_values(output)
    if not values or is_costly(node, layout.sizes):
        return None
    slot = layout.outputs[output.name]
    return slot, _truths(evaluate, slot, values, layout)


def truth_by_fact(node: Node, evaluate: Evaluate, layout: Layout) -> TruthTable | None:
    """The same for a fact. It is None too if the atom uses `has`, or can be known although the fact is unknown."""
    fact = only_subject(node)
    if not isinstance(fact, FactReference) or any(isinstance(part, Has) for part in walk(node)):
        return None
    values = _few_values(fact)
    if not values or is_costly(node, layout.sizes):
        return None
    slot = layout.facts[fact.name]
    truths = _truths(evaluate, slot, (None, *values), layout)
    return (slot, truths) if truths.pop(None) is None else None


def only_subject(node: Node) -> Node | None:
    """The one fact or output, or another leaf, that the atom reads beside constants; None if it reads more."""
    leaves = {
        part for part in walk(node) if not children(part) and not isinstance(part, Literal | ListOf)
    }
    return leaves.pop() if len(leaves) == 1 else None


def _few_values(subject: FactReference | OutputReference) -> tuple[Any, ...]:
    """All values of an enum or a boolean; none if they are many."""
    values = (False, True) if subject.type.name == "boolean" else subject.type.values
    return values if len(values) <= MOST_VALUES_OF_A_TABLE else ()


def _truths(
    evaluate: Evaluate, slot: int, values: Iterable[Any], layout: Layout
) -> dict[Any, bool | None]:
    trial: Environment = [None] * layout.size
    trial[HAS_UNKNOWN_SLOT] = False
    truth_of = {}
    for value in values:
        trial[slot] = value
        truth_of[value] = evaluate(trial)
    return truth_of
