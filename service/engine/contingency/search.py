"""Searches the smallest change that leads to each value of an output: of one known fact, otherwise of two."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from service.engine.contingency.cone import Cone
from service.engine.contingency.levers import Lever, Move, moves
from service.engine.errors import RuleConflict
from service.engine.expressions.layout import ABSENT_SLOT, HAS_UNKNOWN_SLOT, STEPS_SLOT
from service.engine.judging.judge import Judgement

STEPS_OF_A_PAIR = 20
"""To make a pair and to sort it among the others takes about as long as this number of steps."""

Change = tuple[Move, ...]
Confirm = Callable[[str, Change], bool]


@dataclass(frozen=True, slots=True)
class Search:
    """The search in one incident. `relaxed` is its relaxed judgement."""

    cone: Cone
    judgement: Judgement
    relaxed: Judgement
    moves: dict[Lever, list[Move]]

    @classmethod
    def of(
        cls, cone: Cone, levers: Sequence[Lever], judgement: Judgement, relaxed: Judgement
    ) -> Search:
        relaxed = replace(relaxed, environment=relaxed.environment.copy())
        relaxed.environment[HAS_UNKNOWN_SLOT] = None
        environment = judgement.environment
        absent = {one.slot for one in environment[ABSENT_SLOT]}  # what does not apply cannot change
        known = [
            lever
            for lever in levers
            if environment[lever.slot] is not None and lever.slot not in absent
        ]
        found = {lever: moves(cone, lever, environment) for lever in known}
        return cls(cone, judgement, relaxed, {lever: some for lever, some in found.items() if some})

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
            return self.cone.value(self.judgement, changed).value
        except RuleConflict:
            return None

    def _is_beyond(self, value: Any, other: Any) -> bool:
        """Whether the other value is further from the output's present value, on the same side.

        Then one of the two moves alone goes further, and the second only takes a part back: the pair is left out.
        """
        values = self.cone.output.type.values
        if value not in values or other not in values:
            return False
        here = values.index(self.judgement.values[self.cone.output.name])
        step, further = values.index(value) - here, values.index(other) - here
        return step * further > 0 and abs(further) > abs(step)

    def _pairs(self, wanted: set[str]) -> Iterator[Change]:
        """Pairs of moves of two facts, without those that cannot lead to a value wanted."""
        for one, other in self._within(list(self.moves), wanted):
            for move in self.moves[one]:
                if self._can_reach([other], wanted, move):
                    self._take_steps(STEPS_OF_A_PAIR * len(self.moves[other]))
                    yield from ((move, second) for second in self.moves[other])

    def _take_steps(self, number: int) -> None:
        self.judgement.environment[STEPS_SLOT].take(number)

    def _within(self, levers: list[Lever], wanted: set[str]) -> Iterator[tuple[Lever, Lever]]:
        """The pairs of facts worth trying, found by halving: a value that a whole group cannot reach, no two of it can reach."""
        if len(levers) < 2 or not self._can_reach(levers, wanted):
            return
        half = len(levers) // 2
        yield from self._within(levers[:half], wanted)
        yield from self._within(levers[half:], wanted)
        yield from self._between(levers[:half], levers[half:], wanted)

    def _between(
        self, some: list[Lever], others: list[Lever], wanted: set[str]
    ) -> Iterator[tuple[Lever, Lever]]:
        if not self._can_reach([*some, *others], wanted):
            return
        if len(some) == len(others) == 1:
            yield some[0], others[0]
        elif len(some) >= len(others):
            half = len(some) // 2
            yield from self._between(some[:half], others, wanted)
            yield from self._between(some[half:], others, wanted)
        else:
            half = len(others) // 2
            yield from self._between(some, others[:half], wanted)
            yield from self._between(some, others[half:], wanted)

    def _can_reach(self, levers: Sequence[Lever], wanted: set[str], *moved: Move) -> bool:
        """Whether the output could be a value wanted if these facts were unknown."""
        changed = {lever.slot: None for lever in levers}
        changed |= {move.lever.slot: move.value for move in moved}
        try:
            return not wanted.isdisjoint(self.cone.value(self.relaxed, changed).options())
        except RuleConflict:
            return False


def _rank(change: Change) -> tuple[float, list[int], list[int]]:
    """By size; then facts in the vocabulary's order, and values in the order in which they are tried."""
    return (
        sum(move.size for move in change),
        [move.lever.number for move in change],
        [move.position for move in change],
    )
