"""Why something is unknown: from an undetermined rule or an open output back to the posted facts that would settle it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from service.engine.judge import Judgement
from service.engine.layout import Layout
from service.engine.possible import OPEN_TYPES, Options
from service.engine.program import Program
from service.engine.reference import Evaluate, compile_condition, compile_expression
from service.language.syntax import (
    And,
    FactReference,
    Node,
    Not,
    Or,
    facts_read,
    outputs_read,
    walk,
)

Facts = frozenset[str]
NONE: Facts = frozenset()


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a condition: either joined `parts`, or an atom with the facts and outputs it reads."""

    evaluate: Evaluate
    parts: tuple[Part, ...] = ()
    facts: tuple[tuple[str, int], ...] = ()
    outputs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BlameIndex:
    """All rules' and derived facts' pieces, compiled once per pack, before any environment is made."""

    rules: tuple[Part, ...]
    derived: Mapping[str, Part]
    setters: Mapping[str, tuple[tuple[int, Any], ...]]


def compile_blame(program: Program) -> BlameIndex:
    pack, layout = program.pack, program.layout
    setters: dict[str, list[tuple[int, Any]]] = {name: [] for name in pack.outputs}
    for position, rule in enumerate(pack.rules):
        for given in rule.then:
            setters[given.output].append((position, given.value))
    return BlameIndex(
        rules=tuple(_part(rule.when, layout) for rule in pack.rules),
        derived={item.fact.name: _atom(item.value, layout) for item in pack.derived},
        setters={name: tuple(given) for name, given in setters.items()},
    )


def _part(node: Node, layout: Layout) -> Part:
    match node:
        case And(parts=parts) | Or(parts=parts):
            return Part(
                compile_condition(node, layout), tuple(_part(part, layout) for part in parts)
            )
        case Not(operand=operand):
            return _part(operand, layout)
    return _atom(node, layout)


def _atom(node: Node, layout: Layout) -> Part:
    is_condition = node.type.kind == "boolean"
    compile_node = compile_condition if is_condition else compile_expression
    names = dict.fromkeys(n.name for n in walk(node) if isinstance(n, FactReference))
    return Part(
        compile_node(node, layout),
        facts=tuple((name, layout.facts[name]) for name in names if name in facts_read(node)),
        outputs=tuple(sorted(outputs_read(node))),
    )


@dataclass(slots=True)
class Blame:
    """Answers for one judgement; what it finds is kept."""

    index: BlameIndex
    judgement: Judgement
    _of_output: dict[str, Facts] = field(default_factory=dict)
    _of_rule: dict[int, Facts] = field(default_factory=dict)

    def of_rule(self, position: int) -> Facts:
        """The unknown facts that an undetermined rule hangs on."""
        found = self._of_rule.get(position)
        if found is None:
            found = self._of_rule[position] = self._unknown(self.index.rules[position])
        return found

    def of_output(self, name: str) -> Facts:
        """The unknown facts that keep an output open."""
        if name not in self._of_output:
            truths, can_be = self.judgement.truths, self.judgement.possible[name]
            undetermined = dict.fromkeys(
                position
                for position, value in self.index.setters[name]
                if truths[position] is None and matters(value, can_be)
            )
            self._of_output[name] = NONE.union(*map(self.of_rule, undetermined))
        return self._of_output[name]

    def _unknown(self, part: Part) -> Facts:
        found: set[str] = set()
        self._gather(part, found)
        return frozenset(found)

    def _gather(self, part: Part, found: set[str]) -> None:
        """Adds the unknown facts that an undetermined part hangs on."""
        environment = self.judgement.environment
        if part.parts:
            for inner in part.parts:
                if inner.evaluate(environment) is None:
                    self._gather(inner, found)
            return
        here: set[str] = set()
        for name, slot in part.facts:
            if environment[slot] is None:
                here |= self._fact(name)
        for name in part.outputs:
            if isinstance(self.judgement.possible[name], OPEN_TYPES):
                here |= self.of_output(name)
        found |= here or NONE.union(*(self._posted(name) for name, _ in part.facts))

    def _fact(self, name: str) -> Facts:
        part = self.index.derived.get(name)
        return frozenset({name}) if part is None else self._unknown(part)

    def _posted(self, name: str) -> Facts:
        """Known figures that cannot be computed with, such as a divisor of zero: they are to blame then."""
        part = self.index.derived.get(name)
        if part is None:
            return frozenset({name})
        return NONE.union(*(self._posted(inner) for inner, _ in part.facts))


def matters(value: Any, can_be: Any) -> bool:
    """Whether an undetermined rule that gives `value` has a say in what an open output can be."""
    return not isinstance(can_be, Options) or value in can_be.values
