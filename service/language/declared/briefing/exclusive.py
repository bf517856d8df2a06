"""Finds which sentences can never be said at once, because one's condition contains the negation of a part of the other's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from service.language.syntax import NEGATED, And, Binary, Node, Not

MOST_COMPARED = 12
"""With more sentences than this, all of them count as said at once."""


def conjuncts(node: Node | None) -> tuple[Node, ...]:
    """The parts of a condition that must all be true."""
    match node:
        case None:
            return ()
        case And(parts=parts):
            return tuple(one for part in parts for one in conjuncts(part))
    return (node,)


def most_together(sizes: Sequence[int], conditions: Sequence[tuple[Node, ...]]) -> int:
    """The greatest sum of sizes of which no two have conditions that exclude each other."""
    if len(sizes) > MOST_COMPARED:
        return sum(sizes)
    best = 0
    for chosen in range(1 << len(sizes)):
        members = [n for n in range(len(sizes)) if chosen >> n & 1]
        if _can_hold_together([conditions[n] for n in members]):
            best = max(best, sum(sizes[n] for n in members))
    return best


def _can_hold_together(conditions: Sequence[tuple[Node, ...]]) -> bool:
    true = [node for condition in conditions for node in condition]
    return not any(_negation(node) in true for node in true)


def _negation(node: Node) -> Node:
    match node:
        case Not(operand=operand):
            return operand
        case Binary(operator=operator) if operator in NEGATED:
            return replace(node, operator=NEGATED[operator])
    return Not(node, span=node.span)
