"""Gives each branch of each rule a bit, and finds with one addition which rules have a branch that is set.

The branches of a rule are neighbours, with a spare bit above them. Adding one to each of them carries into the spare bit exactly if
one of them is set. A rule of one branch needs no spare bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.engine.bits import bits, numbers


@dataclass(frozen=True, slots=True)
class RuleBits:
    """`branches[n]` are the bits of the branches of rule n, `of_rule[n]` is the bit that says whether rule n has one that is set.

    Three fields are sets of bits: `all_branches`; `ones`, the branches of the rules that have several; and `rules`, the
    bits of all rules. `moves` bring the bits of the rules together: those in `moving` go down by `down` places.
    """

    branches: tuple[tuple[int, ...], ...]
    of_rule: tuple[int, ...]
    all_branches: int
    ones: int
    rules: int
    width: int
    moves: tuple[tuple[int, int, int], ...]

    @classmethod
    def of(cls, numbers_of_branches: Sequence[int]) -> RuleBits:
        """For rules with these numbers of branches."""
        branches, of_rule, width = [], [], 0
        for number in numbers_of_branches:
            branches.append(tuple(range(width, width + number)))
            of_rule.append(width + (number if number > 1 else 0))
            width = of_rule[-1] + 1
        return cls(
            branches=tuple(branches),
            of_rule=tuple(of_rule),
            all_branches=bits(bit for own in branches for bit in own),
            ones=bits(bit for own in branches if len(own) > 1 for bit in own),
            rules=bits(of_rule),
            width=width,
            moves=_moves(of_rule),
        )

    def set_in(self, branches: int) -> int:
        """The rules that have a branch among these, by their own bits."""
        return (branches + self.ones) & self.rules

    def spread(self, rules: int) -> int:
        """The own bits of these rules, of which bit n is rule n."""
        return bits(self.of_rule[position] for position in numbers(rules))

    def together(self, own: int) -> int:
        """The rules with these own bits, such that bit n is rule n: the reverse of `spread`."""
        for moving, staying, down in self.moves:
            own = own & staying | (own & moving) >> down
        return own


def _moves(of_rule: Sequence[int]) -> tuple[tuple[int, int, int], ...]:
    """For each power of two, lowest first: the bits that move down by it, those that stay, and the power.

    Source: Warren, Hacker's Delight, section 7-4 (compress). No bit meets another, since the order is kept and the lowest
    powers go first.
    """
    places, moves, down = list(of_rule), [], 1
    while any((place - n) & ~(down - 1) for n, place in enumerate(places)):
        moving = [(place - n) & down != 0 for n, place in enumerate(places)]
        now = bits(place for place, moves_now in zip(places, moving, strict=True) if moves_now)
        rest = bits(place for place, moves_now in zip(places, moving, strict=True) if not moves_now)
        if now:
            moves.append((now, rest, down))
        places = [place - down * moves_now for place, moves_now in zip(places, moving, strict=True)]
        down *= 2
    return tuple(moves)
