"""Spells plain conditions in the infix languages of zen-engine, rule-engine and CEL, which differ in lists and connectives."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bench.plain import (
    Arithmetic,
    Compare,
    Constant,
    Every,
    Field,
    Flag,
    Length,
    Negation,
    OneOf,
    Overlap,
    Plain,
    Some,
    Term,
    Value,
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a language tests that a list has one of some values (already spelled), how it writes a list's length, its connectives,
    and how it writes a side of an arithmetic operation.
    """

    overlaps: Callable[[str, list[str]], str]
    length: Callable[[str], str]
    conjunction: str = " and "
    disjunction: str = " or "
    negation: str = "not "
    operand: Callable[[str], str] = str


def spell(condition: Plain, names: Mapping[str, str], dialect: Dialect) -> str:
    match condition:
        case Every(parts=parts):
            return (
                "(" + dialect.conjunction.join(spell(part, names, dialect) for part in parts) + ")"
            )
        case Some(parts=parts):
            return (
                "(" + dialect.disjunction.join(spell(part, names, dialect) for part in parts) + ")"
            )
        case Negation(part=part):
            return f"{dialect.negation}({spell(part, names, dialect)})"
        case Flag(name=name):
            return names[name]
        case OneOf(name=name, values=values):
            return f"({names[name]} in [{', '.join(map(literal, values))}])"
        case Overlap(name=name, values=values):
            return dialect.overlaps(names[name], list(map(literal, values)))
        case Compare(operator=operator, left=left, right=right):
            return f"{_term(left, names, dialect)} {operator} {_term(right, names, dialect)}"
        case Constant(value=value):
            return literal(value)


def literal(value: Value) -> str:
    return json.dumps(value)


def _term(term: Term, names: Mapping[str, str], dialect: Dialect) -> str:
    match term:
        case Field(name=name):
            return names[name]
        case Length(name=name):
            return dialect.length(names[name])
        case Constant(value=value):
            return literal(value)
        case Arithmetic(operator=operator, left=left, right=right):
            sides = (dialect.operand(_term(side, names, dialect)) for side in (left, right))
            return f"({f' {operator} '.join(sides)})"
