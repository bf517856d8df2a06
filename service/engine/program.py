"""A pack compiled for judging: slots, derived facts, each rule's evaluator, each output's givers. Built once per pack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from schemas.previous import Previous
from schemas.vocabulary import ABSENT
from service.engine.bits import bits
from service.engine.deadlines import Deadlines, compile_deadlines
from service.engine.last_answer import last_answer
from service.engine.layout import AS_OF_SLOT, HAS_UNKNOWN_SLOT, Layout
from service.engine.reference import Environment, Evaluate, compile_condition, compile_expression
from service.engine.strata_code import JudgeStratum, compile_stratum
from service.language.model import Output, Pack, Rule
from service.language.syntax import FactReference, Has, Node, facts_read, outputs_read, walk


class Giver(NamedTuple):
    """A rule (by position) and a value it gives an output."""

    rule: int
    value: Any


class Final(NamedTuple):
    """An output that is final after some stratum, with its givers in rule order.

    `rules` has a bit for each giver's rule (bit n for rule n), `gifts` the values given, each with such
    bits. A value stands once if it makes no difference how many rules give it.
    """

    slot: int
    output: Output
    givers: tuple[Giver, ...]
    rules: int
    gifts: tuple[tuple[Any, int], ...]

    @classmethod
    def of(cls, slot: int, output: Output, givers: tuple[Giver, ...]) -> Final:
        rules = bits(giver.rule for giver in givers)
        return cls(slot, output, givers, rules, tuple(_gifts(output, givers)))


def _gifts(output: Output, givers: tuple[Giver, ...]) -> list[tuple[Any, int]]:
    if output.hit not in ("priority", "any", "collect", "min", "max"):
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
    finished: tuple[tuple[Final, ...], ...]
    read_by_rules: tuple[tuple[Final, ...], ...]
    last: tuple[Final, ...]
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
    defaults: tuple[tuple[int, Any], ...]
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
        for name, value in last_answer(self.pack, previous):
            environment[slots[name]] = value
        self.derive(environment)
        return environment, assumed

    def derive(self, environment: Environment) -> None:
        """Fill in what is computed from the other slots."""
        for slot, evaluate in self.derived:
            environment[slot] = evaluate(environment)

    def asks_has_of_unknown(self, environment: Environment) -> bool:
        return any(environment[slot] is None for slot in self.has_slots)

    def for_bounds(self, environment: Environment) -> Environment:
        """A copy in which `has` of an unknown fact is itself unknown: more facts would change it."""
        copy = list(environment)
        copy[HAS_UNKNOWN_SLOT] = None
        self.derive(copy)
        return copy


def compile_pack(pack: Pack) -> Program:
    derived_names = [derived.fact.name for derived in pack.derived]
    names = [*pack.vocabulary.facts, *derived_names, *pack.previous]
    layout = Layout.of(names, pack.outputs)
    derived = tuple(
        (layout.facts[item.fact.name], compile_expression(item.value, layout))
        for item in pack.derived
    )
    evaluators = tuple(_evaluator(rule, layout) for rule in pack.rules)
    finished = _finished(pack, layout)
    reads = tuple(
        frozenset(layout.outputs[name] for name in outputs_read(rule.when)) for rule in pack.rules
    )
    read = frozenset().union(*reads)
    facts_of = tuple(_facts_of(rule, layout) for rule in pack.rules)
    asked_of = frozenset().union(*facts_of)
    return Program(
        pack=pack,
        layout=layout,
        derived=derived,
        evaluators=evaluators,
        strata=_strata(pack, layout, evaluators),
        finished=finished,
        read_by_rules=tuple(tuple(one for one in level if one.slot in read) for level in finished),
        last=tuple(one for level in finished for one in level if one.slot not in read),
        has_slots=_has_slots(pack, layout),
        asks_has=_asks_has(pack),
        readers={
            slot: bits(n for n, slots in enumerate(reads) if slot in slots)
            for slot in layout.outputs.values()
        },
        levels=tuple(map(bits, pack.strata)),
        reads=reads,
        gives=tuple(
            frozenset(layout.outputs[given.output] for given in rule.then) for rule in pack.rules
        ),
        facts_of=facts_of,
        facts_in_rules=tuple(
            (name, slot) for name, slot in layout.facts.items() if name in asked_of
        ),
        deadlines=compile_deadlines(pack, layout),
        assumptions=tuple(
            (fact.name, layout.facts[fact.name], fact.assume)
            for fact in pack.vocabulary.facts.values()
            if fact.assume is not ABSENT
        ),
        defaults=tuple(
            (layout.outputs[name], output.default) for name, output in pack.outputs.items()
        ),
        at_first={name: output.default for name, output in pack.outputs.items()},
    )


def _evaluator(rule: Rule, layout: Layout) -> Evaluate:
    condition = compile_condition(rule.when, layout)
    effective = compile_effective(rule)
    if effective is None:
        return condition

    def evaluate(environment: Environment) -> bool | None:
        return condition(environment) if effective(environment) else False

    return evaluate


def compile_effective(rule: Rule) -> Evaluate | None:
    """Whether the rule is in force at as_of, or None for one that always is. Half-open: until is excluded."""
    start, end = rule.effective_from, rule.effective_until
    if start is None and end is None:
        return None

    def evaluate(environment: Environment) -> bool:
        as_of = environment[AS_OF_SLOT]
        return (start is None or start <= as_of) and (end is None or as_of < end)

    return evaluate


def _finished(pack: Pack, layout: Layout) -> tuple[tuple[Final, ...], ...]:
    givers: dict[str, list[Giver]] = {name: [] for name in pack.outputs}
    for position, rule in enumerate(pack.rules):
        for given in rule.then:
            givers[given.output].append(Giver(position, given.value))
    for name, output in pack.outputs.items():
        if output.hit == "collect":
            givers[name] = _by_first_mention(givers[name])
    return tuple(
        tuple(
            Final.of(layout.outputs[name], output, tuple(givers[name]))
            for name, output in pack.outputs.items()
            if pack.output_stratum[name] == level
        )
        for level in range(len(pack.strata))
    )


def _strata(
    pack: Pack, layout: Layout, evaluators: tuple[Evaluate, ...]
) -> tuple[JudgeStratum, ...]:
    own = [compile_effective(rule) is not None for rule in pack.rules]
    return tuple(
        compile_stratum(
            [(n, pack.rules[n].when, evaluators[n] if own[n] else None) for n in stratum], layout
        )
        for stratum in pack.strata
    )


def _by_first_mention(givers: list[Giver]) -> list[Giver]:
    """So that the order of what is collected does not hang on which rules fire."""
    values = list(dict.fromkeys(giver.value for giver in givers))
    return sorted(givers, key=lambda giver: values.index(giver.value))


def _has_slots(pack: Pack, layout: Layout) -> tuple[int, ...]:
    nodes = [rule.when for rule in pack.rules] + [item.value for item in pack.derived]
    asked = {
        node.operand.name
        for root in nodes
        for node in walk(root)
        if isinstance(node, Has) and isinstance(node.operand, FactReference)
    }
    return tuple(sorted(layout.facts[name] for name in asked))


def _asks_has(pack: Pack) -> int:
    asking: set[str] = set()

    def asks(node: Node) -> bool:
        return any(isinstance(part, Has) for part in walk(node)) or not asking.isdisjoint(
            facts_read(node)
        )

    for item in pack.derived:
        if asks(item.value):
            asking.add(item.fact.name)
    return bits(position for position, rule in enumerate(pack.rules) if asks(rule.when))


def _facts_of(rule: Rule, layout: Layout) -> tuple[str, ...]:
    read = facts_read(rule.when)
    return tuple(name for name in layout.facts if name in read)
