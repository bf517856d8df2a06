"""A pack made ready for judging: slots, derived facts, what judges its rules, who gives each output. Judges nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from schemas.previous import Previous
from service.engine.bits import bits
from service.engine.expressions.layout import HAS_UNKNOWN_SLOT, Environment, Evaluate, Layout
from service.engine.judging.deadlines import Deadlines
from service.engine.judging.previous import previous_values
from service.engine.reference.strata_code import JudgeStratum
from service.language.model import Output, Pack


class Giver(NamedTuple):
    """A rule (by position) and a value it gives an output."""

    rule: int
    value: Any


class DecidedOutput(NamedTuple):
    """An output that is final after some stratum, with its givers in rule order.

    `rules` has a bit for each giver's rule (bit n for rule n), `gifts` the values given, each with such
    bits. A value stands once if it makes no difference how many rules give it.
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


def _given_values(output: Output, givers: tuple[Giver, ...]) -> list[tuple[Any, int]]:
    if not output.policy.equal_values_count_once:
        return [(giver.value, 1 << giver.rule) for giver in givers]
    found: dict[Any, int] = {}
    for giver in givers:
        found[giver.value] = found.get(giver.value, 0) | 1 << giver.rule
    return list(found.items())


@dataclass(frozen=True, slots=True)
class Program:
    """`strata` judge one stratum's rules each; `finished[n]` are the outputs that are final after stratum n.
    `read_by_rules[n]` are those of them that later strata read, `last` all others.

    `asks_has` are the rules whose condition asks `has`, perhaps by a derived fact, `readers[slot]` those
    that read an output and `levels[n]` those of stratum n, all as bits;
    `reads[n]` and `gives[n]` the slots of the outputs that rule n reads and gives; `facts_of[n]` the
    facts it reads, in the vocabulary's order, and `facts_in_rules` all such facts with their slots.
    """

    pack: Pack
    layout: Layout
    derived: tuple[tuple[int, Evaluate], ...]
    evaluators: tuple[Evaluate, ...]
    strata: tuple[JudgeStratum, ...]
    decided: tuple[tuple[DecidedOutput, ...], ...]
    read_by_rules: tuple[tuple[DecidedOutput, ...], ...]
    unread: tuple[DecidedOutput, ...]
    has_slots: tuple[int, ...]
    asks_has: int
    readers: Mapping[int, int]
    levels: tuple[int, ...]
    reads: tuple[frozenset[int], ...]
    gives: tuple[frozenset[int], ...]
    facts_of: tuple[tuple[str, ...], ...]
    facts_in_rules: tuple[tuple[str, int], ...]
    deadlines: Deadlines
    assumptions: tuple[tuple[str, int, Any], ...]
    at_first: dict[str, Any]

    def environment(
        self, facts: Mapping[str, Any], as_of: datetime, previous: Previous | None = None
    ) -> tuple[Environment, dict[str, Any]]:
        """The slots filled with facts, the last answer, assumptions and derived facts; and what was assumed.

        `facts` has dotted names; None stands for a fact sent as null, which nothing is assumed for.
        """
        environment = self.layout.new_environment(as_of)
        slots = self.layout.facts
        for name, value in facts.items():
            environment[slots[name]] = value
        assumed = {}
        for name, slot, value in self.assumptions:
            if name not in facts:
                environment[slot] = assumed[name] = value
        for name, value in previous_values(self.pack, previous):
            environment[slots[name]] = value
        self.derive(environment)
        return environment, assumed

    def derive(self, environment: Environment) -> None:
        """Fill in what is computed from the other slots."""
        for slot, evaluate in self.derived:
            environment[slot] = evaluate(environment)

    def asks_has_of_unknown(self, environment: Environment) -> bool:
        return any(environment[slot] is None for slot in self.has_slots)

    def relaxed_environment(self, environment: Environment) -> Environment:
        """A copy in which `has` of an unknown fact is itself unknown: more facts would change it."""
        copy = list(environment)
        copy[HAS_UNKNOWN_SLOT] = None
        self.derive(copy)
        return copy
