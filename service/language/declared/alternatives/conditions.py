"""Reads the conditions of alternatives. They are read after all rules, so they may use facts and outputs and make no circle."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from service.language.collector import BoundValue
from service.language.conditions.scope import RULE_CLOSED, Scope
from service.language.conditions.when import read_condition
from service.language.model import Action, Rule
from service.language.syntax import Node


def read_conditions(
    entries: Sequence[Mapping[str, Any]], scope: Scope, here: BoundValue
) -> list[Node | None]:
    """The condition of each entry, None where it has a mistake. An entry that can never hold is reported."""
    readable = replace(scope, closed=RULE_CLOSED)
    found: list[Node | None] = []
    before: list[Any] = []
    for number, entry in enumerate(entries):
        at = here.at(number, "when")
        found.append(read_condition(entry.get("when"), readable, at))
        if entry.get("when") in before:
            message = "this alternative can never hold: one before it has the same condition"
            hint = "the first alternative whose condition is true holds; remove this one"
            at.error("alternative-unreachable", message, hint)
        elif entry.get("when") == "always":
            message = "this alternative always holds"
            hint = "what holds in all other cases stands beside by_case, not in it"
            at.error("alternative-unreachable", message, hint)
        before.append(entry.get("when"))
    return found


def conditions_of(actions: Mapping[str, Action], rules: Iterable[Rule]) -> list[Node]:
    """The conditions of all alternatives of a pack."""
    found = [one.when for action in actions.values() for one in action.by_case]
    grounds = (one for rule in rules for given in rule.then for one in given.by_case)
    return found + [one.when for one in grounds]
