"""Spells plain conditions as patterns over one CLIPS fact.

Each part is a constraint on the last slot it reads, so that the alpha network evaluates it. It must not import clips:
the tests run without it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from bench.plain import (
    TRUE,
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
    fields_read,
)

_NUMERIC = {"==": "=", "!=": "<>"}
_TEXTUAL = {"==": "eq", "!=": "neq"}


def deftemplate(names: Mapping[str, str], lists: Collection[str]) -> str:
    slots = (
        f"({'multislot' if name in lists else 'slot'} {short})" for name, short in names.items()
    )
    return f"(deftemplate incident {' '.join(slots)})"


def left_hand_side(condition: Plain, names: Mapping[str, str], lists: Collection[str]) -> str:
    """One pattern, so that a rule fires once even if several of its alternatives are true."""
    parts = condition.parts if isinstance(condition, Every) else (condition,)
    slots: dict[str, list[str]] = {name: [] for name in sorted(fields_read(condition))}
    if not slots:  # a constant condition; constants inside other conditions were folded
        return "(incident)" if condition == TRUE else "(incident) (test (eq 0 1))"
    for part in parts:
        last = max(fields_read(part))
        slots[last].append(_constraint(part, names))
    patterns = (
        f"({names[name]} {'$?' if name in lists else '?'}{'&'.join([names[name], *constraints])})"
        for name, constraints in slots.items()
    )
    return f"(incident {' '.join(patterns)})"


def _constraint(part: Plain, names: Mapping[str, str]) -> str:
    """A literal if the part can be one: CLIPS shares literals between rules."""
    match part:
        case Flag():
            return "TRUE"
        case Negation(part=Flag()):
            return "FALSE"
        case Compare(operator="==", left=Field(), right=Constant(value=str() as value)):
            return value
    return ":" + _call(part, names)


def _call(condition: Plain, names: Mapping[str, str]) -> str:
    match condition:
        case Every(parts=parts):
            return f"(and {' '.join(_call(part, names) for part in parts)})"
        case Some(parts=parts):
            return f"(or {' '.join(_call(part, names) for part in parts)})"
        case Negation(part=part):
            return f"(not {_call(part, names)})"
        case Flag(name=name):
            return f"(eq ?{names[name]} TRUE)"
        case OneOf(name=name, values=values):
            return _either([f"(eq ?{names[name]} {_literal(value)})" for value in values])
        case Overlap(name=name, values=values):
            found = [f"(member$ {_literal(value)} $?{names[name]})" for value in values]
            return _either([f"(neq FALSE {member})" for member in found])
        case Compare(operator=operator, left=left, right=right):
            spelled = _TEXTUAL if _is_text(left) or _is_text(right) else _NUMERIC
            sign = spelled.get(operator, operator)
            return f"({sign} {_term(left, names)} {_term(right, names)})"
        case Constant(value=value):
            return _literal(value)


def _either(calls: list[str]) -> str:
    return calls[0] if len(calls) == 1 else f"(or {' '.join(calls)})"


def _is_text(term: Term) -> bool:
    return isinstance(term, Constant) and isinstance(term.value, str | bool)


def _term(term: Term, names: Mapping[str, str]) -> str:
    match term:
        case Field(name=name):
            return f"?{names[name]}"
        case Length(name=name):
            return f"(length$ $?{names[name]})"
        case Constant(value=value):
            return _literal(value)
        case Arithmetic(operator=operator, left=left, right=right):
            return f"({operator} {_term(left, names)} {_term(right, names)})"


def _literal(value: Value) -> str:
    match value:
        case bool():
            return "TRUE" if value else "FALSE"
        case str():
            return value
    return repr(value)
