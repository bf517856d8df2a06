"""The atoms of a rule's condition as its author wrote them, and the comparison that each one makes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from service.language.syntax import (
    NEGATED,
    TURNED,
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
    ToNumber,
    walk,
)

Subject = FactReference | OutputReference


class Comparison(NamedTuple):
    """The test of `subject` by which an atom has the wanted truth value. It has no operator if the atom is no plain comparison."""

    subject: Subject | None
    operator: str | None = None
    threshold: Any = None


def written_atoms(node: Node, written: Any) -> Iterator[tuple[Node, str]]:
    """Each atom with its text, from left to right. `written` is the text or tree that `node` was read from."""
    match written:
        case {"not": inner}:
            assert isinstance(node, Not)
            yield from written_atoms(node.operand, inner)
        case {"all": [only]} | {"any": [only]}:
            yield from written_atoms(node, only)
        case {"all": inner} | {"any": inner}:
            assert isinstance(node, And | Or)
            for part, text in zip(node.parts, inner, strict=True):
                yield from written_atoms(part, text)
        case str():
            yield from _in_text(node, written)


def _in_text(node: Node, text: str) -> Iterator[tuple[Node, str]]:
    match node:
        case And(parts=parts) | Or(parts=parts):
            for part in parts:
                yield from _in_text(part, text)
        case Not(operand=operand):
            yield from _in_text(operand, text)
        case _:
            yield node, text[node.span.start : node.span.end]


def comparison(atom: Node, wanted: bool) -> Comparison:
    """The comparison of one fact or output that makes the atom true, or false, as `wanted`."""
    match atom:
        case FactReference() | OutputReference():
            return Comparison(atom, "==", wanted)
        case Has(operand=FactReference() as fact):
            return Comparison(fact, _signed("has", wanted))
        case Binary(operator="in", left=left, right=right):
            found = _pair("in", left, right, wanted) or _pair("contains", right, left, wanted)
        case Binary(operator=sign, left=left, right=right) if sign in TURNED:
            turned = TURNED[sign]
            found = _pair(sign, left, right, wanted) or _pair(turned, right, left, wanted)
        case Call(function=name, arguments=(left, right)):
            found = _pair(name, left, right, wanted)
        case _:
            found = None
    return found or Comparison(_only_subject(atom))


def _pair(sign: str, subject: Node, threshold: Node, wanted: bool) -> Comparison | None:
    """The comparison of a fact or output with constants; None if the two sides are anything else."""
    inner = subject.operand if isinstance(subject, ToNumber) else subject
    if not isinstance(inner, FactReference | OutputReference):
        return None
    operator = NEGATED[sign] if sign in NEGATED and not wanted else _signed(sign, wanted)
    match threshold:
        case Literal(value=value):
            return Comparison(inner, operator, value)
        case ListOf(items=items) if all(isinstance(item, Literal) for item in items):
            values = [item.value for item in items if isinstance(item, Literal)]
            return Comparison(inner, operator, values)
    return None


def _signed(word: str, wanted: bool) -> str:
    return word if wanted or word in NEGATED else f"not {word}"


def _only_subject(atom: Node) -> Subject | None:
    """The one fact or output that an atom reads, if there is only one."""
    read = {node for node in walk(atom) if isinstance(node, FactReference | OutputReference)}
    return read.pop() if len(read) == 1 else None
