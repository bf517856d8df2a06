"""Finds which values an output can take if some facts may change and all others stay. It finds too many rather than too few.

It prunes the search. What it finds must not get into an answer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from service.engine.contingency.cone import STEPS_OF_A_RULE, Cone, ConeState, may_differ, options
from service.engine.expressions.layout import HAS_UNKNOWN_SLOT, STEPS_SLOT, Environment
from service.engine.judging.program import DecidedOutput
from service.engine.reference.truths import Truths
from service.language.declared.hit_policies import outcomes


class Reach(NamedTuple):
    """A state in which some facts are free: they are known, but may have any value.

    Everything that depends on them may be unknown in `environment`. `undecided` are the rules, as bits, that may fire or not because
    of them; all others stay as they are, also those that only other facts leave undetermined. `values` are those of the output.
    """

    environment: Environment
    rules: Truths
    undecided: int
    values: frozenset[Any]

    @classmethod
    def of(cls, state: ConeState) -> Reach:
        """With no free fact. `has` is unknown from here on, because a free fact is unknown in the environment."""
        environment = state.environment.copy()
        environment[HAS_UNKNOWN_SLOT] = None
        return cls(environment, state.rules, 0, frozenset([state.output.value]))


def freed(cone: Cone, before: Reach, facts: Collection[int]) -> Reach:
    """The facts in these slots are free too."""
    before.environment[STEPS_SLOT].take(cone.steps_to_copy)
    environment, rules = before.environment.copy(), before.rules
    undecided, values = before.undecided, before.values
    waiting = cone.waiting(cone.fill(environment, dict.fromkeys(facts), may_differ))
    for positions, decided in zip(waiting, cone.decided, strict=True):
        undecided |= _undetermined(cone, positions, environment, rules, undecided)
        new = undecided & ~before.undecided
        for one in decided if new else ():
            if new & one.rules:
                environment[one.slot] = _can_be(one, rules, undecided)
                cone.add_readers(waiting, one.slot)
                if one.output is cone.output:
                    values = _values(one, rules, undecided)
    return Reach(environment, rules, undecided, values)


def _undetermined(
    cone: Cone, positions: Iterable[int], environment: Environment, rules: Truths, undecided: int
) -> int:
    """A bit for each of these rules whose condition is unknown. What was unknown before stays so, when more is unknown."""
    found, known = 0, ~(rules.unknown | undecided)
    for position in positions:
        if known >> position & 1:
            environment[STEPS_SLOT].take(STEPS_OF_A_RULE)
            if cone.program.evaluators[position](environment) is not None:
                continue
        found |= 1 << position
    return found


def _can_be(one: DecidedOutput, rules: Truths, undecided: int) -> Any:
    """What rules may read: an undetermined rule counts as one that may fire, whatever it depends on."""
    true, either = rules.true & ~undecided, rules.true | rules.unknown | undecided
    return outcomes(one.output, one.given(true, either))


def _values(one: DecidedOutput, rules: Truths, undecided: int) -> frozenset[Any]:
    true = rules.true & ~undecided
    return options(outcomes(one.output, one.given(true, true | undecided)))
