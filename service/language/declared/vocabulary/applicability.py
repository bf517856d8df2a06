"""Reads under which condition a posted fact applies, and what an absent one is taken for where it does not."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from schemas.vocabulary import ABSENT, Fact
from service.language.collector import BoundValue
from service.language.conditions.scope import Scope
from service.language.conditions.when import read_condition
from service.language.dependencies import CircleError, order
from service.language.model import Applicability
from service.language.syntax import AsOf, Has, Node, facts_read, walk

WHEN, OTHERWISE = "applies_when", "otherwise"


def read_applicabilities(
    entries: Mapping[str, Any], posted: Mapping[str, Fact], scope: Scope, here: BoundValue
) -> tuple[Applicability, ...]:
    """Each after those of the facts that its condition reads. A circle is reported.

    `scope` has all names of the pack: what is no posted fact is refused.
    """
    closed = dict.fromkeys(scope.outputs, "whether a fact applies depends on posted facts only")
    scope = replace(scope, closed=closed)
    found: dict[str, Applicability] = {}
    for name, fact in posted.items():
        if WHEN in entries[name] or OTHERWISE in entries[name]:
            one = _applicability(entries[name], fact, scope, posted, here.at(name))
            if one is not None:
                found[name] = one
    reads = {name: facts_read(one.when) & frozenset(found) for name, one in found.items()}
    try:
        return tuple(found[name] for name in order(reads))
    except CircleError as circle:
        message = f"whether these facts apply depends on each other: {circle}"
        here.at(circle.path[0], WHEN).key.error("applies-circle", message)
        return ()


def _applicability(
    entry: Mapping[str, Any],
    fact: Fact,
    scope: Scope,
    posted: Collection[str],
    here: BoundValue,
) -> Applicability | None:
    if not _has_form(entry, fact, here):
        return None
    node = read_condition(entry[WHEN], scope, here.at(WHEN))
    if node is None or not _reads_values_only(node, posted, here.at(WHEN)):
        return None
    return Applicability(fact, node, entry[WHEN])


def _has_form(entry: Mapping[str, Any], fact: Fact, here: BoundValue) -> bool:
    for key, other in ((WHEN, OTHERWISE), (OTHERWISE, WHEN)):
        if key not in entry:
            hint = "say what an absent fact is where it does not apply: otherwise: 0"
            message = f"'{other}' needs '{key}'"
            here.at(other).key.error("applies-form", message, hint if key == OTHERWISE else "")
            return False
    if "assume" in entry:
        message = "a fact with 'assume' is never asked for, so it cannot have 'applies_when'"
        here.at(WHEN).key.error("applies-form", message, "keep one of the two")
        return False
    return fact.otherwise is not ABSENT


def _reads_values_only(node: Node, posted: Collection[str], here: BoundValue) -> bool:
    """Whether it reads the values of posted facts and nothing else. With `has` it would be known while a fact is unknown."""
    read = facts_read(node)
    plain = not any(isinstance(part, Has | AsOf) for part in walk(node))
    if not (plain and read and read <= frozenset(posted)):
        message = "this condition reads values of posted facts only: no derived or previous fact, no has(), no as_of"
        here.error("applies-form", message)
        return False
    return True
