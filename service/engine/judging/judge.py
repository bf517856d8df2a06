"""Evaluates a compiled pack for one environment, stratum by stratum: which rules fire, and what each output is and can be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from service.engine.bits import numbers
from service.engine.errors import RuleConflict
from service.engine.expressions.layout import Environment
from service.engine.judging.program import DecidedOutput, Program
from service.engine.reference.truths import Truth, Truths
from service.language.declared.hit_policies import combined, outcomes


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
        return self.rules.values


def judge(program: Program, environment: Environment) -> Judgement:
    """Judges one environment and writes the outputs into it. Raises RuleConflict."""
    values = program.at_first.copy()
    rules = match(program, environment, values)
    _decide_outputs(program, program.unread, rules, environment, values)
    can_be = {name: environment[slot] for name, slot in program.layout.outputs.items()}
    return Judgement(rules, values, can_be, environment)


def match(program: Program, environment: Environment, values: dict[str, Any]) -> Truths:
    """The truth values of the rules. It decides only the outputs that rules read, and writes them into `environment` and `values`.

    Raises RuleConflict.
    """
    for name, slot in program.layout.outputs.items():
        environment[slot] = program.at_first[name]
    rules = Truths.all_false(len(program.pack.rules))
    truths = rules.values
    for judge_stratum, decided in zip(program.strata, program.read_by_rules, strict=True):
        is_true: list[int] = []
        is_unknown: list[int] = []
        judge_stratum(environment, is_true.append, is_unknown.append)
        for position in is_true:
            truths[position] = True
            rules.true |= 1 << position
        for position in is_unknown:
            truths[position] = None
            rules.unknown |= 1 << position
        _decide_outputs(program, decided, rules, environment, values)
    return rules


def _decide_outputs(
    program: Program,
    decided: Iterable[DecidedOutput],
    rules: Truths,
    environment: Environment,
    values: dict[str, Any],
) -> None:
    """Decides these outputs. An output keeps its default if no rule gives it a value and no undetermined rule can."""
    either = rules.true | rules.unknown
    for one in decided:
        if either & one.rules:
            values[one.output.name], environment[one.slot] = output_value(program, one, rules)


def judge_relaxed(program: Program, judgement: Judgement) -> Judgement:
    """Judges again with `has(f)` unknown wherever f is unknown: what the outputs can be if more facts become known.

    It judges only rules that can differ: those that use `has`, and those that read a fact or an output that differs. If no `has`
    is used on an unknown fact, it returns the judgement itself.
    """
    if not program.asks_has_of_unknown(judgement.environment):
        return judgement
    environment, again = program.relaxed_environment(judgement.environment)
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
    true = rules.true
    output = one.output
    sure = [value for value, givers in one.given_values if givers & true]
    if len(sure) > 1 and output.policy.conflict(sure):
        firing = [rule for rule, _ in one.givers if rules.values[rule]]
        ids = dict.fromkeys(program.pack.rules[rule].id for rule in firing)
        raise RuleConflict(output.name, list(ids))
    values = combined(output, sure)
    if not rules.unknown & one.rules:
        return values, values
    return values, outcomes(output, one.given(rules.true, rules.true | rules.unknown))
