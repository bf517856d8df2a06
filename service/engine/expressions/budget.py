"""The budget of an incident: how many steps it may take. Steps are counted, never time: the same input gives the same answer."""

from __future__ import annotations

from typing import NamedTuple

from service.engine.errors import BudgetExceeded
from service.language.conditions.cost import STEPS_OF_AN_INCIDENT
from service.language.model import Pack
from service.language.syntax import Node, facts_read, walk

MOST_RULES_NAMED = 10


class Budget(NamedTuple):
    """`judging` is for the whole answer except its contingency. `contingency` is its share."""

    judging: int = STEPS_OF_AN_INCIDENT
    contingency: int = 2 * STEPS_OF_AN_INCIDENT


BUDGET = Budget()


class Steps:
    """The steps that are left. They stand in the environment, so that all copies of it share them."""

    __slots__ = ("_pack", "left")

    def __init__(self, left: int, pack: Pack | None = None) -> None:
        self.left, self._pack = left, pack

    def take(self, number: int, node: Node | None = None) -> None:
        """Raises BudgetExceeded, which names the rules that have this part, if the pack is known."""
        self.left -= number
        if self.left < 0:
            rules = _rules_with(node, self._pack) if node and self._pack else []
            raise BudgetExceeded(rules[:MOST_RULES_NAMED])


class _Uncounted(Steps):
    def take(self, number: int, node: Node | None = None) -> None:
        pass


UNCOUNTED = _Uncounted(0)
"""For work that takes no more steps than other work which is counted, and for tests and measurements."""


def _rules_with(node: Node, pack: Pack) -> list[str]:
    """The rules whose condition has this part, itself or through a derived fact."""
    facts: set[str] = set()
    for item in pack.derived:
        if node in walk(item.value) or not facts.isdisjoint(facts_read(item.value)):
            facts.add(item.fact.name)
    return [
        rule.id
        for rule in pack.rules
        if not facts.isdisjoint(facts_read(rule.when)) or node in walk(rule.when)
    ]
