"""Compiles the conditions of a pack into the two forms of the reference: one function per rule or derived fact, and the index.

It must not read the values that rules give.
"""

from __future__ import annotations

from collections.abc import Iterable

from service.engine.expressions.closures import compile_condition, compile_expression
from service.engine.expressions.in_force import (
    compile_effective,
    condition_in_force,
    while_in_force,
)
from service.engine.expressions.layout import KEPT_SLOT, Environment, Evaluate, Layout
from service.engine.reference.columns import Indexed
from service.engine.reference.condition_code import Derive, compile_derivation, compile_test
from service.language.conditions.cost import has_costly_atom
from service.language.model import Derived, Pack, Rule
from service.language.syntax import ALWAYS, Node, Not

NEVER = Not(operand=ALWAYS)


def compile_rule(rule: Rule, layout: Layout) -> Evaluate:
    """The three-valued evaluator of the rule. It gives false while the rule is not in force."""
    return while_in_force(_compile(rule.when, layout), compile_effective(rule))


def as_closures(pack: Pack, layout: Layout) -> tuple[Evaluate, ...]:
    """The rules as closures alone, which share no code with the functions that are written: with them those are checked."""
    return tuple(
        while_in_force(compile_condition(rule.when, layout), compile_effective(rule))
        for rule in pack.rules
    )


def compile_derived(derived: Derived, layout: Layout) -> Evaluate:
    """The evaluator of a derived fact."""
    if derived.fact.type.name != "boolean":
        return compile_expression(derived.value, layout)
    return _compile(derived.value, layout)


def compile_all_derived(pack: Pack, layout: Layout, evaluators: Iterable[Evaluate]) -> Derive:
    """One function for all derived facts. `evaluators` has one for each of them, in order."""
    return compile_derivation(
        (
            (layout.facts[item.fact.name], item.value if _is_plain(item, layout) else evaluate)
            for item, evaluate in zip(pack.derived, evaluators, strict=True)
        ),
        layout,
    )


def _is_plain(derived: Derived, layout: Layout) -> bool:
    return derived.fact.type.name == "boolean" and not has_costly_atom(derived.value, layout.sizes)


def _compile(condition: Node, layout: Layout) -> Evaluate:
    """A function of its own, which calls nothing for a plain test. Closures count the steps of a costly condition."""
    if has_costly_atom(condition, layout.sizes):
        return compile_condition(condition, layout)
    return compile_test(condition, layout)


def as_indexed(pack: Pack, evaluators: tuple[Evaluate, ...], costly: int) -> tuple[Indexed, ...]:
    """The rules as the index takes them. `evaluators` has one evaluator per rule, by position.

    `costly` are the rules with a costly atom, as bits. Such a rule is evaluated as a whole: its steps are counted as its
    evaluator takes them. A rule of no stratum is never true, as without the index.
    """
    stratum_of = {n: level for level, stratum in enumerate(pack.strata) for n in stratum}
    return tuple(
        Indexed(
            condition_in_force(rule) if n in stratum_of else NEVER,
            stratum_of.get(n, 0),
            unless_kept(n, evaluators[n]) if n in stratum_of and costly >> n & 1 else None,
        )
        for n, rule in enumerate(pack.rules)
    )


def unless_kept(position: int, evaluate: Evaluate) -> Evaluate:
    """The evaluator of a costly rule, which takes no steps again where the truth value of the rule is kept."""

    def truth(environment: Environment) -> bool | None:
        kept = environment[KEPT_SLOT]
        found: bool | None = kept[position] if position in kept else evaluate(environment)
        return found

    return truth
