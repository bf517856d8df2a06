"""Evaluates quantifiers that only compare two lists. It looks at each element once, not at every pair."""

from __future__ import annotations

from service.engine.expressions.layout import STEPS_SLOT, Environment, Evaluate
from service.language.conditions.membership import Membership
from service.language.syntax import Quantifier


def over_common_elements(
    node: Quantifier, tested: Membership, source: Evaluate, values_of: Evaluate
) -> Evaluate:
    """`tested` is what the body tests of each element of `source`; `values_of` evaluates its list."""
    is_negated = node.kind == "exists"
    holds = frozenset.isdisjoint if is_negated is tested.expected else frozenset.issuperset

    def evaluate(environment: Environment) -> bool | None:
        items = source(environment)
        if items is None:
            return None
        if not items:
            return not is_negated
        values = values_of(environment)
        if values is None:
            return None
        environment[STEPS_SLOT].take(len(items) + len(values), node)
        return holds(frozenset(values), items) is not is_negated

    return evaluate
