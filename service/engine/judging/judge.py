"""Evaluates a compiled pack for one environment, stratum by stratum: which rules fire, and what each output is and can be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from service.engine.bits import numbers
from service.engine.errors import RuleConflict
from service.engine.expressions.layout import KEPT_SLOT, Environment
from service.engine.judging.program import DecidedOutput, Program
from service.engine.reference.index import Giving
from service.engine.reference.rule_bits import RuleBits
from service.engine.reference.truths import Truth, Truths
from service.language.declared.hit_policies import outcomes
from service.language.model import Pack

MOST_KEPT = 256
"""For how many sets of rules the values of an output are kept."""
ChangeBits = Callable[[int], int]
"""From rules as bits to the same rules as other bits."""


def _same(bits: int) -> int:
    return bits


@dataclass(frozen=True, slots=True)
class Judgement:
    """`values` and `can_be` are keyed by output name.

    A value is what the rules that fire give, else the default. `can_be` has the values that the output can still have (see
    `hit_policies.outcomes`); for a settled output it is the value.
    """

    rules: Truths
    values: dict[str, Any]
    can_be: dict[str, Any]
    environment: Environment

    @property
    def truths(self) -> list[Truth]:
        """`truths[n]` is the truth value of rule n."""
        return list(self.rules)


def judge(program: Program, environment: Environment) -> Judgement:
    """Judges one environment and writes the outputs into it. Raises RuleConflict."""
    values = program.at_first.copy()
    rules = match(program, environment, values)
    either = rules.true | rules.unknown
    for givers, decide in program.unread:
        if either & givers:
            decide(environment, values, rules.true, rules.unknown)
    can_be = {name: environment[slot] for name, slot in program.layout.outputs.items()}
    return Judgement(rules, values, can_be, environment)


def match(program: Program, environment: Environment, values: dict[str, Any]) -> Truths:
    """The truth values of the rules. It decides only the outputs that rules read, and writes them into `environment` and `values`.

    Raises RuleConflict.
    """
    if program.match_rules is None:
        return match_by_closures(program, environment, values)
    for name, slot in program.layout.outputs.items():
        environment[slot] = program.at_first[name]
    return Truths(len(program.pack.rules), *program.match_rules(environment, values))


def match_by_closures(program: Program, environment: Environment, values: dict[str, Any]) -> Truths:
    """The same without the index: it evaluates each rule, stratum by stratum."""
    for name, slot in program.layout.outputs.items():
        environment[slot] = program.at_first[name]
    rules = Truths(len(program.pack.rules))
    for stratum, decided in zip(program.pack.strata, program.read_by_rules, strict=True):
        for position in stratum:
            rules.change(position, program.evaluators[position](environment))
        either = rules.true | rules.unknown
        for one in decided:
            if either & one.rules:
                values[one.output.name], environment[one.slot] = output_value(program, one, rules)
    return rules


def judge_relaxed(program: Program, judgement: Judgement) -> Judgement:
    """Judges again with `has(f)` unknown wherever f is unknown: what the outputs can be if more facts become known.

    If no `has` is used on an unknown fact, it returns the judgement itself. No rule is true that was not, so there is no conflict.
    A costly rule that cannot differ takes no steps again. Where one reads an output, only closures know whether it can.
    """
    if not program.asks_has_of_unknown(judgement.environment):
        return judgement
    environment, again = program.relaxed_environment(judgement.environment)
    if program.match_rules is None or program.costly_rules_read_outputs:
        return relaxed_by_closures(program, judgement, environment, again)
    kept = environment[KEPT_SLOT]
    environment[KEPT_SLOT] = {n: judgement.rules.of(n) for n in numbers(program.costly & ~again)}
    found = judge(program, environment)
    environment[KEPT_SLOT] = kept
    return Judgement(found.rules, judgement.values, found.can_be, environment)


def relaxed_by_closures(
    program: Program, judgement: Judgement, environment: Environment, again: int
) -> Judgement:
    """The same without the index. It judges only rules that can differ: at first those in `again`, as bits.

    These use `has`, or read a fact that differs in `environment`. Others read an output that differs.
    """
    rules, still = judgement.rules.copy(), judgement.can_be.copy()
    touched = 0
    for level, decided in zip(program.levels, program.decided, strict=True):
        for position in numbers(again & level):
            if rules.change(position, program.evaluators[position](environment)):
                touched |= 1 << position
        for one in decided if touched else ():
            if touched & one.rules:
                can_be = outcomes(one.output, one.given(rules.true, rules.true | rules.unknown))
                environment[one.slot] = still[one.output.name] = can_be
                again |= program.readers[one.slot]
    return Judgement(rules, judgement.values, still, environment)


def output_value(program: Program, one: DecidedOutput, rules: Truths) -> tuple[Any, Any]:
    """The value that the rules that fire give, and what the output can be: the same if no undetermined rule gives it a value.

    Raises RuleConflict.
    """
    sure = one.sure(rules.true)
    if one.conflict(sure):
        raise _rule_conflict(program.pack, one, rules.true)
    return one.value(sure, rules.true, rules.unknown)


def deciders(
    pack: Pack, decided: Sequence[Sequence[DecidedOutput]], rule_bits: RuleBits
) -> list[list[Giving]]:
    """What decides these outputs for the index, by stratum, from the own bits of rules."""
    return [
        [decider(pack, one, rule_bits.spread, rule_bits.together) for one in level]
        for level in decided
    ]


def decider(
    pack: Pack, one: DecidedOutput, spread: ChangeBits = _same, together: ChangeBits = _same
) -> Giving:
    """It keeps what it found for the last sets of rules: most incidents meet few of them.

    `spread` gives the bits by which it is told of rules, `together` is its reverse.
    """
    own, name, slot = one.with_bits(spread), one.output.name, one.slot
    rules = own.rules

    @lru_cache(MOST_KEPT)
    def value(true: int, unknown: int) -> tuple[Any, Any]:
        sure = own.sure(true)
        if own.conflict(sure):
            raise _rule_conflict(pack, one, together(true))
        return own.value(sure, true, unknown)

    def decide(environment: Environment, values: dict[str, Any], true: int, unknown: int) -> None:
        values[name], environment[slot] = value(true & rules, unknown & rules)

    return Giving(rules, decide)


def _rule_conflict(pack: Pack, one: DecidedOutput, true: int) -> RuleConflict:
    firing = [pack.rules[rule].id for rule, _ in one.givers if true >> rule & 1]
    return RuleConflict(one.output.name, list(dict.fromkeys(firing)))
