"""Spells plain conditions in the infix languages of zen-engine and rule-engine, which differ in lists only."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from bench.plain import (
    Arithmetic,
    Compare,
    Constant,
    Every,
    Field,
    Flag,
    Negation,
    OneOf,
    Overlap,
    Plain,
    Some,
    Term,
    Value,
)

Overlaps = Callable[[str, list[str]], str]
"""Spells that a list has one of these values, which are spelled already."""


def spell(condition: Plain, names: Mapping[str, str], overlaps: Overlaps) -> str:
    match condition:
        case Every(parts=parts):
            return "(" + " and ".join(spell(part, names, overlaps) for part in parts) + ")"
        case Some(parts=parts):
            return "(" + " or ".join(spell(part, names, overlaps) for part in parts) + ")"
        case Negation(part=part):
            return f"not ({spell(part, names, overlaps)})"
        case Flag(name=name):
            return names[name]
        case OneOf(name=name, values=values):
            return f"({names[name]} in [{', '.join(map(literal, values))}])"
        case Overlap(name=name, values=values):
            return overlaps(names[name], list(map(literal, values)))
        case Compare(operator=operator, left=left, right=right):
            return f"{_term(left, names)} {operator} {_term(right, names)}"
        case Constant(value=value):
            return literal(value)


def literal(value: Value) -> str:
    return json.dumps(value)


def _term(term: Term, names: Mapping[str, str]) -> str:
    match term:
        case Field(name=name):
            return names[name]
        case Constant(value=value):
            return literal(value)
        case Arithmetic(operator=operator, left=left, right=right):
            return f"({_term(left, names)} {operator} {_term(right, names)})"
