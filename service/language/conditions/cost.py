"""The most steps that a condition can take: `check` warns of many, and the engine counts those of costly atoms.

A step is the evaluation of one part of a condition, for one element if it stands in a loop.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from schemas.fact_fields import MAX_ITEMS, MAX_TEXT
from schemas.types import Type
from schemas.vocabulary import Fact
from service.language.collector import Collector
from service.language.conditions.membership import is_written_out, membership
from service.language.model import Derived, DraftSentence, Output, Rule, Sentence
from service.language.syntax import (
    And,
    Binary,
    Call,
    Conditional,
    FactReference,
    ListOf,
    Literal,
    Node,
    Not,
    Or,
    OutputReference,
    Quantifier,
    Variable,
    children,
    outputs_read,
    place_of,
    walk,
)

STEPS_OF_AN_INCIDENT = 4_000_000
"""An incident that takes more gets a problem instead of an answer."""
MANY_STEPS = STEPS_OF_AN_INCIDENT // 4
"""`check` warns of an atom that can take more."""
FEW_STEPS = 2048
"""An atom that can take at most this many steps is not counted."""
STEPS_OF_A_SCAN = 10
CHARACTERS_OF_A_STEP = 16
"""A scan of lists or texts takes STEPS_OF_A_SCAN steps, and those for its elements or characters."""
MOST_COMBINATIONS = 256
"""If open outputs have more combinations of values than this, an atom is unknown. That is sound, but less precise."""
ENOUGH = 10**15
"""A greater number of steps makes no difference."""


class Size(NamedTuple):
    """The most elements of a list, the most characters of a text or of each element, the most values of an open output."""

    items: int = 1
    characters: int = 1
    options: int = 1


Sizes = Mapping[str, Size]
"""By name of a fact, an output or a loop variable. One that is missing has the size of its type."""


def sizes_of(
    derived: Iterable[Derived],
    previous: Mapping[str, Fact],
    outputs: Mapping[str, Output],
    rules: Iterable[Rule],
) -> dict[str, Size]:
    """The sizes of everything that is not posted. `derived` is in the order of computation."""
    given: dict[str, list[object]] = {name: [output.default] for name, output in outputs.items()}
    for rule in rules:
        for one in rule.then:
            given[one.output].append(one.value)
    found = {name: _size_of_output(output, given[name]) for name, output in outputs.items()}
    for name, fact in previous.items():
        if fact.type.item is not None:
            found[name] = Size(len(fact.type.item.values), _characters(fact.type.item))
    for item in derived:
        found[item.fact.name] = size_of(item.value, found)
    return found


def _size_of_output(output: Output, given: list[object]) -> Size:
    characters = max((len(value) for value in given if isinstance(value, str)), default=1)
    distinct = len(set(given))
    if output.policy.is_collected:
        return Size(distinct if output.policy.equal_values_count_once else len(given), characters)
    return Size(1, characters, 3 if output.policy.is_clamped else distinct)


def size_of(node: Node, sizes: Sizes) -> Size:
    """The size of the value of an expression."""
    match node:
        case Literal(value=str() as text):
            return Size(1, len(text))
        case FactReference(name=name) | OutputReference(name=name) | Variable(name=name):
            return sizes.get(name) or _size_of_type(node.type)
        case ListOf(items=items):
            longest = max((size_of(item, sizes).characters for item in items), default=1)
            return Size(len(items), longest)
        case Binary(operator="+", left=left, right=right):
            one, other = size_of(left, sizes), size_of(right, sizes)
            if node.type.name == "list":
                return Size(one.items + other.items, max(one.characters, other.characters))
            return Size(1, min(one.characters + other.characters, ENOUGH))
        case Conditional(then=then, otherwise=otherwise):
            one, other = size_of(then, sizes), size_of(otherwise, sizes)
            return Size(*map(max, one, other))
    return Size()


def _size_of_type(type_: Type) -> Size:
    if type_.item is not None:
        return Size(MAX_ITEMS, _characters(type_.item))
    return Size(1, _characters(type_))


def _characters(type_: Type) -> int:
    if type_.name == "string":
        return MAX_TEXT
    return max(map(len, type_.values), default=1)


def is_costly(atom: Node, sizes: Sizes) -> bool:
    """Whether the steps of the atom, or of another expression, are counted."""
    if all(_is_posted(part, sizes) for part in children(atom)):
        return False  # most atoms: packs compile faster
    return steps_at_worst(atom, sizes) > FEW_STEPS


def _is_posted(node: Node, sizes: Sizes) -> bool:
    """Whether it is a constant or a posted fact."""
    return isinstance(node, Literal) or (isinstance(node, FactReference) and node.name not in sizes)


def has_costly_atom(condition: Node, sizes: Sizes) -> bool:
    return any(is_costly(atom, sizes) for atom in _atoms(condition))


def _atoms(node: Node) -> Iterator[Node]:
    if isinstance(node, And | Or | Not):
        for part in children(node):
            yield from _atoms(part)
    else:
        yield node


def constant_of_output(atom: Node) -> Literal | None:
    """The constant of `output == x`, `output != x` and `at_least(output, x)`: few values of an open output decide these."""
    match atom:
        case Binary(operator="==" | "!=", left=OutputReference(), right=Literal() as constant):
            return constant
        case Call(function="at_least", arguments=(OutputReference(), Literal() as constant)):
            return constant
    return None


def steps_at_worst(node: Node, sizes: Sizes) -> int:
    """The most steps of an atom: it is tried with all combinations of the values that its outputs can still have."""
    if constant_of_output(node) is not None:
        return FEW_STEPS
    options = [sizes[name].options for name in outputs_read(node) if name in sizes]
    tries = math.prod(options) if len(options) < 2 else min(math.prod(options), MOST_COMBINATIONS)
    return min(tries * _steps(node, sizes), ENOUGH)


def _steps(node: Node, sizes: Sizes) -> int:
    if isinstance(node, Quantifier):
        return _steps_of_loop(node, sizes)
    found = 1
    for part in children(node):
        found += _steps(part, sizes)
    if operands := scanned(node):
        found += _steps_to_scan(node, [size_of(part, sizes) for part in operands])
    return found


def _steps_of_loop(node: Quantifier, sizes: Sizes) -> int:
    source = size_of(node.source, sizes)
    tested = membership(node)
    if tested is not None:
        values = size_of(tested.values, sizes)
        found = _steps(node.source, sizes) + _steps(tested.values, sizes)
        return found + source.items + values.items
    inner = {**sizes, node.variable: Size(1, source.characters)}
    return min(_steps(node.source, sizes) + source.items * _steps(node.body, inner), ENOUGH)


def scanned(node: Node) -> tuple[Node, ...]:
    """The lists and texts that this part itself scans, element by element: its operands or some of them."""
    match node:
        case Binary(operator="in", right=values):
            return () if is_written_out(values) else (values,)
        case Binary(operator="+", left=left, right=right) if not node.type.is_numeric:
            return tuple(side for side in (left, right) if side.type.is_textual or side.type.item)
        case Call(arguments=arguments):
            return tuple(part for part in arguments if _is_searched(part))
    return ()


def _is_searched(node: Node) -> bool:
    return node.type.name == "string" and not isinstance(node, Literal)


def _steps_to_scan(node: Node, sizes: Iterable[Size]) -> int:
    if isinstance(node, Binary) and node.operator == "in":
        return STEPS_OF_A_SCAN + sum(size.items for size in sizes)
    characters = sum(max(size.items, size.characters) for size in sizes)
    return STEPS_OF_A_SCAN + characters // CHARACTERS_OF_A_STEP


def steps_of_body(node: Node) -> int:
    """The steps of one evaluation, without the loops in it and without what its parts scan."""
    if isinstance(node, Quantifier):
        return 1 + steps_of_body(node.source)
    return 1 + sum(steps_of_body(part) for part in children(node))


def check_costs(
    read: Iterable[Node],
    sentences: Iterable[Sentence | DraftSentence],
    sizes: Sizes,
    collector: Collector,
) -> None:
    """Warns of each atom that can take many steps. `read` are the conditions and expressions of all but these sentences."""
    conditions = [*read, *(one.when for one in sentences if one.when is not None)]
    costly = {
        place_of(_loop(atom)): steps
        for condition in conditions
        for atom in _atoms(condition)
        if (steps := steps_at_worst(atom, sizes)) > MANY_STEPS
    }
    for place, steps in costly.items():
        message = (
            f"with the longest lists and texts this takes {_worded(steps)} steps, "
            f"an incident may take {STEPS_OF_AN_INCIDENT:,} in all"
        )
        hint = "nest fewer `exists` and `all`; `x in xs` asks whether x is an element of xs"
        collector.at(place).warning("costly-condition", message, hint)


def _worded(steps: int) -> str:
    return f"{steps:,}" if steps < ENOUGH else f"more than {ENOUGH:,}"


def _loop(atom: Node) -> Node:
    """The outermost loop of an atom, or the atom."""
    return next((part for part in walk(atom) if isinstance(part, Quantifier)), atom)
