"""The nodes of a condition: frozen data, each with its place in the text. They must not evaluate anything.

The parser makes UnresolvedName nodes. The checker replaces them by FactReference, OutputReference, AsOf and
Variable nodes, and fills in every `type`.
"""

from __future__ import annotations

import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from schemas.types import BOOLEAN, DATETIME, NUMBER, Type
from service.language.place import NOWHERE, Place

UNTYPED = Type("boolean", values=("untyped",))

ComparisonOperator = typing.Literal["==", "!=", "<", "<=", ">", ">="]
BinaryOperator = typing.Literal[ComparisonOperator, "in", "+", "-", "*", "/", "%"]
"""`conditions.operations` has the types that each takes, the type of its result, and its meaning."""
COMPARISONS: tuple[ComparisonOperator, ...] = typing.get_args(ComparisonOperator)
NEGATED: Mapping[str, ComparisonOperator] = {
    "==": "!=",
    "!=": "==",
    "<": ">=",
    ">=": "<",
    ">": "<=",
    "<=": ">",
}
"""The comparison that is true exactly if this one is false, for known values."""
TURNED: Mapping[str, ComparisonOperator] = {
    "==": "==",
    "!=": "!=",
    "<": ">",
    ">": "<",
    "<=": ">=",
    ">=": "<=",
}
"""The same comparison with its sides exchanged."""
QuantifierKind = typing.Literal["exists", "all"]
QUANTIFIERS: tuple[QuantifierKind, ...] = typing.get_args(QuantifierKind)


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` to `end` of a text. `text` is the place of that text in a file."""

    start: int = 0
    end: int = 0
    text: Place = field(default=NOWHERE, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Node:
    """Nodes that differ only in their places are equal."""

    span: Span = field(default=Span(), compare=False)
    type: Type = UNTYPED


@dataclass(frozen=True, slots=True)
class Literal(_Node):
    value: object


@dataclass(frozen=True, slots=True)
class UnresolvedName(_Node):
    """A dotted name that the checker has not resolved yet."""

    name: str


@dataclass(frozen=True, slots=True)
class FactReference(_Node):
    """A fact or a derived fact."""

    name: str


@dataclass(frozen=True, slots=True)
class OutputReference(_Node):
    name: str


@dataclass(frozen=True, slots=True)
class AsOf(_Node):
    """`as_of`, the moment of the assessment."""

    type: Type = field(default=DATETIME, kw_only=True)


@dataclass(frozen=True, slots=True)
class Variable(_Node):
    """The loop variable of the nearest `exists` or `all` that binds `name`."""

    name: str


@dataclass(frozen=True, slots=True)
class ListOf(_Node):
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Negative(_Node):
    operand: Node


@dataclass(frozen=True, slots=True)
class Binary(_Node):
    operator: BinaryOperator
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class ToNumber(_Node):
    """An integer promoted to a double; only the checker makes these."""

    operand: Node
    type: Type = field(default=NUMBER, kw_only=True)


@dataclass(frozen=True, slots=True)
class Not(_Node):
    operand: Node
    type: Type = field(default=BOOLEAN, kw_only=True)


@dataclass(frozen=True, slots=True)
class And(_Node):
    parts: tuple[Node, ...]
    type: Type = field(default=BOOLEAN, kw_only=True)


@dataclass(frozen=True, slots=True)
class Or(_Node):
    parts: tuple[Node, ...]
    type: Type = field(default=BOOLEAN, kw_only=True)


@dataclass(frozen=True, slots=True)
class Conditional(_Node):
    test: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Call(_Node):
    """A function or method; a method's receiver is its first argument."""

    function: str
    arguments: tuple[Node, ...]
    method: bool = False


@dataclass(frozen=True, slots=True)
class Has(_Node):
    operand: Node
    type: Type = field(default=BOOLEAN, kw_only=True)


@dataclass(frozen=True, slots=True)
class Quantifier(_Node):
    """`source.exists(variable, body)` or `source.all(variable, body)`."""

    kind: QuantifierKind
    source: Node
    variable: str
    body: Node
    type: Type = field(default=BOOLEAN, kw_only=True)


Node = (
    Literal
    | UnresolvedName
    | FactReference
    | OutputReference
    | AsOf
    | Variable
    | ListOf
    | Negative
    | Binary
    | ToNumber
    | Not
    | And
    | Or
    | Conditional
    | Call
    | Has
    | Quantifier
)

ALWAYS = Literal(value=True, type=BOOLEAN)


def place_of(node: Node) -> Place:
    """The place of a part of a condition in its file. For an `all`, `any` or `not` it is the place of that word."""
    return node.span.text.inside(node.span.start, node.span.end)


def children(node: Node) -> tuple[Node, ...]:
    match node:
        case ListOf(items=nodes) | And(parts=nodes) | Or(parts=nodes) | Call(arguments=nodes):
            return nodes
        case Negative(operand=operand) | ToNumber(operand=operand):
            return (operand,)
        case Not(operand=operand) | Has(operand=operand):
            return (operand,)
        case Binary(left=left, right=right):
            return (left, right)
        case Conditional(test=test, then=then, otherwise=otherwise):
            return (test, then, otherwise)
        case Quantifier(source=source, body=body):
            return (source, body)
        case Literal() | UnresolvedName() | FactReference() | OutputReference():
            return ()
        case AsOf() | Variable():
            return ()
        case _:
            typing.assert_never(node)


def walk(node: Node) -> Iterator[Node]:
    """Every node of the tree, parents first, without recursion."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(reversed(children(current)))


def depth(node: Node) -> int:
    """How many levels the tree has, counted without recursion."""
    deepest, level = 0, [node]
    while level:
        deepest += 1
        level = [child for parent in level for child in children(parent)]
    return deepest


def facts_read(node: Node) -> frozenset[str]:
    return frozenset(n.name for n in walk(node) if isinstance(n, FactReference))


def outputs_read(node: Node) -> frozenset[str]:
    return frozenset(n.name for n in walk(node) if isinstance(n, OutputReference))
