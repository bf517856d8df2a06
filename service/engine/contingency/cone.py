"""The rules and facts that can influence one output. It evaluates them again quickly for a few changed facts.

It uses the reference evaluator only.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from service.engine.expressions.layout import ABSENT_SLOT, STEPS_SLOT, Environment
from service.engine.judging.judge import Judgement, output_value
from service.engine.judging.program import DecidedOutput, Program
from service.engine.reference.truths import Truths
from service.language.declared.derived_facts import roots
from service.language.declared.open_values import Options
from service.language.model import Output
from service.language.syntax import Node, facts_read

STEPS_OF_A_COPY = 40
STEPS_OF_A_RULE = 16
STEPS_OF_AN_ATOM = 4
VALUES_COPIED_IN_A_STEP = 16
"""How many steps the parts of a search count as, by the time that they take."""


class OutputNow(NamedTuple):
    """The value of an output, and the values that it can be."""

    value: Any
    can_be: Any

    def options(self) -> frozenset[Any]:
        options = self.can_be
        return frozenset(options.values if isinstance(options, Options) else (options,))


@dataclass(frozen=True, slots=True)
class Cone:
    """Compiled once per pack. `rules` are the positions of the rules that can influence `output`.

    They include the rules that could contradict each other: if rules conflict, there is no answer at all.
    `levels` has the stratum of each rule. `readers` has, by slot, the rules that read it, also through a derived fact.
    `derived` has, by the slot of a posted fact, the positions of the derived facts that depend on it; `conditional` the slots
    of the facts that apply or not because of it, also through another such fact.
    """

    program: Program
    output: Output
    rules: tuple[int, ...]
    levels: Mapping[int, int]
    decided: tuple[tuple[DecidedOutput, ...], ...]
    readers: Mapping[int, tuple[int, ...]]
    derived: Mapping[int, tuple[int, ...]]
    conditional: Mapping[int, frozenset[int]]

    @property
    def steps_to_copy(self) -> int:
        """The steps that the copy of a judgement counts as."""
        values = self.program.layout.size + len(self.program.pack.rules)
        return STEPS_OF_A_COPY + values // VALUES_COPIED_IN_A_STEP

    def fill(self, environment: Environment, changes: Mapping[int, Any]) -> None:
        """Sets these facts (by slot), the absent facts that apply or not because of them, and the facts derived from them."""
        dependent: set[int] = set()
        conditional: set[int] = set()
        for slot, value in changes.items():
            environment[slot] = value
            dependent.update(self.derived[slot])
            conditional.update(self.conditional.get(slot, ()))
        steps = STEPS_OF_AN_ATOM * (1 + len(changes)) + STEPS_OF_A_RULE * len(dependent)
        environment[STEPS_SLOT].take(steps + STEPS_OF_A_RULE * len(conditional))
        for one in environment[ABSENT_SLOT] if conditional else ():
            if one.slot in conditional:
                one.fill(environment)
        for position in sorted(dependent):
            slot, evaluate = self.program.derived[position]
            environment[slot] = evaluate(environment)

    def value(self, before: Judgement, changes: Mapping[int, Any]) -> OutputNow:
        """The output after these facts have changed. Only rules that read a changed slot are evaluated.

        Raises RuleConflict.
        """
        before.environment[STEPS_SLOT].take(self.steps_to_copy)
        environment, rules = before.environment.copy(), before.rules.copy()
        self.fill(environment, changes)
        waiting: list[set[int]] = [set() for _ in self.decided]
        for slot in changes:
            self._add_readers(waiting, slot)
        name = self.output.name
        found = OutputNow(before.values[name], before.can_be[name])
        touched = 0
        for positions, decided in zip(waiting, self.decided, strict=True):
            touched |= self._judge(positions, environment, rules)
            for one in decided if touched else ():
                if not touched & one.rules:
                    continue
                now = output_value(self.program, one, rules)
                if one.output is self.output:
                    found = OutputNow(*now)
                if now[1] != environment[one.slot]:
                    environment[one.slot] = now[1]
                    self._add_readers(waiting, one.slot)
        return found

    def _add_readers(self, waiting: list[set[int]], slot: int) -> None:
        for position in self.readers.get(slot, ()):
            waiting[self.levels[position]].add(position)

    def _judge(self, positions: Collection[int], environment: Environment, rules: Truths) -> int:
        """Evaluates these rules. Returns a bit for each rule whose truth value changed."""
        touched = 0
        environment[STEPS_SLOT].take(STEPS_OF_A_RULE * len(positions))
        for position in positions:
            if rules.change(position, self.program.evaluators[position](environment)):
                touched |= 1 << position
        return touched


def compile_cone(program: Program, output: Output) -> Cone:
    wanted = _leading_to(program, [output.name, *_can_conflict(program)])
    decided = tuple(
        tuple(one for one in level if one.output.name in wanted) for level in program.decided
    )
    rules = sorted({giver.rule for level in decided for one in level for giver in one.givers})
    facts, derived = _readers_of_facts(program, rules)
    for position in rules:
        for slot in program.reads[position]:
            facts.setdefault(slot, []).append(position)
    return Cone(
        program=program,
        output=output,
        rules=tuple(rules),
        levels={rule: n for n, stratum in enumerate(program.pack.strata) for rule in stratum},
        decided=decided,
        readers={slot: tuple(positions) for slot, positions in facts.items()},
        derived=derived,
        conditional=_conditional(program),
    )


def _leading_to(program: Program, roots: list[str]) -> set[str]:
    """The outputs on which these depend, and these outputs themselves."""
    name_of = {slot: name for name, slot in program.layout.outputs.items()}
    wanted, waiting = set(roots), list(roots)
    while waiting:
        slot = program.layout.outputs[waiting.pop()]
        for gives, reads in zip(program.gives, program.reads, strict=True):
            if slot in gives:
                new = {name_of[read] for read in reads} - wanted
                wanted |= new
                waiting += new
    return wanted


def _can_conflict(program: Program) -> Iterator[str]:
    """The outputs to which rules can give values that contradict each other."""
    for level in program.decided:
        for one in level:
            if one.output.policy.is_exclusive and len(one.given_values) > 1:
                yield one.output.name


def _readers_of_facts(
    program: Program, rules: Iterable[int]
) -> tuple[dict[int, list[int]], dict[int, tuple[int, ...]]]:
    """By a posted fact's slot: the rules that read it, and the derived facts that depend on it."""
    pack, slots = program.pack, program.layout.facts
    dependent: dict[int, list[int]] = {slots[name]: [] for name in pack.vocabulary.facts}
    readers: dict[int, list[int]] = {slot: [] for slot in dependent}
    through = posted_through(program)
    for position, item in enumerate(pack.derived):
        for name in through[item.fact.name]:
            dependent[slots[name]].append(position)
    for position in rules:
        for name in posted_in(pack.rules[position].when, through):
            readers[slots[name]].append(position)
    return readers, {slot: tuple(positions) for slot, positions in dependent.items()}


