"""Finds which alternatives of an action or a ground hold. It reads facts and outputs after all rules, and nothing depends on it but the words and deadlines of an answer.

An alternative whose condition is unknown may hold: so may each one after it, up to the first whose condition is true.
Where all hold together, as laws of several places do, those after it count too. The conditions are read in the relaxed judgement: one that is true there is true whatever becomes known.
An alternative that has other words alone is not among those that may hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.vocabulary import Text
from service.engine.expressions.closures import compile_condition
from service.engine.expressions.layout import Environment, Evaluate, Layout
from service.language.model import Action, Alternative, Pack

WORDS = frozenset({"text", "owner", "inform", "source"})
"""What an alternative may change without changing what is due: who does it, and how it is said."""
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
                code: tuple(_condition(one, layout) for one in action.by_case)
                for code, action in pack.actions.items()
                if action.by_case
            },
        )

    def candidates(self, code: str, environment: Environment) -> tuple[int, ...]:
        """The positions of the alternatives that can hold. It is one position if it is known that one holds alone."""
        conditions = self.conditions.get(code)
        if conditions is None:
            return ONLY_OWN
        return candidates(conditions, environment, together=self.actions[code].together)

    def is_undecided(self, code: str, found: tuple[int, ...], environment: Environment) -> bool:
        """Whether an unknown fact decides which of those `found` hold."""
        if not self.actions[code].together:
            return len(found) > 1
        return any(condition(environment) is None for condition in self.conditions.get(code, ()))

    def grounds(self, code: str, environment: Environment) -> tuple[Text, ...]:
        """The grounds of the alternatives that are known to hold, otherwise the action's own."""
        found = self.candidates(code, environment)
        certain = [one for one in found if one != OWN and self._holds(code, one, environment)]
        if not certain or (len(found) > 1 and not self.actions[code].together):
            certain = [OWN]
        return tuple(self.action(code, position).ground for position in certain)

    def _holds(self, code: str, position: int, environment: Environment) -> bool:
        return self.conditions[code][position](environment) is True

    def action(self, code: str, position: int) -> Action:
        """The action as this alternative has it."""
        action = self.actions[code]
        return action if position == OWN else action.by_case[position].action

    def can_be_statutory(self, code: str, positions: tuple[int, ...]) -> bool:
        return any(self.action(code, position).statutory for position in positions)


def _condition(alternative: Alternative, layout: Layout) -> Evaluate:
    """Other words alone hold only where they are known to fit: while that is unknown, the action's own say it, and nothing is asked."""
    condition = compile_condition(alternative.when, layout)
    if not WORDS.issuperset(alternative.given):
        return condition
    return lambda environment: condition(environment) is True


def candidates(
    conditions: tuple[Evaluate, ...], environment: Environment, *, together: bool = False
) -> tuple[int, ...]:
    found, is_certain = [], False
    for position, condition in enumerate(conditions):
        truth = condition(environment)
        if truth is not False:
            found.append(position)
        if truth is True:
            is_certain = True
            if not together:
                break
    return tuple(found) if is_certain else (*found, OWN)


def known(conditions: tuple[Evaluate, ...], environment: Environment) -> int:
    """The position of the alternative that is known to hold, otherwise OWN: a ground is never that of a place which is unknown."""
    found = candidates(conditions, environment)
    return found[0] if len(found) == 1 else OWN
