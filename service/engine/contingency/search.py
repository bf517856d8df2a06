"""Searches the smallest change that leads to each value of an output: of one known fact, otherwise of two."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import ceil
from typing import Any

from service.engine.contingency.cone import Cone, ConeState
from service.engine.contingency.levers import Lever, Move, moves
from service.engine.contingency.reach import Reach, freed
from service.engine.errors import RuleConflict
from service.engine.expressions.layout import ABSENT_SLOT, STEPS_SLOT
from service.engine.judging.judge import Judgement

STEPS_OF_A_PAIR = 20
"""To make a pair and to sort it among the others takes about as long as this number of steps."""
PARTS = 8
"""Into how many parts a group of facts is split. With 8 the incidents of the default pack take the fewest steps (2, 3, 4 and 8 were tried)."""

Change = tuple[Move, ...]
Confirm = Callable[[str, Change], bool]


@dataclass(frozen=True, slots=True)
class Search:
    """The search in one incident. `present` is its state before any change."""

    cone: Cone
    present: ConeState
    moves: dict[Lever, list[Move]]

    @classmethod
    def of(cls, cone: Cone, levers: Sequence[Lever], judgement: Judgement) -> Search:
        environment = judgement.environment
        absent = {one.slot for one in environment[ABSENT_SLOT]}  # what does not apply cannot change
        known = [
            lever
            for lever in levers
            if environment[lever.slot] is not None and lever.slot not in absent
        ]
        found = {lever: moves(cone, lever, environment) for lever in known}
        return cls(
            cone, cone.state(judgement), {lever: some for lever, some in found.items() if some}
        )

    def find(self, wanted: Sequence[str], confirm: Confirm, found: dict[str, Change]) -> None:
        """Adds the smallest change for each value wanted. A value to which no change of one or two facts leads is left out.

        `confirm` judges the whole pack and decides whether a change counts. Raises BudgetExceeded.
        """
        alone: dict[Move, Any] = {}
        singles: list[Change] = [(move,) for some in self.moves.values() for move in some]
        self._add_first(singles, set(wanted), confirm, alone, found)
        missing = set(wanted) - found.keys()
        if missing:
            self._add_first(list(self._pairs(missing)), missing, confirm, alone, found)

    def _add_first(
        self,
        changes: list[Change],
        wanted: set[str],
        confirm: Confirm,
        alone: dict[Move, Any],
        found: dict[str, Change],
    ) -> None:
        """Adds the smallest of these changes for each value wanted. `alone` collects the value that each move alone leads to."""
        for change in sorted(changes, key=_rank):
            value = self._value(change)
            if len(change) == 1:
                alone[change[0]] = value
            elif any(self._is_beyond(value, alone[move]) for move in change):
                continue
            if value in wanted and value not in found and confirm(value, change):
                found[value] = change
                if wanted <= found.keys():
                    break

    def _value(self, change: Change) -> Any:
        """The output's value after the change; None if the rules conflict."""
        try:
            changed = {move.lever.slot: move.value for move in change}
            return self.cone.after(self.present, changed).output.value
        except RuleConflict:
            return None

    def _is_beyond(self, value: Any, other: Any) -> bool:
        """Whether the other value is further from the output's present value, on the same side.

        Then one of the two moves alone goes further, and the second only takes a part back: the pair is left out.
        """
        values = self.cone.output.type.values
        if value not in values or other not in values:
            return False
        here = values.index(self.present.output.value)
        step, further = values.index(value) - here, values.index(other) - here
        return step * further > 0 and abs(further) > abs(step)

    def _pairs(self, wanted: set[str]) -> Iterator[Change]:
        """Pairs of moves of two facts, without those that cannot lead to a value wanted.

        Of a pair, a change of the second fact must lead on after the first move, and one of the first fact after the second move.
        """
        ways: dict[tuple[Lever, Lever], list[Move]] = {}
        levers = list(self.moves)
        for place, one in enumerate(levers):
            earlier = [other for other in levers[:place] if (other, one) in ways]
            others = self._worth_trying_with(one, [*earlier, *levers[place + 1 :]], wanted)
            for move in self.moves[one]:
                for other in self._leading_on(self._reach_after(move), others, wanted):
                    ways.setdefault((one, other), []).append(move)
        for (one, other), firsts in ways.items():
            seconds = ways.get((other, one), []) if one.number < other.number else []
            self._take_steps(STEPS_OF_A_PAIR * len(firsts) * len(seconds))
            yield from product(firsts, seconds)

    def _worth_trying_with(self, one: Lever, others: list[Lever], wanted: set[str]) -> list[Lever]:
        """Leaves out in one go what no move of this fact can make useful. With a single move that saves nothing."""
        if len(self.moves[one]) == 1:
            return others
        free = freed(self.cone, Reach.of(self.present), [one.slot])
        return list(self._leading_on(free, others, wanted))

    def _leading_on(
        self, reach: Reach | None, levers: list[Lever], wanted: set[str]
    ) -> Iterator[Lever]:
        """Those facts of which a change could lead on from here to a value wanted. All, if the rules conflict here.

        A value that a whole group cannot reach, none of it can reach. Otherwise the group is split.
        """
        if reach is None or not levers:
            yield from levers
        elif not wanted.isdisjoint(freed(self.cone, reach, [one.slot for one in levers]).values):
            if len(levers) == 1:
                yield levers[0]
                return
            size = ceil(len(levers) / PARTS)
            for start in range(0, len(levers), size):
                yield from self._leading_on(reach, levers[start : start + size], wanted)

    def _reach_after(self, move: Move) -> Reach | None:
        """From the state after this move; None if the rules conflict."""
        try:
            return Reach.of(self.cone.after(self.present, {move.lever.slot: move.value}))
        except RuleConflict:
            return None

    def _take_steps(self, number: int) -> None:
        self.present.environment[STEPS_SLOT].take(number)


def _rank(change: Change) -> tuple[float, list[int], list[int]]:
    """By size; then facts in the vocabulary's order, and values in the order in which they are tried."""
    return (
        sum(move.size for move in change),
        [move.lever.number for move in change],
        [move.position for move in change],
    )
