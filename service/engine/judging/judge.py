"""Runs a compiled pack over one environment, stratum by stratum: which rules fire, what each output is and can be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import compress
from typing import Any

from service.engine.bits import numbers
from service.engine.errors import RuleConflict
from service.engine.expressions.closures import Environment
from service.engine.judging.program import Final, Program
from service.language.declared.hit_policies import combined, possible

Truth = bool | None


@dataclass(slots=True)
class Truths:
    """The truth values of all rules, by position, and of the true and the unknown ones a bit each (bit n for rule n)."""

    values: list[Truth]
    true: int = 0
    unknown: int = 0

    @classmethod
    def all_false(cls, number: int) -> Truths:
        return cls([False] * number)

    def copy(self) -> Truths:
        return Truths(self.values.copy(), self.true, self.unknown)

    def change(self, position: int, truth: Truth) -> bool:
        """Whether it was another before."""
        if self.values[position] is truth:
            return False
        self.values[position] = truth
        bit = 1 << position
        self.true = self.true | bit if truth is True else self.true & ~bit
        self.unknown = self.unknown | bit if truth is None else self.unknown & ~bit
        return True

    def fired(self) -> Iterable[int]:
        """The positions of the true ones, in order."""
        return compress(range(len(self.values)), self.values)

    def firing(self, positions: Iterable[int]) -> tuple[int, ...]:
        """Those of these rules that are true."""
        values = self.values
        return tuple([position for position in positions if values[position]])


@dataclass(frozen=True, slots=True)
class Judgement:
    """`shown` and `possible` go by output name: what fired gives, else the default, and what it can be (see `possible`)."""

    rules: Truths
    shown: dict[str, Any]
    possible: dict[str, Any]
    environment: Environment

    @property
    def truths(self) -> list[Truth]:
        """`truths[n]` is rule n's."""
        return self.rules.values


def judge(program: Program, environment: Environment) -> Judgement:
    """Judge one environment, which is filled in with the outputs. Raises RuleConflict."""
    shown = program.at_first.copy()
    rules = match(program, environment, shown)
    _settle(program, program.last, rules, environment, shown)
    can_be = {name: environment[slot] for name, slot in program.layout.outputs.items()}
    return Judgement(rules, shown, can_be, environment)


def match(program: Program, environment: Environment, shown: dict[str, Any]) -> Truths:
    """Which rules fire. Of the outputs, `environment` and `shown` are given only those that rules read.

    Raises RuleConflict.
    """
    for name, slot in program.layout.outputs.items():
        environment[slot] = program.at_first[name]
    rules = Truths.all_false(len(program.pack.rules))
    truths = rules.values
    for judge_stratum, finished in zip(program.strata, program.read_by_rules, strict=True):
        is_true: list[int] = []
        is_unknown: list[int] = []
        judge_stratum(environment, is_true.append, is_unknown.append)
        for position in is_true:
            truths[position] = True
            rules.true |= 1 << position
        for position in is_unknown:
            truths[position] = None
            rules.unknown |= 1 << position
        _settle(program, finished, rules, environment, shown)
    return rules


def _settle(
    program: Program,
    finals: Iterable[Final],
    rules: Truths,
    environment: Environment,
    shown: dict[str, Any],
) -> None:
    """Those of these outputs that a rule gives, or may give, a value; the others keep their defaults."""
    either = rules.true | rules.unknown
    for final in finals:
        if either & final.rules:
            shown[final.output.name], environment[final.slot] = settled(program, final, rules)


def judge_bounds(program: Program, judgement: Judgement) -> Judgement:
    """The judgement with `has` of an unknown fact itself unknown: what more facts could still make of it.

    Only what can differ is judged again: rules that ask `has`, and those that read what differs. Where
    no unknown fact is asked for that is nothing: the judgement itself.
    """
    if not program.asks_has_of_unknown(judgement.environment):
        return judgement
    environment = program.for_bounds(judgement.environment)
    rules, still = judgement.rules.copy(), judgement.possible.copy()
    again, touched = program.asks_has, 0
    for level, finished in zip(program.levels, program.finished, strict=True):
        for position in numbers(again & level):
            if rules.change(position, program.evaluators[position](environment)):
                touched |= 1 << position
        for final in finished if touched else ():
            if touched & final.rules:
                can_be = possible(final.output, _given(final, rules))
                environment[final.slot] = still[final.output.name] = can_be
                again |= program.readers[final.slot]
    return Judgement(rules, judgement.shown, still, environment)


def settled(program: Program, final: Final, rules: Truths) -> tuple[Any, Any]:
    """What the fired rules give, and what the output can be: the same, if no giver is undetermined.

    Raises RuleConflict.
    """
    true = rules.true
    output = final.output
    sure = [value for value, givers in final.gifts if givers & true]
    if len(sure) > 1 and output.hit in ("any", "unique"):
        firing = [rule for rule, _ in final.givers if rules.values[rule]]
        ids = dict.fromkeys(program.pack.rules[rule].id for rule in firing)
        raise RuleConflict(output.name, list(ids))
    shown = combined(output, sure)
    if not rules.unknown & final.rules:
        return shown, shown
    return shown, possible(output, _given(final, rules))


def _given(final: Final, rules: Truths) -> list[tuple[Any, bool]]:
    true, either = rules.true, rules.true | rules.unknown
    return [(value, givers & true != 0) for value, givers in final.gifts if givers & either]
