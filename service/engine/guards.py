"""Which of the actions asked for may be taken. Done once, after all strata; no rule can override it.

Guards fail closed: a firing guard blocks, an undetermined one holds until the facts that would settle it are known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from schemas.vocabulary import Text
from service.language.model import ASKED, BLOCKED, Pack, Rule


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
    """An action that must wait until undetermined guards are settled."""

    code: str
    asked_by: tuple[int, ...]
    guards: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    allowed: tuple[Ask, ...]
    blocked: tuple[Block, ...]
    held: tuple[Hold, ...]


class Bar(NamedTuple):
    """On what grounds one rule bars one action, and what it offers instead."""

    grounds: tuple[Text, ...]
    instead: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Guards:
    """What the rules ask for and bar, found once per pack. `gives` are the rules (positions) that do either."""

    pack: Pack
    gives: tuple[tuple[int, tuple[tuple[str, str], ...]], ...]
    guards: Mapping[str, tuple[int, ...]]
    bars: Mapping[tuple[int, str], Bar]
    rank: Mapping[str, int]
    forbidden: frozenset[str]

    @classmethod
    def of(cls, pack: Pack) -> Guards:
        gives = []
        guards: dict[str, list[int]] = {}
        for position, rule in enumerate(pack.rules):
            named = dict.fromkeys(
                (one.output, one.value) for one in rule.then if one.output in (ASKED, BLOCKED)
            )
            if named:
                gives.append((position, tuple(named)))
            for output, code in named:
                if output == BLOCKED:
                    guards.setdefault(code, []).append(position)
        return cls(
            pack,
            tuple(gives),
            {code: tuple(positions) for code, positions in guards.items()},
            {
                (position, code): _bar(pack.rules[position], code)
                for code, positions in guards.items()
                for position in positions
            },
            {code: rank for rank, code in enumerate(pack.actions)},
            frozenset(code for code, action in pack.actions.items() if action.forbidden),
        )

    def decide(self, truths: Sequence[bool | None], bounds: Sequence[bool | None]) -> Decision:
        """`truths` says what fires; `bounds` is stricter and says which guards are still undetermined."""
        asked: dict[str, list[int]] = {}
        barred: dict[str, list[int]] = {}
        for position, named in self.gives:
            if truths[position]:
                for output, code in named:
                    (asked if output == ASKED else barred).setdefault(code, []).append(position)
        allowed, blocked, held = [], [], []
        relevant = asked.keys() | (barred.keys() & self.forbidden)
        for code in sorted(relevant, key=self.rank.__getitem__):
            guards = self.guards.get(code, ())
            if code in barred:
                blocked.append(self._block(code, tuple(barred[code]), truths))
            elif waiting := [n for n in guards if truths[n] is None or bounds[n] is None]:
                held.append(Hold(code, tuple(asked[code]), tuple(waiting)))
            else:
                allowed.append(Ask(code, tuple(asked[code])))
        return Decision(tuple(allowed), tuple(blocked), tuple(held))

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
        return any(truths[n] for n in self.guards.get(code, ()))


def _bar(rule: Rule, code: str) -> Bar:
    given = [one for one in rule.then if one.value == code]
    grounds = tuple(one.ground for one in given if one.ground)
    return Bar(grounds, tuple(other for one in given for other in one.instead))


def _once(grounds: list[Text]) -> tuple[Text, ...]:
    """Without those that stand there already."""
    return tuple([one for n, one in enumerate(grounds) if one not in grounds[:n]])
