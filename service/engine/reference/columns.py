"""Sorts the tests of all rules into columns: one for each fact, output or closure that they ask. It must not compute masks or write code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from service.engine.expressions.layout import Evaluate, Layout
from service.engine.reference.masks import Use
from service.engine.reference.normal_form import Conjunction, branches_of
from service.engine.reference.plain_tests import (
    Asked,
    Compared,
    Listed,
    OfOutput,
    Question,
    question_of,
)
from service.engine.reference.rule_bits import RuleBits
from service.language.syntax import Node

BEFORE_ALL = -1
"""The level of what can be found before the rules of any stratum."""


class Indexed(NamedTuple):
    """A rule's condition and the number of its stratum. `own` is its evaluator if it must be evaluated as a whole."""

    condition: Node
    stratum: int
    own: Evaluate | None


@dataclass(slots=True)
class Column:
    """The uses of all questions about the value in one slot, or of one question that a closure answers.

    It can be answered after the rules of stratum `level`.
    """

    level: int = BEFORE_ALL
    slot: int | None = None
    evaluate: Evaluate | None = None
    uses: list[Use] = field(default_factory=list)

    @property
    def of_output(self) -> bool:
        return isinstance(self.uses[0].question, OfOutput)

    @property
    def masks(self) -> int:
        """The number of masks that it needs at most: of a closure four, of other columns up to two a case, and four beside them."""
        if self.evaluate is not None:
            return 4
        compared = [use for use in self.uses if isinstance(use.question, Compared)]
        others = [use for use in self.uses if not isinstance(use.question, Compared)]
        return len(_cases(compared)) + 2 * len(_cases(others)) + 6


def _cases(uses: Iterable[Use]) -> set[Any]:
    """What tells values apart: the sides of a constant on which the answer changes, or listed values."""
    return {case for use in uses for case in _cases_of(use.question)}


def _cases_of(question: Question) -> Iterable[Any]:
    match question:
        case Compared(operator=">=" | "<", constant=constant):
            return [(constant, "below")]
        case Compared(operator=">" | "<=", constant=constant):
            return [(constant, "above")]
        case Compared(constant=constant):
            return [(constant, "below"), (constant, "above")]
        case Listed(truths=truths) | OfOutput(truths=truths):
            return truths
    return ()


def columns_of(
    rules: Sequence[Indexed], layout: Layout, decided_after: Mapping[str, int]
) -> tuple[RuleBits, list[Column]]:
    """The bits of all rules, and the columns in the order in which they can be answered.

    `decided_after` has the stratum after which each output is decided, -1 for none.
    """
    branches = [((),) if rule.own else branches_of(rule.condition) for rule in rules]
    rule_bits = RuleBits.of([len(own) for own in branches])
    sorted_tests = _Sorted(layout, decided_after)
    for rule, found, places in zip(rules, branches, rule_bits.branches, strict=True):
        if rule.own:
            whole = Column(rule.stratum - 1, evaluate=rule.own)
            whole.uses.append(Use(places[0], Asked(rule.own, frozenset()), True))
            sorted_tests.columns[rule] = whole
        else:
            sorted_tests.add(zip(places, found, strict=True))
    return rule_bits, sorted(sorted_tests.columns.values(), key=_in_order)


def _in_order(column: Column) -> tuple[int, bool]:
    """Facts before closures: a closure is called only for branches that are left."""
    return column.level, column.evaluate is not None


@dataclass(slots=True)
class _Sorted:
    layout: Layout
    decided_after: Mapping[str, int]
    columns: dict[Any, Column] = field(default_factory=dict)
    _questions: dict[Node, Question] = field(default_factory=dict)

    def add(self, branches: Iterable[tuple[int, Conjunction]]) -> None:
        """The tests of one rule: each branch with its bit."""
        for place, branch in branches:
            for test, truth in branch:
                question = self._question(test)
                self._column(test, question).uses.append(Use(place, question, truth))

    def _question(self, test: Node) -> Question:
        if test not in self._questions:
            self._questions[test] = question_of(test, self.layout)
        return self._questions[test]

    def _column(self, test: Node, question: Question) -> Column:
        if isinstance(question, Asked):
            new = Column(self._level(question.reads), evaluate=question.evaluate)
            return self.columns.setdefault(test, new)
        level = self._level(question.reads) if isinstance(question, OfOutput) else BEFORE_ALL
        return self.columns.setdefault(question.slot, Column(level, question.slot))

    def _level(self, outputs: Iterable[str]) -> int:
        return max((self.decided_after[name] for name in outputs), default=BEFORE_ALL)


def memory_of(columns: Iterable[Column], rule_bits: RuleBits) -> int:
    """The bytes that the masks need at most."""
    return sum(column.masks for column in columns) * (rule_bits.width // 8 + 1)
