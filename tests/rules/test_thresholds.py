"""The cases of the default pack fix each threshold: if it moves by one step, its condition has another result in some case."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cache
from typing import Any

import pytest

from schemas.facts import FactsSchema
from service.authoring.cases import PARTS
from service.engine.expressions.closures import compile_condition, compile_expression
from service.engine.judging.compile_pack import compile_pack
from service.engine.judging.judge import judge
from service.engine.judging.previous import previous_reader
from service.engine.judging.program import Program
from service.language.syntax import Binary, Literal, Node, ToNumber, walk
from tests.packs import default_pack
from tests.rules.test_pr_crisis import results

COMPARISONS = (">=", "<=", ">", "<")
STEP = 0.04
"""A fraction moves by this share of itself, a whole number by one."""


@dataclass(frozen=True)
class Threshold:
    """A comparison with a number, in the condition of a rule or of a derived fact."""

    of: str
    root: Node
    comparison: Binary
    number: Literal

    def __str__(self) -> str:
        return f"{self.of} {self.comparison.operator} {self.number.value}"

    def moved(self, up: bool) -> Node:
        """The condition with another number in this one comparison."""
        number = self.number.value
        assert isinstance(number, int | float)
        step = 1 if isinstance(number, int) else abs(number) * STEP
        other = replace(self.number, value=number + step if up else number - step)
        comparison = _replaced(self.comparison, self.number, other)
        root: Node = _replaced(self.root, self.comparison, comparison)
        return root


def _replaced(node: Any, old: Node, new: Any) -> Any:
    """The tree with this one node replaced; equal nodes elsewhere stay."""
    if node is old:
        return new
    if isinstance(node, tuple):
        return tuple(_replaced(inner, old, new) for inner in node)
    if not is_dataclass(node) or not isinstance(node, Node):
        return node
    inner = {one.name: getattr(node, one.name) for one in fields(node)}
    changed = {name: _replaced(value, old, new) for name, value in inner.items()}
    return replace(node, **changed) if any(changed[n] is not inner[n] for n in inner) else node


def thresholds() -> Iterator[Threshold]:
    roots = [(rule.id, rule.when) for rule in default_pack().rules]
    roots += [(item.fact.name, item.value) for item in default_pack().derived]
    for of, root in roots:
        for node in walk(root):
            if isinstance(node, Binary) and node.operator in COMPARISONS:
                number = node.right.operand if isinstance(node.right, ToNumber) else node.right
                if isinstance(number, Literal) and isinstance(number.value, int | float):
                    yield Threshold(of, root, node, number)


@cache
def cases() -> tuple[Program, list[list[Any]]]:
    """The environment of every case: its facts and the outputs that the rules set."""
    program = compile_pack(default_pack())
    facts, last = FactsSchema(default_pack().vocabulary), previous_reader(default_pack())
    found, before = [], None
    for result in results():
        told: Any = result.case.previous
        if result.case.follows and before is not None:
            told = {key: before[key] for key in PARTS}
            told |= {"responses": list(result.case.responses)}
        values = facts.load(result.case.facts).values
        environment, _ = program.environment(values, result.case.as_of, last.load(told)[0])
        found.append(list(judge(program, environment).environment))
        before = result.answer
    return program, found


def outcomes(root: Node) -> list[Any]:
    """The result of a condition in each case."""
    program, environments = cases()
    compile_root = compile_condition if root.type.name == "boolean" else compile_expression
    evaluate = compile_root(root, program.layout)
    size = program.layout.size
    return [evaluate([*known, *[None] * (size - len(known))]) for known in environments]


def test_there_are_many_thresholds() -> None:
    assert len(list(thresholds())) > 100


@pytest.mark.parametrize("up", [True, False], ids=["up", "down"])
@pytest.mark.parametrize("threshold", list(thresholds()), ids=str)
def test_a_threshold_moved_by_one_step_changes_a_result_in_some_case(
    threshold: Threshold, up: bool
) -> None:
    assert outcomes(threshold.moved(up)) != outcomes(threshold.root)
