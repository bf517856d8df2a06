"""Translates checked conditions into box conditions: tests of numbers and booleans, with negation pushed down to them.

An atom that rete cannot test exactly is evaluated first by its closure, into a boolean field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from service.engine.expressions.closures import compile_condition
from service.engine.expressions.layout import Evaluate, Layout
from service.engine.expressions.truth_tables import TruthTable, truth_by_fact, truth_by_output
from service.engine.rete.box_conditions import (
    BoxCondition,
    BoxLimitError,
    Every,
    Some,
    Test,
    check_limits,
)
from service.language.conditions.functions import last_rank
from service.language.syntax import (
    NEGATED,
    TURNED,
    And,
    Binary,
    Call,
    FactReference,
    Literal,
    Node,
    Not,
    Or,
)


@dataclass(slots=True)
class BoxFields:
    """How the fields of a network get their values: a fact as it is, an enum's ordinal, or a computed value.

    `tables` has the truth by value of those computed fields that read one slot of few values.
    """

    layout: Layout
    plain: dict[str, int] = field(default_factory=dict)
    ordinals: dict[str, tuple[int, Mapping[str, int]]] = field(default_factory=dict)
    computed: dict[str, Evaluate] = field(default_factory=dict)
    tables: dict[str, TruthTable] = field(default_factory=dict)
    _atoms: dict[Node, str] = field(default_factory=dict)

    def add_computed(self, name: str, evaluate: Evaluate) -> str:
        self.computed[name] = evaluate
        return name

    def atom(self, node: Node) -> str:
        """The boolean field of an atom; equal atoms share one."""
        if node not in self._atoms:
            name = f"atom {len(self._atoms)}"
            evaluate = compile_condition(node, self.layout)
            self._atoms[node] = self.add_computed(name, evaluate)
            table = self._table(node, evaluate)
            if table is not None:
                self.tables[name] = table
        return self._atoms[node]

    def _table(self, node: Node, evaluate: Evaluate) -> TruthTable | None:
        """Of connectives only the closure knows what they say of an open output."""
        found = truth_by_fact(node, evaluate, self.layout)
        if found is not None or isinstance(node, And | Or | Not):
            return found
        return truth_by_output(node, evaluate, self.layout)

    def box(self, node: Node, negated: bool = False) -> BoxCondition:
        """The box condition that is true exactly when the node is true or, with `negated`, exactly when it is false."""
        match node:
            case Not(operand=operand):
                return self.box(operand, not negated)
            case And(parts=parts) | Or(parts=parts):
                every = isinstance(node, And) is not negated
                inner = tuple(self.box(part, negated) for part in parts)
                whole: BoxCondition = Every(inner) if every else Some(inner)
                return whole if fits(whole) else Test(self.atom(node), "==", not negated)
        return self._native(node, negated) or Test(self.atom(node), "==", not negated)

    def _native(self, node: Node, negated: bool) -> BoxCondition | None:
        """A test that needs no closure: a number, boolean or enum fact is compared with a constant."""
        test = (
            self._boolean(node, negated)
            or self._comparison(node, negated)
            or self._no_lower(node, negated)
        )
        return test if test is not None and fits(test) else None

    def _boolean(self, node: Node, negated: bool) -> BoxCondition | None:
        if not isinstance(node, FactReference):
            return None
        return Test(self._plain(node), "==", not negated)

    def _comparison(self, node: Node, negated: bool) -> BoxCondition | None:
        match node:
            case Binary(
                operator=sign, left=FactReference() as fact, right=Literal(value=value)
            ) if sign in NEGATED:
                pass
            case Binary(
                operator=sign, left=Literal(value=value), right=FactReference() as fact
            ) if sign in NEGATED:
                sign = TURNED[sign]
            case _:
                return None
        operator: Any = NEGATED[sign] if negated else sign
        if fact.type.is_numeric or fact.type.name == "boolean":
            return Test(self._plain(fact), operator, cast(Any, value))
        if fact.type.name == "enum" and operator in ("==", "!="):
            return Test(self._ordinal(fact), operator, fact.type.ranks[str(value)])
        return None

    def _no_lower(self, node: Node, negated: bool) -> BoxCondition | None:
        match node:
            case Call(arguments=(FactReference() as fact, *_)) as call:
                rank = last_rank(call)
                if rank is not None:
                    return Test(self._ordinal(fact), ">" if negated else "<=", rank)
        return None

    def _plain(self, fact: FactReference) -> str:
        self.plain[fact.name] = self.layout.facts[fact.name]
        return fact.name

    def _ordinal(self, fact: FactReference) -> str:
        name = f"{fact.name} ordinal"
        self.ordinals[name] = (self.layout.facts[fact.name], fact.type.ranks)
        return name


def fits(condition: BoxCondition) -> bool:
    """Whether a matcher accepts the condition."""
    try:
        check_limits(condition)
    except BoxLimitError:
        return False
    return True
