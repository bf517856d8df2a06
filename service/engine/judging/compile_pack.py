"""Compiles a pack into a Program, once when it loads: slots, evaluators, the index, and which rules read and give each output."""

from __future__ import annotations

from functools import partial
from typing import Any

from schemas.vocabulary import ABSENT
from service.engine.bits import bits, numbers
from service.engine.expressions.closures import compile_condition
from service.engine.expressions.layout import Layout
from service.engine.judging.again import compile_completions
from service.engine.judging.dates.deadlines import compile_deadlines
from service.engine.judging.judge import decider, deciders
from service.engine.judging.program import ConditionalFact, DecidedOutput, Giver, Program
from service.engine.reference.index import MOST_BYTES_OF_MASKS, compile_index
from service.engine.reference.rule_conditions import (
    as_indexed,
    compile_all_derived,
    compile_derived,
    compile_rule,
)
from service.language.conditions.cost import has_costly_atom, sizes_of
from service.language.declared.derived_facts import roots
from service.language.declared.vocabulary.calm import is_always_calm
from service.language.model import Pack, Rule
from service.language.syntax import FactReference, Has, Node, facts_read, outputs_read, walk


def compile_pack(pack: Pack, most_bytes_of_masks: int = MOST_BYTES_OF_MASKS) -> Program:
    """The program. It has no index if the masks of the index would need more memory than that."""
    derived_names = [derived.fact.name for derived in pack.derived]
    names = [*pack.vocabulary.facts, *derived_names, *pack.previous]
    layout = Layout.of(names, pack.outputs)
    layout.sizes = sizes_of(pack.derived, pack.previous, pack.outputs, pack.rules)
    for name, computed_from in roots(pack.derived).items():
        layout.computed_from[name] = tuple(sorted(layout.facts[root] for root in computed_from))
    derived = tuple(
        (layout.facts[item.fact.name], compile_derived(item, layout)) for item in pack.derived
    )
    evaluators = tuple(compile_rule(rule, layout) for rule in pack.rules)
    costly = bits(
        n for n, rule in enumerate(pack.rules) if has_costly_atom(rule.when, layout.sizes)
    )
    by_has = _derived_by_has(pack)
    decided = _decided(pack, layout)
    reads = tuple(
        frozenset(layout.outputs[name] for name in outputs_read(rule.when)) for rule in pack.rules
    )
    read = frozenset().union(*reads)
    read_by_rules = tuple(tuple(one for one in level if one.slot in read) for level in decided)
    facts_of = tuple(_facts_of(rule, layout) for rule in pack.rules)
    return Program(
        pack=pack,
        layout=layout,
        derived=derived,
        derive_all=compile_all_derived(pack, layout, (evaluate for _, evaluate in derived)),
        evaluators=evaluators,
        match_rules=compile_index(
            as_indexed(pack, evaluators, costly),
            layout,
            pack.output_stratum,
            partial(deciders, pack, read_by_rules),
            most_bytes_of_masks,
        ),
        decided=decided,
        read_by_rules=read_by_rules,
        unread=tuple(
            decider(pack, one) for level in decided for one in level if one.slot not in read
        ),
        has_slots=_has_slots(pack, layout),
        asks_has=bits(n for n, rule in enumerate(pack.rules) if _asks_has(rule.when, frozenset())),
        costly=costly,
        costly_rules_read_outputs=any(reads[n] for n in numbers(costly)),
        readers=_readers(layout, reads),
        levels=tuple(map(bits, pack.strata)),
        reads=reads,
        gives=tuple(
            frozenset(layout.outputs[given.output] for given in rule.then) for rule in pack.rules
        ),
        facts_of=facts_of,
        facts_in_rules=_facts_in_rules(facts_of, layout),
        deadlines=compile_deadlines(pack, layout),
        completions=compile_completions(pack, layout),
        assumptions=_assumptions(pack, layout),
        conditionals=tuple(
            ConditionalFact(
                one.fact.name,
                layout.facts[one.fact.name],
                compile_condition(one.when, layout),
                one.fact.otherwise,
            )
            for one in pack.applicabilities
        ),
        at_first={name: output.default for name, output in pack.outputs.items()},
        verdict=tuple(
            None if sentence.when is None else compile_condition(sentence.when, layout)
            for sentence in pack.verdict
        ),
        scaled=tuple(
            (layout.outputs[name], output)
            for name, output in pack.outputs.items()
            if output.below_scale
        ),
        restless=frozenset(
            name for name, fact in pack.vocabulary.facts.items() if not is_always_calm(fact)
        ),
        derived_by_has=tuple(
            (slot, evaluate, _rules_that_read(item.fact.name, facts_of))
            for (slot, evaluate), item in zip(derived, pack.derived, strict=True)
            if item.fact.name in by_has
        ),
    )


