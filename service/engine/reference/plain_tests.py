"""Finds out what a test asks: plain questions about the value in one slot, which an index can answer, or anything else.

Whatever is no plain question is `Asked`: its closure answers it. So a new function of the language needs no change here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from service.engine.expressions.closures import compile_condition, compile_expression
from service.engine.expressions.layout import (
    AS_OF_SLOT,
    Evaluate,
    Layout,
)
from service.engine.expressions.truth_tables import only_subject, truth_by_fact, truth_by_output
from service.engine.reference.truths import Truth
from service.language.conditions.cost import is_costly
from service.language.syntax import (
    COMPARISONS,
    TURNED,
    And,
    AsOf,
    Binary,
    FactReference,
    Has,
    ListOf,
    Literal,
    Node,
    Not,
    Or,
    OutputReference,
    ToNumber,
    children,
    outputs_read,
    walk,
)

IN_ORDER = ("integer", "number", "datetime", "duration")
"""The types whose values have an order."""


@dataclass(frozen=True, slots=True)
class Presence:
    """Is the fact known?"""

    slot: int


@dataclass(frozen=True, slots=True)
class Compared:
    """How does the value compare with a constant? `as_number` says that an integer is compared as a number."""

    slot: int
    operator: str
    constant: Any
    as_number: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """Which truth value has the test for this value? `otherwise` is that of all values that are not listed."""

    slot: int
    truths: Mapping[Any, Truth] = field(hash=False)
    otherwise: Truth = None


@dataclass(frozen=True, slots=True)
class OfOutput:
    """The same for an output of few values, which can also be open. `reads` has its name."""

    slot: int
    truths: Mapping[Any, Truth] = field(hash=False)
    reads: frozenset[str]


@dataclass(frozen=True, slots=True)
class Asked:
    """The closure knows. `reads` are the outputs that must be decided first."""

    evaluate: Evaluate
    reads: frozenset[str]


Question = Presence | Compared | Listed | OfOutput | Asked


def question_of(test: Node, layout: Layout) -> Question:
    """What the test asks. It is unknown exactly if the slot's value is, except for `Presence`, `OfOutput` and `Asked`."""
    match test:
        case Has(operand=FactReference(name=name)) if name not in layout.computed_from:
            return Presence(layout.facts[name])
    if not is_costly(test, layout.sizes):
        found = _comparison(test, layout) or _listed(test, layout) or _of_output(test, layout)
        if found is not None:
            return found
    return Asked(compile_condition(test, layout), outputs_read(test))


def _comparison(test: Node, layout: Layout) -> Compared | None:
    """A comparison of a fact, or of the moment of the assessment, with a constant of a type that has an order."""
    match test:
        case Binary(operator=sign, left=left, right=right) if sign in COMPARISONS:
            return _against(sign, left, right, layout) or _against(
                TURNED[sign], right, left, layout
            )
    return None


def _against(sign: str, subject: Node, other: Node, layout: Layout) -> Compared | None:
    as_number = isinstance(subject, ToNumber)
    inner = subject.operand if isinstance(subject, ToNumber) else subject
    if inner.type.name not in IN_ORDER or not _is_constant(other):
        return None
    constant = compile_expression(other, layout)([])
    match inner:
        case FactReference(name=name) if constant is not None:
            return _in_integers(Compared(layout.facts[name], sign, constant, as_number), inner)
        case AsOf() if constant is not None:
            return Compared(AS_OF_SLOT, sign, constant)
    return None


def _in_integers(asked: Compared, subject: FactReference) -> Compared:
    """The same question with >= or <: between two integers there is none, so an index needs one step less to find the value."""
    if subject.type.name == "integer" and not asked.as_number and asked.operator in (">", "<="):
        operator = {">": ">=", "<=": "<"}[asked.operator]
        return Compared(asked.slot, operator, asked.constant + 1)
    return asked


def _listed(test: Node, layout: Layout) -> Listed | None:
    """A test of one fact and constants."""
    fact = only_subject(test)
    if not isinstance(fact, FactReference):
        return None  # its closure is not needed: it can take a slot, which makes every environment longer
    found = truth_by_fact(test, compile_condition(test, layout), layout)
    return _equal_to_some(test, fact, layout) if found is None else Listed(*found)


def _equal_to_some(test: Node, fact: FactReference, layout: Layout) -> Listed | None:
    """A fact that is compared with some of its many values."""
    match test:
        case Binary(operator="==" | "!=" | "in" as sign, left=left, right=right) if left == fact:
            other = right
        case Binary(operator="==" | "!=" as sign, left=other, right=right) if right == fact:
            pass
        case _:
            return None
    if fact.type.name == "list" or not _is_constant(other):
        return None
    constant, equal = compile_expression(other, layout)([]), sign != "!="
    constants = constant if sign == "in" else (constant,)
    return (
        None
        if None in constants
        else Listed(layout.facts[fact.name], dict.fromkeys(constants, equal), not equal)
    )


def _of_output(test: Node, layout: Layout) -> OfOutput | None:
    """An atom only: what several atoms say of an open output is found for each of them alone."""
    if isinstance(test, And | Or | Not) or not isinstance(only_subject(test), OutputReference):
        return None
    found = truth_by_output(test, compile_condition(test, layout), layout)
    return None if found is None else OfOutput(*found, outputs_read(test))


def _is_constant(node: Node) -> bool:
    return all(isinstance(part, Literal | ListOf) or children(part) for part in walk(node))
