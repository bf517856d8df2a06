"""Tests whether a rule is in force at the moment of the assessment. It must not look into the rule's condition."""

from __future__ import annotations

from datetime import datetime

from schemas.types import BOOLEAN, DATETIME
from service.engine.expressions.layout import AS_OF_SLOT, Environment, Evaluate
from service.language.model import Rule
from service.language.syntax import And, AsOf, Binary, ComparisonOperator, Literal, Node


def compile_effective(rule: Rule) -> Evaluate | None:
    """Tests whether the rule is in force at as_of; None for a rule that always is. `from` is included, `until` excluded."""
    start, end = rule.effective_from, rule.effective_until
    if start is None and end is None:
        return None

    def evaluate(environment: Environment) -> bool:
        as_of = environment[AS_OF_SLOT]
        return (start is None or start <= as_of) and (end is None or as_of < end)

    return evaluate


def while_in_force(condition: Evaluate, effective: Evaluate | None) -> Evaluate:
    """The condition, which is false while the rule is not in force."""
    if effective is None:
        return condition

    def evaluate(environment: Environment) -> bool | None:
        return condition(environment) if effective(environment) else False

    return evaluate


def condition_in_force(rule: Rule) -> Node:
    """The rule's condition, and that the rule is in force, as one condition."""
    bounds: list[tuple[ComparisonOperator, datetime | None]] = [
        (">=", rule.effective_from),
        ("<", rule.effective_until),
    ]
    tests = [_compared(sign, moment) for sign, moment in bounds if moment is not None]
    return And(parts=(*tests, rule.when)) if tests else rule.when


def _compared(sign: ComparisonOperator, moment: datetime) -> Node:
    constant = Literal(value=moment, type=DATETIME)
    return Binary(operator=sign, left=AsOf(), right=constant, type=BOOLEAN)
