"""Writes the condition of a rule as one Python function, and all derived facts as one.

Connectives and plain tests are code in it, without a call.
All other tests are calls of closures from service/engine/expressions. This module must not read the values that rules give.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from service.engine.expressions.closures import compile_atom, compile_expression
from service.engine.expressions.layout import (
    AS_OF_SLOT,
    HAS_UNKNOWN_SLOT,
    Environment,
    Evaluate,
    Layout,
)
from service.engine.expressions.truth_tables import MOST_VALUES_OF_A_TABLE, truth_by_output
from service.language.conditions.functions import last_rank
from service.language.declared.open_values import Options
from service.language.syntax import (
    COMPARISONS,
    And,
    AsOf,
    Binary,
    Call,
    FactReference,
    Has,
    ListOf,
    Literal,
    Node,
    Not,
    Or,
    ToNumber,
    outputs_read,
)

Derive = Callable[[Environment], None]
"""Fills the slots of the derived facts from the other slots."""

_HEAD = "def test(environment):"
_HEAD_OF_ALL = "def derive(environment):"


def compile_test(condition: Node, layout: Layout) -> Evaluate:
    """One function for a condition, which gives True, False or None.

    The condition is written as two expressions: the first is truthy exactly when it is false, the second exactly when it is
    true. If neither is truthy, it is unknown. So the code computes no three-valued result.
    """
    writer = _TestWriter(layout)
    result = f" return {writer.truth(condition)}"
    source = "\n".join([_HEAD, *writer.loads.values(), result])
    exec(compile(source, "<test>", "exec"), writer.names)  # noqa: S102, it contains no author's text
    test: Evaluate = writer.names.pop("test")
    return test


def compile_derivation(facts: Iterable[tuple[int, Node | Evaluate]], layout: Layout) -> Derive:
    """One function that fills the slots of derived facts, in this order. A fact is given as a condition or as its evaluator."""
    writer = _TestWriter(layout)
    lines = [_HEAD_OF_ALL]
    for slot, source in facts:
        seen = len(writer.loads)
        found = f"{writer.named(source)}(environment)" if callable(source) else writer.truth(source)
        lines += list(writer.loads.values())[seen:]
        local = f"slot{slot}"
        lines.append(f" {local} = environment[{slot}] = {found}")
        writer.loads[local] = lines[-1]
    exec(compile("\n".join([*lines, " pass"]), "<derive>", "exec"), writer.names)  # noqa: S102, it contains no author's text
    derive: Derive = writer.names.pop("derive")
    return derive


@dataclass(slots=True)
class _TestWriter:
    """`names` are the globals of the code: constants and closures. `loads` are the lines that fill its locals, by name.

    An author's text becomes a value in `names`, never code.
    """

    layout: Layout
    names: dict[str, Any] = field(default_factory=lambda: {"Options": Options})
    loads: dict[str, str] = field(default_factory=dict)
    _atoms: dict[Node, str] = field(default_factory=dict)
    _tables: dict[Node, tuple[int, dict[Any, bool | None]] | None] = field(default_factory=dict)

    def truth(self, node: Node) -> str:
        """An expression that gives the truth value of the condition: True, False or None."""
        false, true = self.surely(node, False), self.surely(node, True)
        return f"False if {false} else True if {true} else None"

    def surely(self, node: Node, sought: bool) -> str:
        """An expression that is truthy exactly if the condition is `sought`; for an unknown condition it is falsy."""
        match node:
            case Literal(value=bool() as value):
                return str(value is sought)
            case Not(operand=operand):
                return self.surely(operand, not sought)
            case And(parts=parts) | Or(parts=parts):
                joint = " and " if isinstance(node, And) is sought else " or "
                return f"({joint.join(self.surely(part, sought) for part in parts)})"
        return (
            self._plain(node, sought) or self._of_output(node, sought) or self._asked(node, sought)
        )

    def named(self, value: Any) -> str:
        """The name of this value in the code."""
        name = f"v{len(self.names)}"
        self.names[name] = value
        return name

    def _plain(self, node: Node, sought: bool) -> str | None:
        """A test of facts and constants that is unknown exactly when one of its facts is unknown."""
        match node:
            case FactReference(name=name):
                slot = self._fact(name)
                return slot if sought else f"{slot} is False"
            case Has(operand=FactReference(name=name)) if name not in self.layout.computed_from:
                return self._has(self._fact(name), sought)
        test = self._test(node)
        if test is None:
            return None
        facts, written = test
        known = [f"{fact} is not None" for fact in facts]
        return f"({' and '.join([*known, written if sought else f'not {written}'])})"

    def _has(self, fact: str, sought: bool) -> str:
        otherwise = self._load(f"slot{HAS_UNKNOWN_SLOT}", f"environment[{HAS_UNKNOWN_SLOT}]")
        if sought:
            return f"({fact} is not None or {otherwise})"
        return f"({fact} is None and {otherwise} is False)"

    def _test(self, node: Node) -> tuple[list[str], str] | None:
        """The facts that a comparison or a membership test reads, and its code for the case that all are known."""
        match node:
            case Binary(operator=sign, left=left, right=right) if sign in (*COMPARISONS, "in"):
                sides = [self._operand(left), self._operand(right)]
                if None in sides:
                    return None
                (first, a), (second, b) = (side for side in sides if side is not None)
                return [*dict.fromkeys(first + second)], f"({a} {sign} {b})"
            case Call(arguments=(FactReference(name=name) as subject, *_)) as call:
                rank = last_rank(call)
                values = subject.type.values
                if rank is None or len(values) > MOST_VALUES_OF_A_TABLE:
                    return None
                fact, no_lower = self._fact(name), self.named(frozenset(values[: rank + 1]))
                return [fact], f"({fact} in {no_lower})"
        return None

    def _operand(self, node: Node) -> tuple[list[str], str] | None:
        """The facts that an operand reads, and its code."""
        match node:
            case FactReference(name=name):
                fact = self._fact(name)
                return [fact], fact
            case ToNumber(operand=FactReference(name=name)):
                fact = self._fact(name)
                return [fact], f"float({fact})"
            case AsOf():
                return [], self._load("as_of", f"environment[{AS_OF_SLOT}]")
            case Literal() | ToNumber(operand=Literal()):
                return [], self.named(self._constant(node))
            case ListOf(items=items) if all(isinstance(item, Literal) for item in items):
                return [], self.named(self._constant(node))
        return None

    def _of_output(self, node: Node, sought: bool) -> str | None:
        """A test of one output of few values: is the value among those for which the test is `sought`?

        While the output is open, the code calls the closure.
        """
        found = self._truths(node)
        if found is None:
            return None
        slot, truths = found
        decided = self._load(f"slot{slot}", f"environment[{slot}]", open_is_none=True)
        among = self.named(frozenset(value for value, truth in truths.items() if truth is sought))
        asked = self._asked(node, sought)
        return f"({decided} in {among} or {decided} is None and {asked})"

    def _truths(self, node: Node) -> tuple[int, dict[Any, bool | None]] | None:
        """The slot of the output that a test reads, and the test's truth by value of the output.

        It compiles only a test that reads an output: a closure may take a slot, which makes every environment longer.
        """
        if node not in self._tables:
            reads = outputs_read(node)
            evaluate = compile_expression(node, self.layout) if reads else None
            self._tables[node] = evaluate and truth_by_output(node, evaluate, self.layout)
        return self._tables[node]

    def _asked(self, node: Node, sought: bool) -> str:
        """A test as a call of its closure. Equal tests share one closure."""
        if node not in self._atoms:
            self._atoms[node] = self.named(compile_atom(node, self.layout))
        call = f"{self._atoms[node]}(environment)"
        return call if sought else f"{call} is False"

    def _constant(self, node: Node) -> Any:
        return compile_expression(node, self.layout)([])

    def _fact(self, name: str) -> str:
        slot = self.layout.facts[name]
        return self._load(f"slot{slot}", f"environment[{slot}]")

    def _load(self, local: str, source: str, open_is_none: bool = False) -> str:
        """The local that holds this value. The function fills it first."""
        line = f" {local} = {source}"
        if open_is_none:
            line += f"\n if type({local}) is Options: {local} = None"
        self.loads[local] = line
        return local
