"""Decides between actions that contradict each other, after the guards: no answer asks for both.

A rule that asks for an action can say over which opposites. The other is then left out. While it is unknown which of two
opposites is asked for or allowed, and where no rule decides, they are held: unknown is never taken for false.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Self

from service.engine.bits import bits, numbers
from service.engine.expressions.layout import Environment, Layout
from service.engine.judging.guards import Ask, Block, Decision, Guards, Hold, LeftOut
from service.engine.reference.truths import Truths
from service.language.model import ASKED, Pack
from service.language.rules.opposites import opposites_of


class Opponent(NamedTuple):
    """An action that contradicts another. The rules are bits: `wins` ask for it over the other, `loses` for the other over it."""

    code: str
    wins: int
    loses: int


@dataclass(frozen=True, slots=True)
class Opposites:
    """The guards of a pack, and the opponents of each action that has some. Made once per pack."""

    guards: Guards
    opponents: Mapping[str, tuple[Opponent, ...]]

    @classmethod
    def of(cls, pack: Pack, layout: Layout) -> Self:
        over: dict[tuple[str, str], list[int]] = {}
        for position, rule in enumerate(pack.rules):
            for given in rule.then:
                for other in given.over if given.output == ASKED else ():
                    over.setdefault((given.value, other), []).append(position)
        return cls(
            Guards.of(pack, layout),
            {
                code: tuple(
                    Opponent(
                        other, bits(over.get((other, code), ())), bits(over.get((code, other), ()))
                    )
                    for other in others
                )
                for code, others in opposites_of(pack.actions).items()
            },
        )

    def decide(
        self, truths: Truths, relaxed: Truths, environment: Environment | None = None
    ) -> Decision:
        """What the guards decide, and then which of two opposites is allowed. `environment` is that of the relaxed judgement."""
        decision = self.guards.decide(truths, relaxed, environment)
        if not self.opponents:
            return decision
        unknown = truths.unknown | relaxed.unknown
        contest = self._contest(decision, truths, unknown)
        return contest.settled(truths, unknown) if contest.entered else decision

    def hold(self, code: str, decision: Decision, truths: Truths, unknown: int) -> Hold | None:
        """The hold of an action that may be asked for, if it would then have to wait for its opposites.

        `decision` is what is decided of all that is asked for, `unknown` are the undetermined rules as bits.
        """
        if code not in self.opponents:
            return None
        return self._contest(decision, truths, unknown).hold(code, truths, unknown)

    def _contest(self, decision: Decision, truths: Truths, unknown: int) -> _Contest:
        return _Contest(self, decision, truths.true & ~unknown, truths.true | unknown)


@dataclass(slots=True)
class _Contest:
    """The opposites of one incident that are, or may be, asked for and that no guard blocks.

    `sure` are the rules that fire whatever the unknown facts are, `may_fire` those that may fire. An action stands if it is
    allowed and every opponent that does not surely lose to it is out. It is out if an opponent that stands surely wins. The
    rest is open. So no circle of rules lets two opposites stand, and each incident has one result.
    """

    opposites: Opposites
    decision: Decision
    sure: int
    may_fire: int
    entered: frozenset[str] = field(init=False)
    entrants: dict[str, tuple[Opponent, ...]] = field(init=False)
    standing: set[str] = field(default_factory=set)
    out: dict[str, tuple[Opponent, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        actions = self.opposites.guards.actions
        opponents = self.opposites.opponents
        self.entered = frozenset(
            code
            for code in opponents
            if self.may_fire & actions[code].asks and not self.sure & actions[code].blocks
        )
        self.entrants = {
            code: met
            for code in opponents
            if code in self.entered
            and (met := tuple([one for one in opponents[code] if one.code in self.entered]))
        }

    def settled(self, truths: Truths, unknown: int) -> Decision:
        self._label({ask.code for ask in self.decision.allowed})
        held = {hold.code: hold for hold in self.decision.held}
        asked = [*(ask.code for ask in self.decision.allowed), *held]
        for code in asked:
            if code in self.entrants and code not in self.standing and code not in self.out:
                held[code] = self._waits(code, held, truths, unknown)
        in_order = [code for code in self.opposites.guards.actions if code in held]
        return replace(
            self.decision,
            allowed=tuple([ask for ask in self.decision.allowed if self._stands(ask, held)]),
            blocked=tuple(map(self._lawful, self.decision.blocked)),
            held=tuple([held[code] for code in in_order if code not in self.out]),
            left_out=tuple(self._left_out(asked)),
        )

    def hold(self, code: str, truths: Truths, unknown: int) -> Hold | None:
        self._label({ask.code for ask in self.decision.allowed})
        if code not in self.entrants or not any(
            one.code not in self.out for one in self.rivals(code)
        ):
            return None
        return self._waits(code, {}, truths, unknown)

    def _label(self, allowed: set[str]) -> None:
        changed = True
        while changed:
            changed = False
            for code in self.entrants.keys() - self.standing - self.out.keys():
                if winners := self._winners(code):
                    self.out[code] = winners
                elif code in allowed and all(one.code in self.out for one in self.rivals(code)):
                    self.standing.add(code)
                else:
                    continue
                changed = True

    def _winners(self, code: str) -> tuple[Opponent, ...]:
        """The opponents that stand and win. One that stands never loses, whatever the unknown facts are."""
        opponents = self.entrants[code]
        return tuple(
            [one for one in opponents if one.code in self.standing and self.sure & one.wins]
        )

    def rivals(self, code: str) -> Iterator[Opponent]:
        """The opponents to which this action may lose, or which no rule may decide.

        If a rule that surely fires asks for it over the opponent, or all rules that may ask for it do, it wins.
        """
        asking = self.may_fire & self.opposites.guards.actions[code].asks
        for one in self.entrants[code]:
            wins = self.sure & one.loses or not asking & ~one.loses
            if self.may_fire & one.wins or not wins:
                yield one

    def _stands(self, ask: Ask, held: Mapping[str, Hold]) -> bool:
        return ask.code not in held and ask.code not in self.out

    def _waits(self, code: str, held: Mapping[str, Hold], truths: Truths, unknown: int) -> Hold:
        """The hold of an action while its opposites are open: for the facts that decide whether they are asked for or allowed."""
        actions = self.opposites.guards.actions
        open_ones = [one for one in self.rivals(code) if one.code not in self.out]
        deciding = firing = 0
        until: dict[str, None] = {}
        for one in open_ones:
            rival = actions[one.code]
            deciding |= unknown & (rival.asks | rival.blocks_or_holds | one.loses)
            firing |= truths.true & rival.asks
            waiting = next((hold for hold in self.decision.held if hold.code == one.code), None)
            until |= dict.fromkeys(waiting.until if waiting else ())
        before = held.get(code) or Hold(code, (), (), (), ())
        return before._replace(
            undetermined=tuple(sorted({*before.undetermined, *numbers(deciding)})),
            holding=tuple(sorted({*before.holding, *numbers(firing & ~deciding)})),
            until=tuple(dict.fromkeys([*before.until, *until])),
            opposites=tuple([one.code for one in open_ones]),
        )

    def _left_out(self, asked: Sequence[str]) -> Iterator[LeftOut]:
        actions = self.opposites.guards.actions
        for code in [code for code in actions if code in self.out and code in asked]:
            winners = self.out[code]
            rules = {rule for one in winners for rule in numbers(self.sure & one.wins)}
            yield LeftOut(code, tuple(sorted(rules)), tuple([one.code for one in winners]))

    def _lawful(self, block: Block) -> Block:
        """Without the alternatives that an action asked for contradicts."""
        lawful = [code for code in block.instead if self._is_free(code)]
        return block if len(lawful) == len(block.instead) else block._replace(instead=tuple(lawful))

    def _is_free(self, code: str) -> bool:
        """Whether no opposite of this action is, or may be, asked for, or it stands itself."""
        opponents = self.opposites.opponents.get(code, ())
        return code in self.standing or not any(
            one.code in self.entered and one.code not in self.out for one in opponents
        )
