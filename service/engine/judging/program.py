"""A compiled pack: slots, derived facts, the evaluators of its rules, and the rules that give each output a value."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from schemas.previous import Previous
from service.engine.bits import bits
from service.engine.expressions.budget import UNCOUNTED, Steps
from service.engine.expressions.layout import (
    ABSENT_SLOT,
    HAS_UNKNOWN_SLOT,
    Environment,
    Evaluate,
    Layout,
)
from service.engine.judging.again import Completion
from service.engine.judging.dates.deadlines import Deadlines
from service.engine.judging.previous import previous_values
from service.engine.reference.condition_code import Derive
from service.engine.reference.index import Giving, MatchRules
from service.language.declared.hit_policies import combined, outcomes
from service.language.declared.vocabulary.calm import EVERY_FACT_IS_SURE
from service.language.model import Output, Pack


class Giver(NamedTuple):
    """The position of a rule, and a value that it gives an output."""

    rule: int
    value: Any


class ConditionalFact(NamedTuple):
    """A posted fact that does not apply to every incident: its condition, and its value if it is absent and does not apply."""

    name: str
    slot: int
    applies: Evaluate
    otherwise: Any

    def fill(self, environment: Environment) -> None:
        """Fills the slot of the absent fact. It is unknown if it applies, or if that is unknown."""
        applies = self.applies(environment)
        environment[self.slot] = self.otherwise if applies is False else None


class DecidedOutput(NamedTuple):
    """An output that no rule of a later stratum sets, with its givers.

    Givers are in rule order; those of an output that collects each value once are sorted by the first mention of their values.
    `rules` has a bit for each giver's rule (bit n is rule n). `given_values` has the values, each with the bits of its
    rules. A value is listed once if its number of givers makes no difference.
    """

    slot: int
    output: Output
    givers: tuple[Giver, ...]
    rules: int
    given_values: tuple[tuple[Any, int], ...]

    @classmethod
    def of(cls, slot: int, output: Output, givers: tuple[Giver, ...]) -> DecidedOutput:
        rules = bits(giver.rule for giver in givers)
        return cls(slot, output, givers, rules, tuple(_given_values(output, givers)))

    def with_bits(self, spread: Callable[[int], int]) -> DecidedOutput:
        """The same for rules that have other bits."""
        values = tuple((value, spread(givers)) for value, givers in self.given_values)
        return self._replace(rules=spread(self.rules), given_values=values)

    def sure(self, true: int) -> list[Any]:
        """The values that these rules give."""
        return [value for value, givers in self.given_values if givers & true]

    def conflict(self, sure: Sequence[Any]) -> bool:
        """Whether rules gave values that contradict each other."""
        return len(sure) > 1 and self.output.policy.conflict(sure)

    def value(self, sure: Sequence[Any], true: int, unknown: int) -> tuple[Any, Any]:
        """The value of the output, and what it can be if the unknown rules may fire too."""
        value = combined(self.output, sure)
        if not unknown & self.rules:
            return value, value
        return value, outcomes(self.output, self.given(true, true | unknown))

    def given(self, true: int, either: int) -> list[tuple[Any, bool]]:
        """The values that some rules give, each with whether it is sure. `true` and `either` are rules as bits: those that fire,
        and those that fire or may.
        """
        return [
            (value, givers & true != 0) for value, givers in self.given_values if givers & either
        ]


def _given_values(output: Output, givers: tuple[Giver, ...]) -> list[tuple[Any, int]]:
    if not output.policy.equal_values_count_once:
        return [(giver.value, 1 << giver.rule) for giver in givers]
    found: dict[Any, int] = {}
    for giver in givers:
        found[giver.value] = found.get(giver.value, 0) | 1 << giver.rule
    return list(found.items())


@dataclass(frozen=True, slots=True)
class Program:
    """A pack made ready to be evaluated. Rules are numbered by position.

    `derived` has the slot of each derived fact with its evaluator, `derive_all` fills all these slots. `match_rules` finds the truth values of all rules; None if that needs too much memory, then `evaluators` find them.
    `decided[n]` are the outputs decided after stratum n, `read_by_rules[n]` those of them that rules of later strata read.
    `unread` decides the outputs that no rule reads.

    Four fields are rules as bits: `asks_has` are the rules whose own condition uses `has`; `costly` are those that take steps;
    `readers[slot]` are the rules that read an output; `levels[n]` are the rules of stratum n.

    `reads[n]` and `gives[n]` are the slots of the outputs that rule n reads and gives. `facts_of[n]` are the facts that
    it reads, in the order of the layout, and `facts_in_rules` all such facts with their slots. `at_first` has the
    defaults of the outputs. `conditionals` are the facts that do not apply to every incident, in the order of computation.
    `verdict` has the condition of each sentence of the verdict, None for one without.
    `scaled` are the outputs that have a value below the scale, with their slots.
    `derived_by_has` are the derived facts that use `has`, also through another derived fact, each with the rules that read it, as bits.
    `costly_rules_read_outputs` says whether one of the costly rules reads an output.
    `restless` are the posted facts that are not always calm, where an output has a value below the scale.
    `completions` has by code when an action is done and what asks for it again.
    """

    pack: Pack
    layout: Layout
    derived: tuple[tuple[int, Evaluate], ...]
    derive_all: Derive
    evaluators: tuple[Evaluate, ...]
    match_rules: MatchRules | None
    decided: tuple[tuple[DecidedOutput, ...], ...]
    read_by_rules: tuple[tuple[DecidedOutput, ...], ...]
    unread: tuple[Giving, ...]
    has_slots: tuple[int, ...]
    asks_has: int
    costly: int
    costly_rules_read_outputs: bool
    readers: Mapping[int, int]
    levels: tuple[int, ...]
    reads: tuple[frozenset[int], ...]
    gives: tuple[frozenset[int], ...]
    facts_of: tuple[tuple[str, ...], ...]
    facts_in_rules: tuple[tuple[str, int], ...]
    deadlines: Deadlines
    completions: Mapping[str, Completion]
    assumptions: tuple[tuple[str, int, Any], ...]
    conditionals: tuple[ConditionalFact, ...]
    at_first: dict[str, Any]
    verdict: tuple[Evaluate | None, ...]
    scaled: tuple[tuple[int, Output], ...]
    derived_by_has: tuple[tuple[int, Evaluate, int], ...]
    restless: frozenset[str]

    def environment(
        self,
        facts: Mapping[str, Any],
        as_of: datetime,
        previous: Previous | None = None,
        steps: Steps = UNCOUNTED,
        carried_out: Collection[str] = (),
        *,
        every_fact_is_sure: bool = True,
    ) -> tuple[Environment, dict[str, Any]]:
        """An environment with facts, the previous answer, assumptions and derived facts; and the assumptions that were used.

        `facts` is keyed by dotted name. None is a fact sent as null; no assumption replaces it. `steps` are the steps
        that the incident may take. A fact that does not apply is among the assumptions. `every_fact_is_sure` is false if a
        posted fact is wrong, old, of one page alone, or disputed. `carried_out` are the actions that the request itself tells as done.
        """
        environment = self.layout.new_environment(as_of, steps)
        slots = self.layout.facts
        for name, value in facts.items():
            environment[slots[name]] = value
            if value is None and name in self.restless:
                every_fact_is_sure = False
        assumed = {}
        for name, slot, value in self.assumptions:
            if name not in facts:
                environment[slot] = assumed[name] = value
        for name, value in previous_values(self.pack, previous, carried_out):
            environment[slots[name]] = value
        absent = tuple(one for one in self.conditionals if one.name not in facts)
        environment[ABSENT_SLOT] = absent
        if every_fact_is_sure and self.scaled:
            environment[slots[EVERY_FACT_IS_SURE]] = True
        self.derive(environment)
        for one in absent:
            if environment[one.slot] is not None:
                assumed[one.name] = environment[one.slot]
        return environment, assumed

    def derive(self, environment: Environment) -> None:
        """Computes from the other slots which absent facts do not apply, then the derived facts."""
        for one in environment[ABSENT_SLOT]:
            one.fill(environment)
        self.derive_all(environment)

    def asks_has_of_unknown(self, environment: Environment) -> bool:
        return any(environment[slot] is None for slot in self.has_slots)

    def relaxed_environment(self, environment: Environment) -> tuple[Environment, int]:
        """A copy for the relaxed judgement, in which `has` of an unknown fact is unknown, and the rules that can differ, as bits.

        Only facts that are computed by way of `has` can differ. Which facts apply never depends on `has`.
        """
        copy = list(environment)
        copy[HAS_UNKNOWN_SLOT] = None
        differ = self.asks_has
        for slot, evaluate, readers in self.derived_by_has:
            copy[slot] = value = evaluate(copy)
            if value != environment[slot]:
                differ |= readers
        return copy, differ
