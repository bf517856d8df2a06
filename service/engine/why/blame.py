"""Finds the unknown facts because of which a rule is undetermined or an output is open.

A set of facts is an int whose bit n is fact n of the vocabulary. A set of rules is an int too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from schemas.vocabulary import Vocabulary
from service.engine.bits import bits, numbers
from service.engine.expressions.closures import compile_condition, compile_expression
from service.engine.expressions.layout import ABSENT_SLOT, Evaluate, Layout
from service.engine.judging.judge import Judgement
from service.engine.judging.program import DecidedOutput, Program
from service.language.conditions.functions import function_of
from service.language.declared.open_values import OPEN_TYPES, Options
from service.language.declared.vocabulary.calm import EVERY_FACT_IS_SURE, is_always_calm
from service.language.syntax import (
    COMPARISONS,
    And,
    Binary,
    Call,
    FactReference,
    ListOf,
    Literal,
    Node,
    Not,
    Or,
    facts_read,
    outputs_read,
    walk,
)


@dataclass(frozen=True, slots=True)
class ConditionPart:
    """A part of a condition: either an `and` or `or` of `parts`, or an atom with the facts and outputs that it reads.

    `posted` are the facts of the vocabulary that an atom reads. `through` are these facts and those from which its
    derived facts are computed. `single` says that the atom reads one fact and is unknown exactly when that fact is.
    Of an `and` or `or`, `posted` are the facts of all single atoms among its parts, and `others` are its other parts.
    """

    evaluate: Evaluate
    parts: tuple[ConditionPart, ...] = ()
    posted: int = 0
    derived: tuple[tuple[str, int], ...] = ()
    outputs: tuple[str, ...] = ()
    through: int = 0
    single: bool = False
    others: tuple[ConditionPart, ...] = ()


@dataclass(frozen=True, slots=True)
class BlameIndex:
    """The condition parts of all rules, and of derived facts with their slots. Compiled once per pack, before any environment is made.

    `alternatives` has the whole condition of each alternative beside its part.
    `together` are the actions whose alternatives can hold together.
    `read_by_rule` and `read_by_cases` have the facts that a rule, or the alternatives of an action, read themselves.
    """

    facts: tuple[str, ...]
    slots: tuple[int, ...]
    rules: tuple[ConditionPart, ...]
    derived: Mapping[str, tuple[int, ConditionPart]]
    setters: Mapping[str, DecidedOutput]
    read_by_rules: tuple[str, ...]
    applies: Mapping[str, ConditionPart]
    alternatives: Mapping[str, tuple[tuple[Evaluate, ConditionPart], ...]]
    read_by_rule: tuple[int, ...]
    read_by_cases: Mapping[str, int]
    together: frozenset[str]

    def names(self, facts: int) -> list[str]:
        """The names of these facts, in the order of the vocabulary."""
        return [self.facts[number] for number in numbers(facts)]


def compile_blame(program: Program) -> BlameIndex:
    pack, layout = program.pack, program.layout
    compiler = _BlameCompiler(layout, {name: n for n, name in enumerate(pack.vocabulary.facts)})
    if program.scaled:
        compiler.derived[EVERY_FACT_IS_SURE] = compiler.facts_that_may_not_count(pack.vocabulary)
    for item in pack.derived:
        compiler.derived[item.fact.name] = compiler.atom(item.value)
    applies = {one.fact.name: compiler.part(one.when) for one in pack.applicabilities}
    return BlameIndex(
        facts=tuple(pack.vocabulary.facts),
        slots=tuple(layout.facts[name] for name in pack.vocabulary.facts),
        rules=tuple(compiler.part(rule.when) for rule in pack.rules),
        derived={name: (layout.facts[name], part) for name, part in compiler.derived.items()},
        setters={one.output.name: one for level in program.decided for one in level},
        read_by_rules=tuple(one.output.name for level in program.read_by_rules for one in level),
        applies=applies,
        alternatives={
            code: tuple(
                (compile_condition(one.when, layout), compiler.part(one.when))
                for one in action.by_case
            )
            for code, action in pack.actions.items()
            if action.by_case
        },
        read_by_rule=tuple(compiler.posted(rule.when) for rule in pack.rules),
        read_by_cases={
            code: compiler.posted(*(one.when for one in action.by_case))
            for code, action in pack.actions.items()
            if action.by_case
        },
        together=frozenset(code for code, action in pack.actions.items() if action.together),
    )


@dataclass(frozen=True, slots=True)
class _BlameCompiler:
    layout: Layout
    numbers: Mapping[str, int]
    derived: dict[str, ConditionPart] = field(default_factory=dict)

    def part(self, node: Node) -> ConditionPart:
        match node:
            case And(parts=parts) | Or(parts=parts):
                evaluate = compile_condition(node, self.layout)
                inner = tuple(self.part(part) for part in parts)
                posted = 0
                for one in inner:
                    posted |= one.posted if one.single else 0
                others = tuple(one for one in inner if not one.single)
                return ConditionPart(evaluate, inner, posted, others=others)
            case Not(operand=operand):
                return self.part(operand)
        return self.atom(node)

    def posted(self, *nodes: Node) -> int:
        """The facts of the vocabulary that these conditions read themselves."""
        read = {name for node in nodes for name in facts_read(node)}
        return bits(self.numbers[name] for name in read & self.numbers.keys())

    def facts_that_may_not_count(self, vocabulary: Vocabulary) -> ConditionPart:
        facts = [
            fact.name
            for fact in vocabulary.facts.values()
            if fact.unknown_if or not is_always_calm(fact)
        ]
        posted = sum(1 << self.numbers[name] for name in facts)
        slot = self.layout.facts[EVERY_FACT_IS_SURE]
        return ConditionPart(lambda environment: environment[slot], posted=posted)

    def atom(self, node: Node) -> ConditionPart:
        is_condition = node.type.name == "boolean"
        compile_node = compile_condition if is_condition else compile_expression
        read = facts_read(node)
        derived = sorted(read & self.derived.keys())
        posted = sum(1 << self.numbers[name] for name in read & self.numbers.keys())
        through = posted
        for name in derived:
            through |= self.derived[name].through
        return ConditionPart(
            compile_node(node, self.layout),
            posted=posted,
            derived=tuple((name, self.layout.facts[name]) for name in derived),
            outputs=tuple(sorted(outputs_read(node))),
            through=through,
            single=len(read) == 1 and not derived and all(map(_is_plain, walk(node))),
        )


def _is_plain(node: Node) -> bool:
    """Whether the node has a value whenever all its operands have one."""
    match node:
        case FactReference() | Literal() | ListOf():
            return True
        case Call() as call:
            return function_of(call).is_total
        case Binary(operator=sign):
            return sign in (*COMPARISONS, "in")
    return False


@dataclass(slots=True)
class Blame:
    """Finds the facts for one judgement and keeps the results."""

    index: BlameIndex
    judgement: Judgement
    _unknown: int = 0
    _may_not_apply: int = 0
    _conditional: dict[int, int] = field(default_factory=dict)
    _of_output: dict[str, int] = field(default_factory=dict)
    _of_rule: dict[int, int] = field(default_factory=dict)
    _of_derived: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        environment = self.judgement.environment
        self._unknown = bits(
            number for number, slot in enumerate(self.index.slots) if environment[slot] is None
        )
        for one in environment[ABSENT_SLOT]:
            part = self.index.applies[one.name]
            if environment[one.slot] is None and part.evaluate(environment) is None:
                number = self.index.slots.index(one.slot)
                self._conditional[1 << number] = self._of_part(part)
                self._may_not_apply |= 1 << number
        self._compute_in_order()

    def _compute_in_order(self) -> None:
        """First what others read: then no call nests deeper for a longer chain of derived facts or outputs."""
        environment = self.judgement.environment
        for name, (slot, part) in self.index.derived.items():
            if environment[slot] is None:
                self._of_derived[name] = self._of_part(part)
        for name in self.index.read_by_rules:
            if isinstance(self.judgement.can_be[name], OPEN_TYPES):
                self.of_output(name)

    def of_rule(self, position: int) -> int:
        """The unknown facts because of which this rule is undetermined."""
        found = self._of_rule.get(position)
        if found is None:
            found = self._of_rule[position] = self._of_part(self.index.rules[position])
        return found

    def of_rules(self, positions: tuple[int, ...]) -> list[str]:
        """The names of the unknown facts because of which these rules are undetermined."""
        found = 0
        for position in positions:
            found |= self.of_rule(position)
        return self.index.names(found)

    def of_alternatives(self, code: str) -> int:
        """The unknown facts because of which several alternatives of this action can hold."""
        environment, found = self.judgement.environment, 0
        for condition, part in self.index.alternatives.get(code, ()):
            truth = condition(environment)  # that of the part of `!a` is the truth of `a`
            if truth is None:
                found |= self._of_part(part)
            if truth is True and code not in self.index.together:
                break
        return found

    def of_moment(self, name: str) -> int:
        """The unknown facts because of which this moment is unknown; none for one of the previous answer."""
        if name in self.index.derived:
            return self._of_derived.get(name, 0)
        return 1 << self.index.facts.index(name) if name in self.index.facts else 0

    def of_output(self, name: str) -> int:
        """The unknown facts because of which this output is open."""
        if name not in self._of_output:
            can_be, rules = self.judgement.can_be[name], 0
            for value, setting in self.index.setters[name].given_values:
                # A rule is left out if the output can no longer be the value that it gives.
                if not isinstance(can_be, Options) or value in can_be.values:
                    rules |= setting
            self._of_output[name] = self._of_all(rules & self.judgement.rules.unknown)
        return self._of_output[name]

    def _of_all(self, rules: int) -> int:
        found = 0
        for position in numbers(rules):
            found |= self.of_rule(position)
        return found

    def _of_part(self, part: ConditionPart) -> int:
        """The unknown facts, and those because of which it is unknown whether one of them applies."""
        found = self._directly_of(part)
        if found & self._may_not_apply:
            for fact, deciding in self._conditional.items():
                if found & fact:
                    found |= deciding
        return found

    def _directly_of(self, part: ConditionPart) -> int:
        environment, found = self.judgement.environment, part.posted & self._unknown
        if part.parts:
            for inner in part.others:
                if inner.evaluate(environment) is None:
                    found |= self._directly_of(inner)
            return found
        for name, slot in part.derived:
            if environment[slot] is None:
                found |= self._of_derived[name]
        for name in part.outputs:
            if isinstance(self.judgement.can_be[name], OPEN_TYPES):
                found |= self.of_output(name)
        # All facts are known, but nothing can be computed from them, as with a divisor of zero: report those facts.
        return found or part.through
