"""The part of a pack that leads to one output, judged again quickly for a few changed facts. Reference evaluator only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from service.engine.expressions.closures import Environment
from service.engine.judging.judge import Judgement, Truths, settled
from service.engine.judging.program import Final, Program
from service.language.declared.derived_facts import roots
from service.language.declared.hit_policies import Options
from service.language.model import Output
from service.language.syntax import Node, facts_read


class Value(NamedTuple):
    """What an output is shown as, and all that it can be."""

    shown: Any
    possible: Any

    def options(self) -> frozenset[Any]:
        options = self.possible
        return frozenset(options.values if isinstance(options, Options) else (options,))


@dataclass(frozen=True, slots=True)
class Slice:
    """Compiled once per pack. `rules` are the positions of the rules that have a say in `output`.

    Those that could contradict each other have one too: where rules conflict there is no answer at all.
    `levels` says in which stratum a rule is judged, `readers` which rules read a slot, perhaps by a
    derived fact, `derived` which derived facts (positions) hang on a posted fact's slot.
    """

    program: Program
    output: Output
    rules: tuple[int, ...]
    levels: Mapping[int, int]
    finished: tuple[tuple[Final, ...], ...]
    readers: Mapping[int, tuple[int, ...]]
    derived: Mapping[int, tuple[int, ...]]

    def fill(self, environment: Environment, changes: Mapping[int, Any]) -> None:
        """Set these facts (by slot), and what is derived from them."""
        hanging: set[int] = set()
        for slot, value in changes.items():
            environment[slot] = value
            hanging.update(self.derived[slot])
        for position in sorted(hanging):
            slot, evaluate = self.program.derived[position]
            environment[slot] = evaluate(environment)

    def value(self, before: Judgement, changes: Mapping[int, Any]) -> Value:
        """The output once these facts have changed. Only rules that read what changed are judged.

        Raises RuleConflict.
        """
        environment, rules = before.environment.copy(), before.rules.copy()
        self.fill(environment, changes)
        waiting: list[set[int]] = [set() for _ in self.finished]
        for slot in changes:
            self._wake(waiting, slot)
        name = self.output.name
        found = Value(before.shown[name], before.possible[name])
        touched = 0
        for positions, finished in zip(waiting, self.finished, strict=True):
            touched |= self._judge(positions, environment, rules)
            for final in finished if touched else ():
                if not touched & final.rules:
                    continue
                now = settled(self.program, final, rules)
                if final.output is self.output:
                    found = Value(*now)
                if now[1] != environment[final.slot]:
                    environment[final.slot] = now[1]
                    self._wake(waiting, final.slot)
        return found

    def _wake(self, waiting: list[set[int]], slot: int) -> None:
        for position in self.readers.get(slot, ()):
            waiting[self.levels[position]].add(position)

    def _judge(self, positions: Iterable[int], environment: Environment, rules: Truths) -> int:
        """Judges these rules; a bit for each whose truth is another now."""
        touched = 0
        for position in positions:
            if rules.change(position, self.program.evaluators[position](environment)):
                touched |= 1 << position
        return touched


def compile_slice(program: Program, output: Output) -> Slice:
    wanted = _leading_to(program, [output.name, *_quarrelsome(program)])
    finished = tuple(
        tuple(final for final in level if final.output.name in wanted) for level in program.finished
    )
    rules = sorted({giver.rule for level in finished for final in level for giver in final.givers})
    facts, derived = _readers_of_facts(program, rules)
    for position in rules:
        for slot in program.reads[position]:
            facts.setdefault(slot, []).append(position)
    return Slice(
        program=program,
        output=output,
        rules=tuple(rules),
        levels={rule: n for n, stratum in enumerate(program.pack.strata) for rule in stratum},
        finished=finished,
        readers={slot: tuple(positions) for slot, positions in facts.items()},
        derived=derived,
    )


def _leading_to(program: Program, roots: list[str]) -> set[str]:
    """The outputs that these hang on, themselves among them."""
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


def _quarrelsome(program: Program) -> Iterator[str]:
    """The outputs for which rules can contradict each other."""
    for level in program.finished:
        for final in level:
            if final.output.hit in ("any", "unique") and len(final.gifts) > 1:
                yield final.output.name


def _readers_of_facts(
    program: Program, rules: Iterable[int]
) -> tuple[dict[int, list[int]], dict[int, tuple[int, ...]]]:
    """By a posted fact's slot: the rules that read it, and the derived facts that hang on it."""
    pack, slots = program.pack, program.layout.facts
    hanging: dict[int, list[int]] = {slots[name]: [] for name in pack.vocabulary.facts}
    readers: dict[int, list[int]] = {slot: [] for slot in hanging}
    through = posted_through(program)
    for position, item in enumerate(pack.derived):
        for name in through[item.fact.name]:
            hanging[slots[name]].append(position)
    for position in rules:
        for name in posted_in(pack.rules[position].when, through):
            readers[slots[name]].append(position)
    return readers, {slot: tuple(positions) for slot, positions in hanging.items()}


def posted_through(program: Program) -> dict[str, frozenset[str]]:
    """By name, the posted facts that a posted or a derived fact hangs on."""
    posted = frozenset(program.pack.vocabulary.facts)
    derived = {name: found & posted for name, found in roots(program.pack.derived).items()}
    return {name: frozenset([name]) for name in posted} | derived


def posted_in(node: Node, through: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """The posted facts that a condition hangs on."""
    return frozenset().union(*(through.get(name, ()) for name in facts_read(node)))