def _conditional(program: Program) -> dict[int, frozenset[int]]:
    """By a posted fact's slot: the slots of the facts that apply or not because of it."""
    found: dict[int, set[int]] = {}
    through, slots = _deciding(program), program.layout.facts
    for name, deciding in through.items():
        for other in deciding - {name}:
            found.setdefault(slots[other], set()).add(slots[name])
    return {slot: frozenset(conditional) for slot, conditional in found.items()}


def _deciding(program: Program) -> dict[str, frozenset[str]]:
    """By the name of a fact that does not always apply: itself, and the facts because of which it applies or not."""
    found: dict[str, frozenset[str]] = {}
    for one in program.pack.applicabilities:
        read = facts_read(one.when)
        found[one.fact.name] = frozenset([one.fact.name]).union(
            *(found.get(name, frozenset([name])) for name in read)
        )
    return found


def posted_through(program: Program) -> dict[str, frozenset[str]]:
    """By the name of a posted or a derived fact: the posted facts on which it depends, also because it applies or not."""
    posted = {name: frozenset([name]) for name in program.pack.vocabulary.facts}
    posted |= _deciding(program)
    derived = {
        name: frozenset().union(*(posted.get(root, frozenset()) for root in found))
        for name, found in roots(program.pack.derived).items()
    }
    return posted | derived


def posted_in(node: Node, through: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """The posted facts on which a condition depends."""
    return frozenset().union(*(through.get(name, ()) for name in facts_read(node)))
