"""Lists the unknown facts that could change an output: which outputs, the question, and the role to ask."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from schemas.strict_json import Json
from service.engine.bits import numbers
from service.engine.judging.guards import Decision
from service.engine.judging.judge import Judgement
from service.engine.why.blame import Blame
from service.engine.words.pack_words import PackWords
from service.language.declared.open_values import OPEN_TYPES
from service.language.model import ASKED, BLOCKING_OR_HOLDING, Pack


@dataclass(frozen=True, slots=True)
class Unknowns:
    """`facts_of_plan` are the unknown facts that decide which alternative of an action holds or when its clock starts."""

    pack: Pack
    words: PackWords
    relaxed: Judgement
    decision: Decision
    blame: Blame
    facts_of_plan: int = 0

    def to_json(self) -> list[Json]:
        """Facts that could change more lifted outputs come first.

        Of those that could change none, facts that could change the actions asked for come first.
        Facts of the same rank have the order of the vocabulary.
        """
        groups: list[tuple[int, list[str]]] = []
        for output in self.pack.outputs:
            if facts := self._open_because_of(output):
                groups = _split(groups, facts, output)
        weighed = [(self._weight(outputs), facts, outputs) for facts, outputs in groups]
        ranked = sorted(
            (weight, number, could_change)
            for weight, facts, could_change in weighed
            for number in numbers(facts)
        )
        names = self.blame.index.facts
        return [
            {
                "fact": names[number],
                "text": self.words.facts[names[number]],
                "could_change": could_change,
                **self.words.questions[names[number]],
            }
            for _, number, could_change in ranked
        ]

    def _weight(self, outputs: list[str]) -> tuple[int, int]:
        lifted = len([name for name in outputs if name in self.pack.lifted])
        return -lifted, 0 if lifted or ASKED in outputs else 1

    def _open_because_of(self, name: str) -> int:
        if name in BLOCKING_OR_HOLDING:
            found = 0
            for position in self._guards_that_matter():
                if any(given.output == name for given in self.pack.rules[position].then):
                    found |= self.blame.of_rule(position)
            return found
        found = self.facts_of_plan if name == ASKED else 0
        if isinstance(self.relaxed.can_be[name], OPEN_TYPES):
            found |= self.blame.of_output(name)
        return found

    def _guards_that_matter(self) -> Iterator[int]:
        """The undetermined guards of held actions, and the guards that alone block an action while a `has` is false."""
        for hold in self.decision.held:
            yield from hold.undetermined
        unknown = self.relaxed.rules.unknown
        for block in self.decision.blocked:
            if all(unknown >> position & 1 for position in block.rules):
                yield from block.rules


def _split(
    groups: list[tuple[int, list[str]]], facts: int, output: str
) -> list[tuple[int, list[str]]]:
    """Splits groups of facts that could change the same outputs: `facts` could change `output` too."""
    found = []
    for group, could_change in groups:
        if group & facts:
            found.append((group & facts, [*could_change, output]))
        if group & ~facts:
            found.append((group & ~facts, could_change))
        facts &= ~group
    return [*found, (facts, [output])] if facts else found
