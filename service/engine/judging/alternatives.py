"""Finds which alternatives of an action or a ground hold. It reads facts and outputs after all rules, and nothing depends on it but the words and deadlines of an answer.

An alternative whose condition is unknown may hold: so may each one after it, up to the first whose condition is true.
The conditions are read in the relaxed judgement: one that is true there is true whatever becomes known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from service.engine.expressions.closures import compile_condition
from service.engine.expressions.layout import Environment, Evaluate, Layout
from service.language.model import Action, Pack

OWN = -1
"""The position of what holds where no alternative does: it stands after all of them."""
ONLY_OWN = (OWN,)


@dataclass(frozen=True, slots=True)
class Alternatives:
    """The conditions of the actions that have alternatives, in order. Made once per pack."""

    actions: Mapping[str, Action]
    conditions: Mapping[str, tuple[Evaluate, ...]]

    @classmethod
    def of(cls, pack: Pack, layout: Layout) -> Alternatives:
        return cls(
            pack.actions,
            {
                code: tuple(compile_condition(one.when, layout) for one in action.by_case)
                for code, action in pack.actions.items()
                if action.by_case
            },
        )

    def candidates(self, code: str, environment: Environment) -> tuple[int, ...]:
        """The positions of the alternatives that can hold. It is one position if it is known which one holds."""
        conditions = self.conditions.get(code)
        return ONLY_OWN if conditions is None else candidates(conditions, environment)

    def action(self, code: str, position: int) -> Action:
        """The action as this alternative has it."""
        action = self.actions[code]
        return action if position == OWN else action.by_case[position].action

    def can_be_statutory(self, code: str, positions: tuple[int, ...]) -> bool:
        return any(self.action(code, position).statutory for position in positions)


def candidates(conditions: tuple[Evaluate, ...], environment: Environment) -> tuple[int, ...]:
    found = []
    for position, condition in enumerate(conditions):
        truth = condition(environment)
        if truth is not False:
            found.append(position)
        if truth is True:
            return tuple(found)
    return (*found, OWN)


def known(conditions: tuple[Evaluate, ...], environment: Environment) -> int:
    """The position of the alternative that is known to hold, otherwise OWN: a ground is never that of a place which is unknown."""
    found = candidates(conditions, environment)
    return found[0] if len(found) == 1 else OWN
