"""Writes a condition as branches: it is true if one of them is, and a branch is true if all its tests are. It evaluates nothing.

Kleene's three values are a distributive lattice and keep De Morgan's laws. So the branches have the value of the condition also where
facts are unknown.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import product
from typing import NamedTuple

from service.engine.expressions.truth_tables import only_subject
from service.language.syntax import (
    And,
    FactReference,
    Has,
    Literal,
    Node,
    Not,
    Or,
    walk,
)

MOST_BRANCHES = 16
"""A part of a condition with more branches is one test."""


class WantedTest(NamedTuple):
    """A test, and the truth value by which it keeps its branch true."""

    test: Node
    truth: bool


Conjunction = tuple[WantedTest, ...]
"""Tests that must all have the truth value that is wanted of them. Without a test it is always true."""


def branches_of(condition: Node) -> tuple[Conjunction, ...]:
    """The branches, at most 16. Without a branch the condition is always false."""
    return _branches(condition, True)


def _branches(node: Node, sought: bool) -> tuple[Conjunction, ...]:
    """The branches of the node, or of its negation if false is sought."""
    match node:
        case Literal(value=bool() as value):
            return ((),) if value is sought else ()
        case Not(operand=operand):
            return _branches(operand, not sought)
        case And(parts=parts) | Or(parts=parts):
            found = _joined(node, parts, sought)
            return found if len(found) <= MOST_BRANCHES else ((WantedTest(node, sought),),)
    return ((WantedTest(node, sought),),)


def _joined(node: And | Or, parts: tuple[Node, ...], sought: bool) -> tuple[Conjunction, ...]:
    """The branches of a connective. It may return too many of them, but not all of a great number."""
    if isinstance(node, And) is not sought:
        found = (_of_subject(node, same, sought) for same in _by_subject(parts))
        return tuple(dict.fromkeys(branch for own in found for branch in own))
    choices = [_branches(part, sought) for part in parts]
    if math.prod(map(len, choices)) > MOST_BRANCHES:
        return ((WantedTest(node, sought),),)
    return tuple(dict.fromkeys(_all_of(chosen) for chosen in product(*choices)))


def _all_of(branches: Iterable[Conjunction]) -> Conjunction:
    return tuple(dict.fromkeys(wanted for branch in branches for wanted in branch))


def _by_subject(parts: Iterable[Node]) -> Iterable[list[Node]]:
    """The parts. Those that test one enum or boolean fact, and nothing else, are in one list.

    Outputs stay apart: of an open output, `a || b` says less than a table of its values.
    """
    of_subject: dict[object, list[Node]] = {}
    for part in dict.fromkeys(parts):
        of_subject.setdefault(_subject(part) or part, []).append(part)
    return of_subject.values()


def _of_subject(node: And | Or, same: list[Node], sought: bool) -> tuple[Conjunction, ...]:
    """Several parts about one fact are one test, so one branch is enough for them."""
    if len(same) == 1:
        return _branches(same[0], sought)
    return ((WantedTest(type(node)(parts=tuple(same)), sought),),)


def _subject(node: Node) -> Node | None:
    """The fact that alone decides the node, if it is an enum or a boolean."""
    only = only_subject(node)
    if not isinstance(only, FactReference) or any(isinstance(part, Has) for part in walk(node)):
        return None
    return only if only.type.name in ("enum", "boolean") else None
