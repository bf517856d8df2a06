"""Recognises quantifiers that only compare two lists: whether they have elements in common, or one has all of the other's.

Such a quantifier needs no look at every pair of elements. This module must not evaluate anything.
"""

from __future__ import annotations

from typing import NamedTuple

from service.language.syntax import (
    Binary,
    ListOf,
    Literal,
    Node,
    Not,
    Quantifier,
    Variable,
    walk,
)


class Membership(NamedTuple):
    """The loop variable is an element of the list `values`; or it is none, if not `expected`."""

    values: Node
    expected: bool


def membership(quantifier: Quantifier) -> Membership | None:
    """What the body tests of each element, if that is only whether it is in a list that stays the same."""
    found = _tested(quantifier.body, quantifier.variable)
    if found is None or is_written_out(found.values):
        return None
    reads = any(
        isinstance(n, Variable) and n.name == quantifier.variable for n in walk(found.values)
    )
    return None if reads else found


def _tested(node: Node, variable: str) -> Membership | None:
    match node:
        case Not(operand=operand):
            inner = _tested(operand, variable)
            return inner and Membership(inner.values, not inner.expected)
        case Binary(operator="in", left=Variable(name=name), right=values) if name == variable:
            return Membership(values, True)
        case Quantifier(kind="exists", source=values, body=Binary(operator="==") as test):
            return Membership(values, True) if _compares(test, variable, node.variable) else None
        case Quantifier(kind="all", source=values, body=Binary(operator="!=") as test):
            return Membership(values, False) if _compares(test, variable, node.variable) else None
    return None


def _compares(test: Binary, one: str, other: str) -> bool:
    match test:
        case Binary(left=Variable(name=left), right=Variable(name=right)):
            return one != other and {left, right} == {one, other}
    return False


def is_written_out(values: Node) -> bool:
    """Whether it is a list of constants. Conditions have short ones, in which a look at each is fast."""
    return isinstance(values, ListOf) and all(isinstance(item, Literal) for item in values.items)
