"""Reads derived facts in the order of computation, and checks each expression against the declared type."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from schemas.types import Type
from schemas.vocabulary import Fact
from service.language.collector import BoundValue
from service.language.conditions.check import check_expression
from service.language.conditions.scope import Scope
from service.language.conditions.type_rules import filled
from service.language.dependencies import CircleError, order
from service.language.files.yaml_traps import is_cut
from service.language.model import Constants, Derived
from service.language.syntax import AsOf, Node, facts_read, walk


def read_derived(
    entries: Mapping[str, Any],
    computed: Mapping[str, Fact],
    facts: Mapping[str, Fact],
    constants: Constants,
    here: BoundValue,
) -> list[Derived]:
    """The derived facts, each after those that it reads. A circle is reported."""
    scope = Scope(facts, facts_file=here.place.file, constants=constants)
    found: dict[str, Derived] = {}
    for name, fact in computed.items():
        node = _expression(entries[name]["value"], fact, scope, here.at(name, "value"))
        if node is not None:
            found[name] = Derived(fact, node, entries[name]["value"])
    reads = {name: facts_read(item.value) & frozenset(found) for name, item in found.items()}
    try:
        return [found[name] for name in order(reads)]
    except CircleError as circle:
        message = f"these facts are computed from each other: {circle}"
        here.at(circle.path[0]).key.error("derived-circle", message)
        return []


def depending_on(roots: Collection[str], derived: Iterable[Derived]) -> frozenset[str]:
    """The derived facts that depend on any of these facts, directly or through other derived facts.

    `derived` is in the order of computation.
    """
    found: set[str] = set()
    for item in derived:
        read = facts_read(item.value)
        if not read.isdisjoint(roots) or not read.isdisjoint(found):
            found.add(item.fact.name)
    return frozenset(found)


def roots(derived: Iterable[Derived]) -> dict[str, frozenset[str]]:
    """For each derived fact, the facts from which it is computed in one or more steps and which are not derived.

    `derived` is in the order of computation.
    """
    found: dict[str, frozenset[str]] = {}
    for item in derived:
        read = facts_read(item.value)
        found[item.fact.name] = frozenset().union(*(found.get(n, frozenset([n])) for n in read))
    return found


def _expression(text: str, fact: Fact, scope: Scope, here: BoundValue) -> Node | None:
    if is_cut(here, flow_too=False):
        return None
    node = check_expression(text, scope, here.value)
    if node is None:
        return None
    if not facts_read(node) and not any(isinstance(part, AsOf) for part in walk(node)):
        here.error("constant-condition", f"the value of '{fact.name}' reads no fact")
    node = filled(node, fact.type)
    mismatch = _mismatch(fact.type, node.type)
    if mismatch is not None:
        message = f"'{fact.name}' is declared {fact.type}, its value is {node.type.with_article}"
        here.error("type-mismatch", message, mismatch)
        return None
    return node


def _mismatch(declared: Type, found: Type) -> str | None:
    """None if a value of `found` is one of `declared`, else a hint."""
    if found == declared or (declared.name == "string" and found.is_textual):
        return None
    if (declared.name, found.name) == ("number", "integer"):
        return "declare it as integer, or make the value a double: x * 1.0"
    return f"declare it as {found}"
