"""Compiles the conditions of a pack's rules into the two forms of the reference: one closure per rule, one function per stratum.

It must not read the values that rules give.
"""

from __future__ import annotations

from service.engine.expressions.closures import compile_condition
from service.engine.expressions.in_force import compile_effective, while_in_force
from service.engine.expressions.layout import Evaluate, Layout
from service.engine.reference.strata_code import JudgeStratum, compile_stratum
from service.language.conditions.cost import has_costly_atom
from service.language.model import Pack, Rule


def compile_rule(rule: Rule, layout: Layout) -> Evaluate:
    """The three-valued evaluator of the rule. It gives false while the rule is not in force."""
    return while_in_force(compile_condition(rule.when, layout), compile_effective(rule))


def compile_strata(
    pack: Pack, layout: Layout, evaluators: tuple[Evaluate, ...]
) -> tuple[JudgeStratum, ...]:
    """One function per stratum. `evaluators` has one evaluator per rule, by position."""
    own = [
        compile_effective(rule) is not None or has_costly_atom(rule.when, layout.sizes)
        for rule in pack.rules
    ]
    return tuple(
        compile_stratum(
            [(n, pack.rules[n].when, evaluators[n] if own[n] else None) for n in stratum], layout
        )
        for stratum in pack.strata
    )
