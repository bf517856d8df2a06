"""An engine that takes part in a contest, and the check that its answers are right. Times nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bench.contest import Contest, Fired

TIMED = 50
"""So many of a contest's incidents are timed, for the slowest engines take milliseconds each."""


@dataclass(frozen=True)
class Contestant:
    """`incidents` are the contest's in the form this engine takes fastest; `match` says what fires.

    `form` is how the engine is used. `ours` is false for a peer. `folded` means that all rules became
    one expression: fast, but nothing is left of them as rules (what they set, hit policies, a trace).
    """

    name: str
    form: str
    incidents: Sequence[Any]
    match: Callable[[Any], Fired]
    ours: bool = False
    folded: bool = False

    def one_pass(self) -> int:
        """Match the incidents that are timed once; how many there were."""
        match, incidents = self.match, self.incidents[:TIMED]
        for incident in incidents:
            match(incident)
        return len(incidents)


Entry = Callable[[Contest], Contestant]


class WrongAnswer(AssertionError):
    """An engine fires other rules than the reference: what it takes to do so is of no interest."""


def check_answers(contestant: Contestant, contest: Contest) -> None:
    """Raises WrongAnswer."""
    for number, incident in enumerate(contestant.incidents):
        wrong = contestant.match(incident) ^ contest.expected[number]
        if wrong:
            rules = [contest.pack.rules[position].id for position in sorted(wrong)[:5]]
            raise WrongAnswer(
                f"{contest.title}, incident {number}: {contestant.name} differs on {rules}"
            )
