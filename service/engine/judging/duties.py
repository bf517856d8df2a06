"""Adds the legal duties that a rule asks for only if an unknown fact says so. It blocks and holds nothing by itself.

Such a duty is not lost: it is among the conditional actions until a known fact removes it. If it were blocked, it is left
out; if it would be held, it is held, also until the facts that decide whether it is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from service.engine.bits import numbers
from service.engine.expressions.layout import Environment
from service.engine.judging.guards import ActionRules, Ask, Decision, Hold
from service.engine.judging.opposites import Opposites
from service.engine.reference.truths import Truths


def with_duties(
    decision: Decision,
    opposites: Opposites,
    truths: Truths,
    relaxed: Truths,
    environment: Environment,
) -> Decision:
    """`environment` is that of the relaxed judgement."""
    unknown, guards = truths.unknown | relaxed.unknown, opposites.guards
    alternatives = guards.alternatives
    allowed = {ask.code for ask in decision.allowed} if opposites.opponents else set()
    asked: dict[str, tuple[int, ...]] = {}
    conditional: list[Ask] = []
    held: list[Hold] = []
    for action in guards.duties:
        if not unknown & action.asks or truths.true & action.blocks:
            continue
        if not alternatives.can_be_statutory(
            action.code, alternatives.candidates(action.code, environment)
        ):
            continue
        if any(one.code in allowed for one in opposites.opponents.get(action.code, ())):
            continue  # the opposite wins, whatever the unknown facts are
        rules = tuple(numbers(unknown & action.asks))
        if truths.true & action.asks:
            asked[action.code] = rules
        elif truths.true & action.holds or unknown & action.blocks_or_holds:
            hold = guards.hold(action, truths, unknown, environment)
            held.append(_also_until_asked(hold, rules))
        elif waiting := opposites.hold(action.code, decision, truths, unknown):
            held.append(_also_until_asked(waiting, rules))
        else:
            conditional.append(Ask(action.code, (), rules))
    if asked:
        told = [one._replace(undetermined=asked.get(one.code, ())) for one in decision.allowed]
        decision = replace(decision, allowed=tuple(told))
    if held:
        decision = replace(decision, held=_in_order(guards.actions, [*decision.held, *held]))
    return replace(decision, conditional=tuple(conditional)) if conditional else decision


def _also_until_asked(hold: Hold, rules: tuple[int, ...]) -> Hold:
    return hold._replace(undetermined=tuple(sorted({*hold.undetermined, *rules})))


def _in_order(actions: Mapping[str, ActionRules], holds: list[Hold]) -> tuple[Hold, ...]:
    """The holds in the catalogue's order."""
    by_code = {hold.code: hold for hold in holds}
    return tuple(by_code[code] for code in actions if code in by_code)
