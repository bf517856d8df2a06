"""What would not bring an output down from its worst value: facts whose change is no aim, and changes that have no effect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from service.engine.contingency.cone import (
    STEPS_OF_A_RULE,
    Cone,
    IsChange,
    OutputNow,
    differs,
    may_differ,
    options,
)
from service.engine.contingency.levers import Lever, Move, moves
from service.engine.errors import RuleConflict
from service.engine.expressions.layout import HAS_UNKNOWN_SLOT, STEPS_SLOT
from service.engine.judging.judge import Judgement
from service.language.syntax import outputs_read


@dataclass(frozen=True, slots=True)
class Standstill:
    """Looks at one incident whose output has its worst value. `relaxed` is its relaxed judgement."""

    cone: Cone
    levers: Sequence[Lever]
    judgement: Judgement
    relaxed: Judgement

    @classmethod
    def of(
        cls, cone: Cone, levers: Sequence[Lever], judgement: Judgement, relaxed: Judgement
    ) -> Standstill:
        relaxed = replace(relaxed, environment=relaxed.environment.copy())
        relaxed.environment[HAS_UNKNOWN_SLOT] = None
        known = [lever for lever in levers if judgement.environment[lever.slot] is not None]
        return cls(cone, known, judgement, relaxed)

    def facts(self) -> tuple[list[Lever], list[Lever]]:
        """The facts that keep the output at its worst value, and those whose change alone does not bring it down.

        A fact of the first list would have to change in a way that is no aim, as its `lever` says. One of the second list
        may be aimed at in any direction, and a rule that leads to the value would no longer fire. Raises BudgetExceeded.
        """
        leading = self._leading()
        kept_up, without_effect = [], []
        for lever in self.levers:
            aimed_at = moves(self.cone, lever, self.judgement.environment)
            if any(map(self._is_better, aimed_at)):
                continue
            others = moves(self.cone, lever, self.judgement.environment, aimed_at=False)
            if any(map(self._is_better, others)) or (
                self._stops(others, leading) and self._is_enough(lever)
            ):
                kept_up.append(lever)
            elif lever.fact.lever == "both" and self._stops(aimed_at, leading):
                without_effect.append(lever)
        return kept_up, without_effect

    def _leading(self) -> frozenset[int]:
        """The rules that fire and give the output its value, and those that give theirs to the outputs that these read."""
        pack, found = self.cone.program.pack, set[int]()
        waiting, seen = [self.cone.output.name], {self.cone.output.name}
        while waiting:
            for position in self._givers(waiting.pop()):
                found.add(position)
                new = outputs_read(pack.rules[position].when) - seen
                seen |= new
                waiting += new
        return frozenset(found)

    def _givers(self, name: str) -> list[int]:
        pack, value = self.cone.program.pack, self.judgement.values[name]
        any_value = pack.outputs[name].policy.is_made_of_all
        return [
            position
            for position in self.judgement.rules.fired()
            for given in pack.rules[position].then
            if given.output == name and (any_value or given.value == value)
        ]

    def _stops(self, tried: Sequence[Move], leading: frozenset[int]) -> bool:
        """Whether one of these moves alone keeps a leading rule from firing, while the outputs that it reads stay."""
        for move in tried:
            trial = self.judgement.environment.copy()
            changed = self.cone.fill(trial, {move.lever.slot: move.value})
            reading = {rule for slot in changed for rule in self.cone.readers.get(slot, ())}
            for position in leading & reading:
                trial[STEPS_SLOT].take(STEPS_OF_A_RULE)
                if self.cone.program.evaluators[position](trial) is not True:
                    return True
        return False

    def _is_better(self, move: Move) -> bool:
        try:
            then = self._output_after(self.judgement, {move.lever.slot: move.value}, differs)
        except RuleConflict:
            return False
        return bool(then.value != self._worst)

    def _is_enough(self, lever: Lever) -> bool:
        """Whether this fact keeps the worst value whatever the others are."""
        others = {other.slot: None for other in self.levers if other is not lever}
        try:
            then = self._output_after(self.relaxed, others, may_differ)
        except RuleConflict:
            return False
        return options(then.can_be) == {self._worst}

    @property
    def _worst(self) -> Any:
        return self.judgement.values[self.cone.output.name]

    def _output_after(
        self,
        judgement: Judgement,
        changes: Mapping[int, Any],
        is_change: IsChange,
    ) -> OutputNow:
        return self.cone.after(self.cone.state(judgement), changes, is_change).output