def _readers(layout: Layout, reads: tuple[frozenset[int], ...]) -> dict[int, int]:
    readers: dict[int, list[int]] = {slot: [] for slot in layout.outputs.values()}
    for position, slots in enumerate(reads):
        for slot in slots:
            readers[slot].append(position)
    return {slot: bits(positions) for slot, positions in readers.items()}


def _assumptions(pack: Pack, layout: Layout) -> tuple[tuple[str, int, Any], ...]:
    return tuple(
        (fact.name, layout.facts[fact.name], fact.assume)
        for fact in pack.vocabulary.facts.values()
        if fact.assume is not ABSENT
    )


def _facts_in_rules(
    facts_of: tuple[tuple[str, ...], ...], layout: Layout
) -> tuple[tuple[str, int], ...]:
    read = frozenset().union(*facts_of)
    return tuple((name, slot) for name, slot in layout.facts.items() if name in read)


def _decided(pack: Pack, layout: Layout) -> tuple[tuple[DecidedOutput, ...], ...]:
    givers: dict[str, list[Giver]] = {name: [] for name in pack.outputs}
    for position, rule in enumerate(pack.rules):
        for given in rule.then:
            givers[given.output].append(Giver(position, given.value))
    for name, output in pack.outputs.items():
        if output.policy.is_collected and output.policy.equal_values_count_once:
            givers[name] = _by_first_mention(givers[name])
    decided: list[list[DecidedOutput]] = [[] for _ in pack.strata]
    for name, output in pack.outputs.items():
        if (level := pack.output_stratum[name]) >= 0:
            slot = layout.outputs[name]
            decided[level].append(DecidedOutput.of(slot, output, tuple(givers[name])))
    return tuple(map(tuple, decided))


def _by_first_mention(givers: list[Giver]) -> list[Giver]:
    """Sorted by the first rule that mentions each value. So the order of collected values does not depend on which rules fire."""
    first: dict[Any, int] = {}
    for giver in givers:
        first.setdefault(giver.value, len(first))
    return sorted(givers, key=lambda giver: first[giver.value])


def _has_slots(pack: Pack, layout: Layout) -> tuple[int, ...]:
    nodes = [rule.when for rule in pack.rules] + [item.value for item in pack.derived]
    nodes += [done.when for action in pack.actions.values() if (done := action.done_when)]
    asked = {
        node.operand.name
        for root in nodes
        for node in walk(root)
        if isinstance(node, Has) and isinstance(node.operand, FactReference)
    }
    return tuple(sorted(layout.facts[name] for name in asked))


def _derived_by_has(pack: Pack) -> frozenset[str]:
    """The derived facts that use `has`, also through another derived fact. Each is computed after all that it reads."""
    found: frozenset[str] = frozenset()
    for item in pack.derived:
        if _asks_has(item.value, found):
            found |= {item.fact.name}
    return found


def _rules_that_read(name: str, facts_of: tuple[tuple[str, ...], ...]) -> int:
    """As bits."""
    return bits(n for n, read in enumerate(facts_of) if name in read)


def _asks_has(node: Node, by_has: frozenset[str]) -> bool:
    return any(isinstance(part, Has) for part in walk(node)) or not by_has.isdisjoint(
        facts_read(node)
    )


def _facts_of(rule: Rule, layout: Layout) -> tuple[str, ...]:
    read = facts_read(rule.when)
    return tuple(sorted(read, key=layout.facts.__getitem__))
