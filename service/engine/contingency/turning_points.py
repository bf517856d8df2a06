"""Finds the levers of a cone when its pack is compiled: the constants, the arithmetic and the atoms of each fact."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from schemas.vocabulary import Fact
from service.engine.contingency.amounts import beside
from service.engine.contingency.cone import Cone
from service.engine.contingency.levers import Curve, Lever
from service.engine.expressions.closures import compile_condition, compile_expression
from service.engine.expressions.layout import Evaluate
from service.engine.judging.program import Program
from service.language.declared.derived_facts import roots
from service.language.syntax import (
    COMPARISONS,
    And,
    Binary,
    FactReference,
    ListOf,
    Literal,
    Node,
    Not,
    Or,
    Quantifier,
    ToNumber,
    Variable,
    children,
    facts_read,
    outputs_read,
    walk,
)


def compile_levers(cone: Cone) -> tuple[Lever, ...]:
    """The levers of all posted facts that the cone reads. It must be called before any environment is made."""
    return _TurningPointCompiler(cone).levers()


class _TurningPointCompiler:
    def __init__(self, cone: Cone) -> None:
        self.cone, self.layout = cone, cone.program.layout
        self.through = _posted_through(cone.program)
        self.formulas = {item.fact.name: item.value for item in cone.program.pack.derived}
        self.conditions = {one.fact.name: one.when for one in cone.program.pack.applicabilities}
        self.nodes = list(self._all_nodes())
        self.evaluators: dict[Node, Evaluate] = {}

    def levers(self) -> tuple[Lever, ...]:
        facts = self.cone.program.pack.vocabulary.facts
        constants, curves, atoms = self._constants(), self._curves(), self._atoms()
        return tuple(
            self._lever(fact, number, constants[name], curves[name], atoms[name])
            for number, (name, fact) in enumerate(facts.items())
            if atoms[name]
        )

    def _lever(
        self, fact: Fact, number: int, constants: set[Any], curves: list[Curve], atoms: list[Node]
    ) -> Lever:
        item = fact.type.item or fact.type
        return Lever(
            fact=fact,
            number=number,
            slot=self.layout.facts[fact.name],
            beside=beside(item, constants, fact.maximum, fact.minimum),
            curves=tuple(curves),
            atoms=tuple(self._evaluator(node) for node in atoms),
            shared=any(
                len(_posted_in(node, self.through)) > 1 or outputs_read(node) for node in atoms
            ),
        )

    def _evaluator(self, node: Node) -> Evaluate:
        if node not in self.evaluators:
            self.evaluators[node] = compile_condition(node, self.layout)
        return self.evaluators[node]

    def _all_nodes(self) -> Iterator[Node]:
        """Every node of the conditions, of the formulas of the derived facts in them, and of what says whether facts apply."""
        rules = self.cone.program.pack.rules
        waiting = [rules[position].when for position in self.cone.rules]
        met: set[str] = set()
        while waiting:
            root = waiting.pop()
            yield from walk(root)
            for name in facts_read(root) - met:
                met.add(name)
                waiting += [
                    found[name] for found in (self.formulas, self.conditions) if name in found
                ]

    def _atoms(self) -> Mapping[str, list[Node]]:
        found: dict[str, dict[Node, None]] = {name: {} for name in self.through}
        rules = self.cone.program.pack.rules
        for position in self.cone.rules:
            for atom in self._leaves(rules[position].when):
                for name in _posted_in(atom, self.through):
                    found[name][atom] = None
        return {name: list(nodes) for name, nodes in found.items()}

    def _leaves(self, node: Node) -> Iterator[Node]:
        match node:
            case And() | Or() | Not():
                for child in children(node):
                    yield from self._leaves(child)
            case FactReference(name=name) if name in self.formulas:
                yield from self._leaves(self.formulas[name])
            case _:
                yield node

    def _constants(self) -> Mapping[str, set[Any]]:
        found: dict[str, set[Any]] = {name: set() for name in self.through}
        for node in self.nodes:
            for name, values in _compared(node):
                if name in found:
                    found[name].update(values)
        return found

    def _curves(self) -> Mapping[str, list[Curve]]:
        """Comparisons of numbers in which a fact is not simply compared with a constant."""
        found: dict[str, list[Curve]] = {name: [] for name in self.through}
        for node in dict.fromkeys(self.nodes):
            if not isinstance(node, Binary) or node.operator not in COMPARISONS:
                continue
            if not node.left.type.is_numeric or any(isinstance(n, Variable) for n in walk(node)):
                continue
            plain = {name for name, _ in _compared(node)}
            for name in _posted_in(node, self.through) - plain:
                if self.cone.program.pack.vocabulary.facts[name].type.is_numeric:
                    found[name].append(self._curve(node))
        return found

    def _curve(self, node: Binary) -> Curve:
        left, right = (compile_expression(side, self.layout) for side in (node.left, node.right))
        outputs = tuple(self.layout.outputs[name] for name in outputs_read(node))
        return Curve(left, right, outputs)


def _compared(node: Node) -> Iterator[tuple[str, Iterable[Any]]]:
    """The facts that this node itself compares with constants, each with the constants."""
    match node:
        case Binary(operator="in", left=left, right=ListOf(items=items)):
            if (name := _bare(left)) is not None:
                yield name, _literals(items)
        case Binary(operator="in", left=Literal() as left, right=FactReference(name=name)):
            yield name, _literals([left])
        case Binary(operator=sign, left=left, right=right) if sign in COMPARISONS:
            for side, other in ((left, right), (right, left)):
                name = _bare(side)
                if name is not None and isinstance(other, Literal):
                    yield name, _literals([other])
        case Quantifier(source=FactReference(name=name) as source, body=body):
            item = source.type.item
            yield (
                name,
                _literals(inner for inner in walk(body) if item and _fits(inner, item.is_numeric)),
            )


def _bare(node: Node) -> str | None:
    inner = node.operand if isinstance(node, ToNumber) else node
    return inner.name if isinstance(inner, FactReference) else None


def _fits(node: Node, numeric: bool) -> bool:
    return isinstance(node, Literal) and (node.type.is_numeric if numeric else node.type.is_textual)


def _literals(nodes: Iterable[Node]) -> list[Any]:
    return [node.value for node in nodes if isinstance(node, Literal)]


def _deciding(program: Program) -> dict[str, frozenset[str]]:
    """By the name of a fact that does not always apply: itself, and the facts because of which it applies or not."""
    found: dict[str, frozenset[str]] = {}
    for one in program.pack.applicabilities:
        read = facts_read(one.when)
        found[one.fact.name] = frozenset([one.fact.name]).union(
            *(found.get(name, frozenset([name])) for name in read)
        )
    return found


def _posted_through(program: Program) -> dict[str, frozenset[str]]:
    """By the name of a posted or a derived fact: the posted facts on which it depends, also because it applies or not."""
    posted = {name: frozenset([name]) for name in program.pack.vocabulary.facts}
    posted |= _deciding(program)
    derived = {
        name: frozenset().union(*(posted.get(root, frozenset()) for root in found))
        for name, found in roots(program.pack.derived).items()
    }
    return posted | derived


def _posted_in(node: Node, through: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """The posted facts on which a condition depends."""
    return frozenset().union(*(through.get(name, ()) for name in facts_read(node)))
