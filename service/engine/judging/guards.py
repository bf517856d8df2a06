"""Which of the actions asked for may be taken. Done once, after all strata; no rule can override it.

Guards fail closed: a firing guard blocks; an undetermined one, and a rule that holds, lets the action wait until
the facts that would settle it are known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from schemas.vocabulary import Text
from service.engine.bits import bits
from service.engine.reference.truths import Truths
from service.language.model import ASKED, BLOCKED, BLOCKING_OR_HOLDING, HELD, Pack, Rule


class Ask(NamedTuple):
    """An action asked for, and the rules (positions) that ask."""

    code: str
    rules: tuple[int, ...]


class Block(NamedTuple):
    """An action that must not be taken: the guards that say so, on what ground, and what to do instead."""

    code: str
    rules: tuple[int, ...]
    grounds: tuple[Text, ...]
    instead: tuple[str, ...]


class Hold(NamedTuple):
    """An action that must wait: for undetermined guards, and for the facts (`until`) that rules name which hold it."""

    code: str
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
class ActionRules:
    """An action with the rules (positions) that ask for it, block it, hold it, and each of them as bits (bit n for rule n). Both of the last are `bars`."""

    code: str
    forbidden: bool
    asking: tuple[int, ...]
    blocking: tuple[int, ...]
    holding: tuple[int, ...]
    asks: int
    blocks: int
    holds: int
    bars: int

    @classmethod
    def of(cls, code: str, forbidden: bool, by: Mapping[tuple[str, str], list[int]]) -> ActionRules:
        asking, blocking, holding = (tuple(by.get((o, code), ())) for o in (ASKED, BLOCKED, HELD))
        return cls(
            code,
            forbidden,
            asking,
            blocking,
            holding,
            asks=bits(asking),
            blocks=bits(blocking),
            holds=bits(holding),
            bars=bits((*blocking, *holding)),
        )


@dataclass(frozen=True, slots=True)
class Guards:
    """What the rules ask for, block and hold, found once per pack: by code, in the catalogue's order."""

    pack: Pack
    actions: Mapping[str, ActionRules]
    bars: Mapping[tuple[int, str], Bar]

    @classmethod
    def of(cls, pack: Pack) -> Guards:
        by: dict[tuple[str, str], list[int]] = {}
        for position, rule in enumerate(pack.rules):
            for named in dict.fromkeys((one.output, one.value) for one in rule.then):
                by.setdefault(named, []).append(position)
        return cls(
            pack,
            {code: ActionRules.of(code, one.forbidden, by) for code, one in pack.actions.items()},
            {
                (position, code): _bar(pack.rules[position], code)
                for (output, code), positions in by.items()
                if output in BLOCKING_OR_HOLDING
                for position in positions
            },
        )

    def decide(self, truths: Truths, relaxed: Truths) -> Decision:
        """`shown` says what fires; `bounds` is stricter and says which guards are still undetermined."""
        true, unknown = truths.true, truths.unknown | relaxed.unknown
        allowed, blocked, held = [], [], []
        for action in self.actions.values():
            if true & action.blocks:
                if action.forbidden or true & action.asks:
                    blocked.append(self._block(action, truths, true | unknown))
            elif true & action.asks:
                if true & action.holds or unknown & action.bars:
                    held.append(self._hold(action, truths, unknown))
                else:
                    allowed.append(Ask(action.code, truths.firing(action.asking)))
        return Decision(tuple(allowed), tuple(blocked), tuple(held))

    def _block(self, action: ActionRules, truths: Truths, closed: int) -> Block:
        """An alternative that is barred or would wait as well is none, whether it was asked for or not."""
        firing = truths.firing(action.blocking)
        declared = self.pack.actions[action.code]
        given = [self.bars[position, action.code] for position in firing]
        grounds = [ground for bar in given for ground in bar.grounds] or [declared.ground]
        instead = [other for bar in given for other in bar.instead] or declared.instead
        return Block(
            action.code,
            firing,
            _once([ground for ground in grounds if ground]),
            tuple([o for o in dict.fromkeys(instead) if not closed & self.actions[o].bars]),
        )

    def _hold(self, action: ActionRules, truths: Truths, unknown: int) -> Hold:
        firing = truths.firing(action.holding)
        deciding = sorted({*action.blocking, *action.holding})
        given = [self.bars[position, action.code] for position in firing]
        until = dict.fromkeys(fact for bar in given for fact in bar.until)
        return Hold(
            action.code,
            tuple([position for position in deciding if unknown >> position & 1]),
            firing,
            tuple(until),
            _once([ground for bar in given for ground in bar.grounds]),
        )


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
