"""The budget of an incident: how many steps it may take. Steps are counted, never time: the same input gives the same answer."""

from __future__ import annotations

from typing import NamedTuple

from service.engine.errors import BudgetExceeded
from service.language.conditions.cost import STEPS_OF_AN_INCIDENT
from service.language.model import Pack
from service.language.syntax import Node, facts_read, walk

MOST_RULES_NAMED = 10
VERDICT = "verdict"
"""The key of pack.yaml, named like a rule: a sentence of the verdict can take too many steps too."""


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
    """The rules whose condition has this part, itself or through a derived fact; last the verdict, if one of its sentences has it."""
    facts = {one.fact.name for one in pack.applicabilities if node in walk(one.when)}
    for item in pack.derived:
        if node in walk(item.value) or not facts.isdisjoint(facts_read(item.value)):
            facts.add(item.fact.name)

    def has_it(when: Node) -> bool:
        return not facts.isdisjoint(facts_read(when)) or node in walk(when)

    sentences = [one.when for one in pack.verdict if one.when is not None]
    found = [rule.id for rule in pack.rules if has_it(rule.when)]
    return [*found, *([VERDICT] if any(map(has_it, sentences)) else [])]
