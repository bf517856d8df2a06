"""The rules and facts that can influence one output. It evaluates them again quickly for a few changed facts.

It uses the reference evaluator only.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Any, NamedTuple

from service.engine.expressions.layout import ABSENT_SLOT, STEPS_SLOT, Environment
from service.engine.judging.judge import Judgement, output_value
from service.engine.judging.program import DecidedOutput, Program
from service.engine.reference.truths import Truths
from service.language.declared.open_values import Options
from service.language.model import Output
from service.language.syntax import facts_read

STEPS_OF_A_COPY = 40
STEPS_OF_A_RULE = 16
STEPS_OF_AN_ATOM = 4
VALUES_COPIED_IN_A_STEP = 16
"""How many steps the parts of a search count as, by the time that they take."""


IsChange = Callable[[Any, Any], bool]
"""Whether a value before and a value after count as a change."""


class OutputNow(NamedTuple):
    """The value of an output, and the values that it can be."""

    value: Any
    can_be: Any


class ConeState(NamedTuple):
    """A judgement, or one after some changes, as far as it concerns the cone."""

    environment: Environment
    rules: Truths
    output: OutputNow


def options(can_be: Any) -> frozenset[Any]:
    """The values that an output can be."""
    return frozenset(can_be.values if isinstance(can_be, Options) else (can_be,))


def differs(before: Any, after: Any) -> bool:
    return bool(before != after)


def may_differ(before: Any, after: Any) -> bool:
    """What is unknown now was perhaps unknown before because of another fact: then it is unknown for one more reason."""
    return after is None or differs(before, after)


@dataclass(frozen=True, slots=True)
class Cone:
    """Compiled once per pack. `rules` are the positions of the rules that can influence `output`.

    They include the rules that could contradict each other: if rules conflict, there is no answer at all.
    `levels` has the stratum of each rule. By the slot of a fact or an output, `readers` has the rules that name it. By the slot
    of a fact, `derived` has the positions of the derived facts that name it, and `conditional` the slots of the facts that
    apply or not because of it.
    """

    program: Program
    output: Output
    rules: tuple[int, ...]
    levels: Mapping[int, int]
    decided: tuple[tuple[DecidedOutput, ...], ...]
    readers: Mapping[int, tuple[int, ...]]
    derived: Mapping[int, tuple[int, ...]]
    conditional: Mapping[int, tuple[int, ...]]

    @property
    def steps_to_copy(self) -> int:
        """The steps that the copy of a judgement counts as."""
        values = self.program.layout.size + len(self.program.pack.rules)
        return STEPS_OF_A_COPY + values // VALUES_COPIED_IN_A_STEP

    def fill(
        self,
        environment: Environment,
        changes: Mapping[int, Any],
        is_change: IsChange = differs,
    ) -> list[int]:
        """Sets these facts (by slot), the absent facts that apply or not because of them, and the facts derived from them.

        Returns the slots that changed. What depends only on other slots is not computed again.
        """
        changed = [slot for slot, value in changes.items() if is_change(environment[slot], value)]
        for slot in changed:
            environment[slot] = changes[slot]
        environment[STEPS_SLOT].take(STEPS_OF_AN_ATOM * (1 + len(changes)))
        self._fill_conditional(environment, changed, is_change)
        self._derive(environment, changed, is_change)
        return changed

    def _fill_conditional(
        self, environment: Environment, changed: list[int], is_change: IsChange
    ) -> None:
        waiting = {slot for one in changed for slot in self.conditional.get(one, ())}
        for one in environment[ABSENT_SLOT] if waiting else ():
            if one.slot in waiting:
                environment[STEPS_SLOT].take(STEPS_OF_A_RULE)
                before = environment[one.slot]
                one.fill(environment)
                if is_change(before, environment[one.slot]):
                    changed.append(one.slot)
                    waiting.update(self.conditional.get(one.slot, ()))

    def _derive(self, environment: Environment, changed: list[int], is_change: IsChange) -> None:
        """Derived facts stand in the order of computation: the first one that waits reads none of the others that wait."""
        waiting = {position for slot in changed for position in self.derived.get(slot, ())}
        ordered = sorted(waiting)
        while ordered:
            position = heappop(ordered)
            slot, evaluate = self.program.derived[position]
            environment[STEPS_SLOT].take(STEPS_OF_A_RULE)
            before, environment[slot] = environment[slot], evaluate(environment)
            if is_change(before, environment[slot]):
                changed.append(slot)
                for other in self.derived.get(slot, ()):
                    if other not in waiting:
                        waiting.add(other)
                        heappush(ordered, other)

    def state(self, judgement: Judgement) -> ConeState:
        name = self.output.name
        now = OutputNow(judgement.values[name], judgement.can_be[name])
        return ConeState(judgement.environment, judgement.rules, now)

    def after(
        self,
        before: ConeState,
        changes: Mapping[int, Any],
        is_change: IsChange = differs,
    ) -> ConeState:
        """The state after these facts have changed. Only rules that read a changed slot are evaluated.

        Where facts become unknown, `is_change` must be `may_differ`: `has` of a derived fact then asks for those behind it.
        Raises RuleConflict.
        """
        before.environment[STEPS_SLOT].take(self.steps_to_copy)
        environment, rules = before.environment.copy(), before.rules.copy()
        waiting = self.waiting(self.fill(environment, changes, is_change))
        found, touched = before.output, 0
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
                    self.add_readers(waiting, one.slot)
        return ConeState(environment, rules, found)

    def waiting(self, changed: Iterable[int]) -> list[set[int]]:
        """By stratum, the rules that read these slots."""
        found: list[set[int]] = [set() for _ in self.decided]
        for slot in changed:
            self.add_readers(found, slot)
        return found

    def add_readers(self, waiting: list[set[int]], slot: int) -> None:
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
    slots, pack = program.layout.facts, program.pack

    def in_slots(names: Iterable[str]) -> set[int]:
        return {slots[name] for name in names}

    return Cone(
        program=program,
        output=output,
        rules=tuple(rules),
        levels={rule: n for n, stratum in enumerate(program.pack.strata) for rule in stratum},
        decided=decided,
        readers=_by_slot((n, in_slots(program.facts_of[n]) | program.reads[n]) for n in rules),
        derived=_by_slot(
            (n, in_slots(facts_read(item.value))) for n, item in enumerate(pack.derived)
        ),
        conditional=_by_slot(
            (slots[one.fact.name], in_slots(facts_read(one.when))) for one in pack.applicabilities
        ),
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


def _by_slot(reading: Iterable[tuple[int, Iterable[int]]]) -> dict[int, tuple[int, ...]]:
    """From what reads which slots: by slot, what reads it."""
    found: dict[int, list[int]] = {}
    for reader, slots in reading:
        for slot in slots:
            found.setdefault(slot, []).append(reader)
    return {slot: tuple(readers) for slot, readers in found.items()}
