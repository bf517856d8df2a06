"""Conditions in the few forms that every peer can express, for incidents whose facts are all known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from service.language.syntax import (
    COMPARISONS,
    And,
    Binary,
    Call,
    FactReference,
    Has,
    ListOf,
    Literal,
    Node,
    Not,
    Or,
    OutputReference,
    Quantifier,
    ToNumber,
    Variable,
)

Value: TypeAlias = bool | int | float | str


class Unsayable(ValueError):
    """A condition that not every peer can express. The message is the form that they lack."""


@dataclass(frozen=True, slots=True)
class Field:
    """A fact, a derived fact or an output, by its name in the pack."""

    name: str


@dataclass(frozen=True, slots=True)
class Constant:
    value: Value


@dataclass(frozen=True, slots=True)
class Length:
    """The number of elements in a list field."""

    name: str


@dataclass(frozen=True, slots=True)
class Arithmetic:
    operator: str
    left: Term
    right: Term


Term: TypeAlias = Field | Constant | Length | Arithmetic


@dataclass(frozen=True, slots=True)
class Compare:
    operator: str
    left: Term
    right: Term


@dataclass(frozen=True, slots=True)
class Flag:
    """A boolean field."""

    name: str


@dataclass(frozen=True, slots=True)
class OneOf:
    name: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Overlap:
    """A list field that has at least one of the values."""

    name: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Negation:
    part: Plain


@dataclass(frozen=True, slots=True)
class Every:
    parts: tuple[Plain, ...]


@dataclass(frozen=True, slots=True)
class Some:
    parts: tuple[Plain, ...]


Plain: TypeAlias = Constant | Compare | Flag | OneOf | Overlap | Negation | Every | Some
TRUE, FALSE = Constant(True), Constant(False)


def plain(node: Node) -> Plain:
    """The condition over known facts: `has` becomes true, `at_least` a membership. Raises Unsayable."""
    match node:
        case Literal(value=bool() as value):
            return Constant(value)
        case Has():
            return TRUE
        case Not(operand=operand):
            return _negated(plain(operand))
        case And(parts=parts):
            return _joined(Every, TRUE, FALSE, [plain(part) for part in parts])
        case Or(parts=parts):
            return _joined(Some, FALSE, TRUE, [plain(part) for part in parts])
        case FactReference() | OutputReference() if node.type.name == "boolean":
            return Flag(node.name)
        case Binary(operator="in", left=left, right=ListOf(items=items)):
            return OneOf(_name(left), tuple(map(_value, items)))
        case Binary(operator="in", left=Literal() as value, right=right):
            return Overlap(_name(right), (_value(value),))
        case Binary(operator="==" | "!=" as operator, left=left, right=ListOf(items=())):
            return Compare(operator, Length(_name(left)), Constant(0))
        case Binary(operator=operator, left=left, right=right) if operator in COMPARISONS:
            return Compare(operator, _term(left), _term(right))
        case Call(function="at_least", arguments=(subject, least)):
            values = subject.type.values
            return OneOf(_name(subject), values[: values.index(str(_value(least))) + 1])
        case Quantifier(kind="exists", source=source, variable=variable, body=body):
            return _overlap(source, variable, body)
    raise Unsayable(_form(node))


def _negated(part: Plain) -> Plain:
    match part:
        case Constant(value=value):
            return Constant(not value)
    return Negation(part)


def _joined(
    kind: type[Every] | type[Some], neutral: Constant, decisive: Constant, parts: list[Plain]
) -> Plain:
    if decisive in parts:
        return decisive
    left = tuple(part for part in parts if part != neutral)
    if not left:
        return neutral
    return left[0] if len(left) == 1 else kind(left)


def _overlap(source: Node, variable: str, body: Node) -> Plain:
    match body:
        case Binary(operator="in", left=Variable(name=name), right=ListOf(items=items)):
            if name == variable:
                return Overlap(_name(source), tuple(map(_value, items)))
        case Binary(operator="==", left=Variable(name=name), right=Literal() as value):
            if name == variable:
                return Overlap(_name(source), (_value(value),))
        case Binary(operator="!=", left=Variable(name=name, type=item), right=Literal() as value):
            if name == variable and item.values:
                others = (other for other in item.values if other != _value(value))
                return Overlap(_name(source), tuple(others))
    raise Unsayable("exists")


def _term(node: Node) -> Term:
    match node:
        case FactReference(name=name) | OutputReference(name=name):
            return Field(name)
        case ToNumber(operand=operand):
            return _term(operand)
        case Call(function="size", arguments=(source,)) if source.type.name == "list":
            return Length(_name(source))
        case Binary(operator="+" | "-" | "*" as operator, left=left, right=right):
            return Arithmetic(operator, _term(left), _term(right))
    return Constant(_value(node))


def _name(node: Node) -> str:
    match node:
        case FactReference(name=name) | OutputReference(name=name):
            return name
    raise Unsayable(_form(node))


def _value(node: Node) -> Value:
    match node:
        case Literal(value=bool() | int() | float() | str() as value):
            return value
        case ToNumber(operand=operand):
            return _value(operand)
    raise Unsayable(_form(node))


def _form(node: Node) -> str:
    match node:
        case Literal(type=kind):
            return kind.name
        case Call(function=function):
            return function
        case Binary(operator=operator):
            return operator
        case Quantifier(kind=kind):
            return kind
    return type(node).__name__


def fields_read(condition: Plain) -> frozenset[str]:
    """The names of all fields that a condition reads."""
    match condition:
        case Every(parts=parts) | Some(parts=parts):
            return frozenset().union(*map(fields_read, parts))
        case Negation(part=part):
            return fields_read(part)
        case Flag(name=name) | OneOf(name=name) | Overlap(name=name):
            return frozenset([name])
        case Compare(left=left, right=right):
            return _fields_of(left) | _fields_of(right)
    return frozenset()


def _fields_of(term: Term) -> frozenset[str]:
    match term:
        case Field(name=name) | Length(name=name):
            return frozenset([name])
        case Arithmetic(left=left, right=right):
            return _fields_of(left) | _fields_of(right)
    return frozenset()
