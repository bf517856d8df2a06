"""An engine that takes part in a contest, and the check of its answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bench.contest import Contest, Fired

TIMED = 50
"""The number of a contest's incidents that are timed. The slowest engines take milliseconds for each."""


@dataclass(frozen=True)
class Contestant:
    """`incidents` are the contest's, in the form that is fastest for this engine; `match` gives the rules that fire.

    `form` says how the engine is used. `ours` is false for a peer. `folded` means that all rules became
    one expression. This is fast, but there are no rules any more: no outputs, no hit policies, no trace.
    """

    name: str
    form: str
    incidents: Sequence[Any]
    match: Callable[[Any], Fired]
    ours: bool = False
    folded: bool = False

    def one_pass(self) -> int:
        """Match the timed incidents once, and return their number."""
        match, incidents = self.match, self.incidents[:TIMED]
        for incident in incidents:
            match(incident)
        return len(incidents)


Entry = Callable[[Contest], Contestant]


class WrongAnswer(AssertionError):
    """An engine fires other rules than the reference. It is not timed then."""


def check_answers(contestant: Contestant, contest: Contest) -> None:
    """Raises WrongAnswer."""
    for number, incident in enumerate(contestant.incidents):
        wrong = contestant.match(incident) ^ contest.expected[number]
        if wrong:
            rules = [contest.pack.rules[position].id for position in sorted(wrong)[:5]]
            raise WrongAnswer(
                f"{contest.title}, incident {number}: {contestant.name} differs on {rules}"
            )
