"""Which of the actions asked for may be taken. Done once, after all strata; no rule can override it.

Guards fail closed: a firing guard blocks; an undetermined one, and a rule that holds, lets the action wait until
the facts that would settle it are known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from schemas.vocabulary import Text
from service.language.model import ASKED, BARRING, BLOCKED, HELD, Pack, Rule


@dataclass(frozen=True, slots=True)
class Ask:
    """An action asked for, and the rules (positions) that ask."""

    code: str
    rules: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """An action that must not be taken: the guards that say so, on what ground, and what to do instead."""

    code: str
    rules: tuple[int, ...]
    grounds: tuple[Text, ...]
    instead: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hold:
    """An action that must wait: for undetermined guards, and for the facts (`until`) that rules name which hold it."""

    code: str
    asked_by: tuple[int, ...]
    undetermined: tuple[int, ...]
    holding: tuple[int, ...]
    until: tuple[str, ...]
    grounds: tuple[Text, ...]

    @property
    def rules(self) -> tuple[int, ...]:
        return tuple(sorted({*self.holding, *self.undetermined}))


@dataclass(frozen=True, slots=True)
class Decision:
    allowed: tuple[Ask, ...]
    blocked: tuple[Block, ...]
    held: tuple[Hold, ...]


class Bar(NamedTuple):
    """On what grounds one rule bars one action, what it offers instead, and until which facts it holds it."""

    grounds: tuple[Text, ...]
    instead: tuple[str, ...]
    until: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Guards:
    """What the rules ask for, block and hold, found once per pack.

    `gives` are the rules (positions) that do any of it; `blocking` has those that block an action,
    `barring` those that block or hold it, by code.
    """

    pack: Pack
    gives: tuple[tuple[int, tuple[tuple[str, str], ...]], ...]
    blocking: Mapping[str, tuple[int, ...]]
    barring: Mapping[str, tuple[int, ...]]
    barring_rules: frozenset[int]
    bars: Mapping[tuple[int, str], Bar]
    rank: Mapping[str, int]
    forbidden: frozenset[str]

    @classmethod
    def of(cls, pack: Pack) -> Guards:
        gives = []
        blocking: dict[str, list[int]] = {}
        barring: dict[str, list[int]] = {}
        for position, rule in enumerate(pack.rules):
            named = dict.fromkeys(
                (one.output, one.value) for one in rule.then if one.output in (ASKED, *BARRING)
            )
            if named:
                gives.append((position, tuple(named)))
            for output, code in named:
                if output == BLOCKED:
                    blocking.setdefault(code, []).append(position)
                if output in BARRING:
                    barring.setdefault(code, []).append(position)
        return cls(
            pack,
            tuple(gives),
            {code: tuple(positions) for code, positions in blocking.items()},
            {code: tuple(positions) for code, positions in barring.items()},
            frozenset(position for positions in barring.values() for position in positions),
            {
                (position, code): _bar(pack.rules[position], code)
                for code, positions in barring.items()
                for position in positions
            },
            {code: rank for rank, code in enumerate(pack.actions)},
            frozenset(code for code, action in pack.actions.items() if action.forbidden),
        )

    def decide(self, truths: Sequence[bool | None], bounds: Sequence[bool | None]) -> Decision:
        """`truths` says what fires; `bounds` is stricter and says which guards are still undetermined."""
        given: dict[str, dict[str, list[int]]] = {ASKED: {}, BLOCKED: {}, HELD: {}}
        for position, named in self.gives:
            if truths[position]:
                for output, code in named:
                    given[output].setdefault(code, []).append(position)
        asked, blocking, holding = given[ASKED], given[BLOCKED], given[HELD]
        open_ones = self._undetermined(truths, bounds)
        allowed, blocked, held = [], [], []
        relevant = asked.keys() | (blocking.keys() & self.forbidden)
        for code in sorted(relevant, key=self.rank.__getitem__):
            if code in blocking:
                blocked.append(self._block(code, tuple(blocking[code]), truths))
                continue
            undetermined = [n for n in self.barring.get(code, ()) if n in open_ones]
            if undetermined or code in holding:
                firing = tuple(holding.get(code, ()))
                held.append(self._hold(code, tuple(asked[code]), tuple(undetermined), firing))
            else:
                allowed.append(Ask(code, tuple(asked[code])))
        return Decision(tuple(allowed), tuple(blocked), tuple(held))

    def _undetermined(
        self, truths: Sequence[bool | None], bounds: Sequence[bool | None]
    ) -> set[int]:
        """The rules that may yet block or hold something."""
        return {n for n in self.barring_rules if truths[n] is None or bounds[n] is None}

    def _block(self, code: str, firing: tuple[int, ...], truths: Sequence[bool | None]) -> Block:
        """An alternative that a guard bars as well is none, whether it was asked for or not."""
        action = self.pack.actions[code]
        given = [self.bars[position, code] for position in firing]
        grounds = [ground for bar in given for ground in bar.grounds] or [action.ground]
        instead = [other for bar in given for other in bar.instead] or action.instead
        return Block(
            code,
            firing,
            _once([ground for ground in grounds if ground]),
            tuple([other for other in dict.fromkeys(instead) if not self._barred(other, truths)]),
        )

    def _barred(self, code: str, truths: Sequence[bool | None]) -> bool:
        return any(truths[n] for n in self.blocking.get(code, ()))

    def _hold(
        self,
        code: str,
        asked_by: tuple[int, ...],
        undetermined: tuple[int, ...],
        firing: tuple[int, ...],
    ) -> Hold:
        given = [self.bars[position, code] for position in firing]
        until = dict.fromkeys(fact for bar in given for fact in bar.until)
        grounds = _once([ground for bar in given for ground in bar.grounds])
        return Hold(code, asked_by, undetermined, firing, tuple(until), grounds)


def _bar(rule: Rule, code: str) -> Bar:
    given = [one for one in rule.then if one.value == code]
    return Bar(
        grounds=tuple(one.ground for one in given if one.ground),
        instead=tuple(other for one in given for other in one.instead),
        until=tuple(fact for one in given for fact in one.until),
    )


def _once(grounds: list[Text]) -> tuple[Text, ...]:
    """Without those that stand there already."""
    return tuple([one for n, one in enumerate(grounds) if one not in grounds[:n]])
