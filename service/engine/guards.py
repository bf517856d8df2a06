"""Which of the actions asked for may be taken. Done once, after all strata; no rule can override it.

Guards fail closed: a firing guard blocks, an undetermined one holds until the facts that would settle it are known.
"""

from __future__ import annotations

from collections.abc import Sequence
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
    """For each action the rules that ask for it and those that guard it, found once per pack.

    `relevant` are the actions a decision can say something of: code, askers, guards, whether forbidden.
    """

    pack: Pack
    guards: dict[str, tuple[int, ...]]
    relevant: tuple[tuple[str, tuple[int, ...], tuple[int, ...], bool], ...]

    @classmethod
    def of(cls, pack: Pack) -> Guards:
        def setters(output: str) -> dict[str, tuple[int, ...]]:
            found: dict[str, list[int]] = {}
            for position, rule in enumerate(pack.rules):
                for given in rule.then:
                    if given.output == output and position not in found.setdefault(given.value, []):
                        found[given.value].append(position)
            return {code: tuple(positions) for code, positions in found.items()}

        askers, guards = setters(ASKED), setters(BLOCKED)
        relevant = tuple(
            (code, askers.get(code, ()), guards.get(code, ()), action.forbidden)
            for code, action in pack.actions.items()
            if code in askers or (action.forbidden and code in guards)
        )
        return cls(pack, guards, relevant)

    def decide(self, truths: Sequence[bool | None], bounds: Sequence[bool | None]) -> Decision:
        """`truths` says what fires; `bounds` is stricter and says which guards are still undetermined."""
        allowed, blocked, held = [], [], []
        for code, askers, guards, forbidden in self.relevant:
            asking = [n for n in askers if truths[n]]
            if not asking and not forbidden:
                continue
            firing = [n for n in guards if truths[n]]
            if firing:
                blocked.append(self._block(code, tuple(firing), truths))
            elif asking:
                waiting = [n for n in guards if truths[n] is None or bounds[n] is None]
                if waiting:
                    held.append(Hold(code, tuple(asking), tuple(waiting)))
                else:
                    allowed.append(Ask(code, tuple(asking)))
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
