"""Decides which of the actions asked for are allowed, blocked or held, once after all strata. No rule can override it.

Guards fail closed. A guard that fires blocks its action. An undetermined guard holds its action until the facts that decide
it are known. A rule that holds an action names the facts that must be known first; an undetermined one holds it as a guard does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from schemas.vocabulary import Text
from service.engine.bits import bits
from service.engine.expressions.closures import compile_condition
from service.engine.expressions.layout import Environment, Evaluate, Layout
from service.engine.judging.alternatives import OWN, Alternatives, known
from service.engine.reference.truths import Truths
from service.language.model import (
    ASKED,
    BLOCKED,
    BLOCKING_OR_HOLDING,
    HELD,
    Contribution,
    Pack,
    Rule,
)


class Ask(NamedTuple):
    """An action that rules ask for, and the positions of these rules.

    For a legal duty `undetermined` are the rules that ask for it if an unknown fact says so. Without `rules` the duty
    itself is only conditional.
    """

    code: str
    rules: tuple[int, ...]
    undetermined: tuple[int, ...] = ()


class Block(NamedTuple):
    """A blocked action: the positions of the guards that block it, their grounds, and the alternatives."""

    code: str
    rules: tuple[int, ...]
    grounds: tuple[Text, ...]
    instead: tuple[str, ...]


class Hold(NamedTuple):
    """A held action: `undetermined` guards and rules, the rules that fire and hold it, and the facts (`until`) that these name.

    `opposites` are the actions that contradict it and of which it is open whether they win.
    """

    code: str
    undetermined: tuple[int, ...]
    holding: tuple[int, ...]
    until: tuple[str, ...]
    grounds: tuple[Text, ...]
    opposites: tuple[str, ...] = ()

    @property
    def rules(self) -> tuple[int, ...]:
        return tuple(sorted({*self.holding, *self.undetermined}))


class LeftOut(NamedTuple):
    """An action that was asked for and is left out: `rules` ask for `winners`, which contradict it, over it."""

    code: str
    rules: tuple[int, ...]
    winners: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    allowed: tuple[Ask, ...]
    blocked: tuple[Block, ...]
    held: tuple[Hold, ...]
    left_out: tuple[LeftOut, ...] = ()
    conditional: tuple[Ask, ...] = ()


class CitedGround(NamedTuple):
    """The ground of one rule. Where the condition of one of the other grounds is known to be true, that one is cited."""

    own: Text
    conditions: tuple[Evaluate, ...]
    others: tuple[Text, ...]

    def cited(self, environment: Environment | None) -> Text:
        if environment is None or not self.conditions:
            return self.own
        position = known(self.conditions, environment)
        return self.own if position == OWN else self.others[position]


class BlockOrHold(NamedTuple):
    """How one rule blocks or holds one action: its grounds, the alternatives, and the facts until which it holds."""

    grounds: tuple[CitedGround, ...]
    instead: tuple[str, ...]
    until: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ActionRules:
    """An action, and the positions of the rules that ask for it, block it and hold it.

    `asks`, `blocks` and `holds` are the same rules as bits (bit n is rule n). `blocks_or_holds` joins the last two.
    """

    code: str
    forbidden: bool
    asking: tuple[int, ...]
    blocking: tuple[int, ...]
    holding: tuple[int, ...]
    asks: int
    blocks: int
    holds: int
    blocks_or_holds: int

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
            blocks_or_holds=bits((*blocking, *holding)),
        )


@dataclass(frozen=True, slots=True)
class Guards:
    """The actions with their rules, by code in the catalogue's order. Made once per pack.

    `duties` are those that are a legal duty, at least in one case.
    """

    pack: Pack
    actions: Mapping[str, ActionRules]
    blocks_and_holds: Mapping[tuple[int, str], BlockOrHold]
    alternatives: Alternatives
    duties: tuple[ActionRules, ...]

    @classmethod
    def of(cls, pack: Pack, layout: Layout) -> Guards:
        by: dict[tuple[str, str], list[int]] = {}
        for position, rule in enumerate(pack.rules):
            for named in dict.fromkeys((one.output, one.value) for one in rule.then):
                by.setdefault(named, []).append(position)
        actions = {c: ActionRules.of(c, one.forbidden, by) for c, one in pack.actions.items()}
        return cls(
            pack,
            actions,
            {
                (position, code): _block_or_hold(pack.rules[position], code, layout)
                for (output, code), positions in by.items()
                if output in BLOCKING_OR_HOLDING
                for position in positions
            },
            Alternatives.of(pack, layout),
            tuple(actions[c] for c, action in pack.actions.items() if action.can_be_statutory),
        )

    def decide(
        self, truths: Truths, relaxed: Truths, environment: Environment | None = None
    ) -> Decision:
        """`truths` says which rules fire. A guard is undetermined if it is unknown in `truths` or in `relaxed`.

        `environment` is that of the relaxed judgement. Without it a ground that depends on the case is the own one.
        """
        true, unknown = truths.true, truths.unknown | relaxed.unknown
        allowed, blocked, held = [], [], []
        for action in self.actions.values():
            if true & action.blocks:
                if action.forbidden or true & action.asks:
                    blocked.append(self._block(action, truths, true | unknown, environment))
            elif true & action.asks:
                if true & action.holds or unknown & action.blocks_or_holds:
                    held.append(self.hold(action, truths, unknown, environment))
                else:
                    allowed.append(Ask(action.code, truths.firing(action.asking)))
        return Decision(tuple(allowed), tuple(blocked), tuple(held))

    def _block(
        self, action: ActionRules, truths: Truths, closed: int, environment: Environment | None
    ) -> Block:
        """Leaves out an alternative that is blocked or would be held itself, whether rules ask for it or not."""
        firing = truths.firing(action.blocking)
        declared = self.pack.actions[action.code]
        given = [self.blocks_and_holds[position, action.code] for position in firing]
        grounds = [ground.cited(environment) for one in given for ground in one.grounds] or [
            *self._declared_grounds(action.code, environment)
        ]
        instead = [other for one in given for other in one.instead] or declared.instead
        return Block(
            action.code,
            firing,
            _once([ground for ground in grounds if ground]),
            tuple(
                [o for o in dict.fromkeys(instead) if not closed & self.actions[o].blocks_or_holds]
            ),
        )

    def _declared_grounds(self, code: str, environment: Environment | None) -> tuple[Text, ...]:
        """The grounds in the catalogue: those of the alternatives that are known to hold, otherwise the action's own."""
        if environment is None or code not in self.alternatives.conditions:
            return (self.pack.actions[code].ground,)
        return self.alternatives.grounds(code, environment)

    def hold(
        self, action: ActionRules, truths: Truths, unknown: int, environment: Environment | None
    ) -> Hold:
        firing = truths.firing(action.holding)
        deciding = sorted({*action.blocking, *action.holding})
        given = [self.blocks_and_holds[position, action.code] for position in firing]
        until = dict.fromkeys(fact for one in given for fact in one.until)
        return Hold(
            action.code,
            tuple([position for position in deciding if unknown >> position & 1]),
            firing,
            tuple(until),
            _once([ground.cited(environment) for one in given for ground in one.grounds]),
        )


def _block_or_hold(rule: Rule, code: str, layout: Layout) -> BlockOrHold:
    given = [one for one in rule.then if one.value == code]
    return BlockOrHold(
        grounds=tuple(_ground(one, layout) for one in given if one.ground),
        instead=tuple(other for one in given for other in one.instead),
        until=tuple(fact for one in given for fact in one.until),
    )


def _ground(given: Contribution, layout: Layout) -> CitedGround:
    return CitedGround(
        given.ground,
        tuple(compile_condition(one.when, layout) for one in given.by_case),
        tuple(one.ground for one in given.by_case),
    )


def _once(grounds: list[Text]) -> tuple[Text, ...]:
    """The grounds without repetitions."""
    return tuple([one for n, one in enumerate(grounds) if one not in grounds[:n]])
