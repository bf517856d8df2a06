"""Reads of each posted fact which of its values tell nothing of an incident, and makes the fact that rules read of them all."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

from schemas.types import BOOLEAN
from schemas.vocabulary import ABSENT, Fact
from service.language.collector import BoundValue
from service.language.conditions.scope import Scope
from service.language.conditions.when import read_condition
from service.language.model import Derived
from service.language.syntax import (
    ALWAYS,
    And,
    Binary,
    FactReference,
    Has,
    ListOf,
    Literal,
    Node,
    Not,
    Or,
)

CALM = "calm"
ALWAYS_CALM = "always"
POSTED = "posted."
"""The group of the facts that say something of all posted facts."""
POSTED_CALM = "posted.calm"
"""The fact that is true if every posted fact is calm, and all are sure. Only a pack with a value below the scale has it."""
POSTED_WATCH = "posted.watch"
"""The same, where facts of the watch may have any value and no fact need be sure: nothing but figures of the watch is told."""
EVERY_FACT_IS_SURE = "every posted fact is sure"
"""A fact that authors cannot name. It is unknown if a posted fact is wrong, old, of one page of results alone, or disputed,
or if one is null that is not always calm."""


def read_calm_facts(
    entries: Mapping[str, Any], posted: Mapping[str, Fact], scope: Scope, here: BoundValue
) -> dict[str, Node]:
    """By fact when its value is calm. `scope` has all names of the pack: outputs and the previous answer are refused."""
    reason = "whether a value is calm depends on the facts of this request only"
    scope = replace(scope, closed=dict.fromkeys(scope.outputs, reason))
    found = {}
    for name in posted:
        if CALM in entries[name]:
            node = read_condition(entries[name][CALM], scope, here.at(name, CALM))
            if node is not None:
                found[name] = node
    return found


def check_calm(
    calm: Collection[str], names: Collection[str], is_scaled: bool, here: BoundValue
) -> None:
    """Warn of each `calm` that nothing reads, or report each fact of the group that the pack then has for itself.

    `here` is bound to facts.yaml.
    """
    for name in calm if not is_scaled else ():
        message = "nothing reads this: no output has a value below the scale"
        here.at("facts", name, CALM).key.warning("below-scale", message)
    for name in names if is_scaled else ():
        if name.startswith(POSTED):
            message = f"'{name}': the group 'posted' says what all posted facts are"
            here.at("facts", name).key.error("name-conflict", message, "choose another group")


def of_all_posted(posted: Mapping[str, Fact], calm: Mapping[str, Node]) -> list[Derived]:
    """Both facts. A fact that was not told speaks neither way; one that was told and does not say when it is calm is not."""
    parts: dict[bool, list[Node]] = {False: [], True: []}
    for name, fact in posted.items():
        told = _is_calm(fact, calm.get(name))
        if told is not None:
            parts[fact.watch].append(told)
    names = (POSTED_WATCH, EVERY_FACT_IS_SURE)
    both: list[Node] = [FactReference(name, type=BOOLEAN) for name in names]
    return [_derived(POSTED_WATCH, parts[False]), _derived(POSTED_CALM, [*both, *parts[True]])]


def _derived(name: str, parts: list[Node]) -> Derived:
    return Derived(Fact(name, BOOLEAN, {}), And(tuple(parts)) if parts else ALWAYS, name)


def is_always_calm(fact: Fact) -> bool:
    return bool(fact.calm == ALWAYS_CALM)


def _is_calm(fact: Fact, calm: Node | None) -> Node | None:
    """None if every value of it is calm."""
    if calm == ALWAYS:
        return None
    here = FactReference(fact.name, type=fact.type)
    ways: list[Node] = [Not(Has(here)), *_taken_for(fact, here)]
    ways += [] if calm is None else [calm]
    return ways[0] if len(ways) == 1 else Or(tuple(ways))


def _taken_for(fact: Fact, here: Node) -> Iterator[Node]:
    """It has the value that it would have without being told: with this it speaks neither way too."""
    for value in (fact.assume, fact.otherwise):
        if value is not ABSENT:
            yield Binary("==", here, _literal(fact, value), type=BOOLEAN)


def _literal(fact: Fact, value: Any) -> Node:
    if fact.type.item is None:
        return Literal(value=value, type=fact.type)
    items = tuple(Literal(value=one, type=fact.type.item) for one in value)
    return ListOf(items, type=fact.type)
