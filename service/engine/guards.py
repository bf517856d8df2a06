"""Which of the actions asked for may be taken. Done once, after all strata; no rule can override it.

Guards fail closed: a firing guard blocks, an undetermined one holds until the facts that would settle it are known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from schemas.vocabulary import Text
from service.language.model import ASKED, BLOCKED, Pack


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


@dataclass(frozen=True, slots=True)
class Guards:
    """What the rules ask for and bar, found once per pack. `gives` are the rules (positions) that do either."""

    pack: Pack
    gives: tuple[tuple[int, tuple[tuple[str, str], ...]], ...]
    guards: Mapping[str, tuple[int, ...]]
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
        given = [
            one
            for position in firing
            for one in self.pack.rules[position].then
            if one.value == code
        ]
        action = self.pack.actions[code]
        grounds = [one.ground for one in given if one.ground] or [action.ground]
        instead = [other for one in given for other in one.instead] or action.instead
        return Block(
            code,
            firing,
            tuple(
                ground for n, ground in enumerate(grounds) if ground and ground not in grounds[:n]
            ),
            tuple(dict.fromkeys(other for other in instead if not self._barred(other, truths))),
        )

    def _barred(self, code: str, truths: Sequence[bool | None]) -> bool:
        return any(truths[n] for n in self.guards.get(code, ()))
