"""Compares the two matchers, rete and the reference: they must agree on which rules fire.

After a disagreement it rebuilds the rete network and judges the incident once more. A second one is an error, never an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from service.engine.bits import numbers
from service.engine.errors import EngineDisagreement, MatcherError
from service.engine.expressions.layout import Environment
from service.engine.judging.judge import Judgement, judge
from service.engine.judging.program import Program
from service.engine.rete.network import Network

EngineName = Literal["both", "reference"]
ENGINES: tuple[EngineName, ...] = ("both", "reference")
Chance = Callable[[], float]
"""Gives a number from 0 up to, but not including, 1; each time another one."""


def always() -> float:
    """No chance: every share takes the next one."""
    return 0.0


@dataclass(frozen=True, slots=True)
class Sampling:
    """Which judgements are compared: `share` of them, above 0 and at most 1, drawn by `chance`. Every one by default."""

    share: float = 1.0
    chance: Chance = always

    def takes_next(self) -> bool:
        return self.share >= 1 or self.chance() < self.share


EVERY = Sampling()


class _Disagreement(Exception):
    def __init__(self, rules: Sequence[str]) -> None:
        super().__init__(rules)
        self.rules = rules


class CrossCheck:
    """Judges with the reference. With engine "both" it compares the rules that fire with those of rete."""

    def __init__(self, program: Program, engine: EngineName, sampling: Sampling = EVERY) -> None:
        self.program = program
        self._sampling = sampling
        self._rete = Network(program.pack.rules, program.layout) if engine == "both" else None

    def takes_next(self) -> bool:
        """Whether the next judgement is to be compared. Asked once for each."""
        return self._rete is not None and self._sampling.takes_next()

    def judge(self, environment: Environment, *, compared: bool = True) -> Judgement:
        """Raises EngineDisagreement and RuleConflict."""
        rete = self._rete
        if rete is None or not compared:
            return judge(self.program, environment)
        try:
            return self._agreed(rete, environment)
        except (_Disagreement, MatcherError):
            pass
        try:
            rete.rebuild()
            return self._agreed(rete, environment)
        except _Disagreement as disagreement:
            raise EngineDisagreement(disagreement.rules) from None
        except MatcherError as error:
            raise EngineDisagreement(()) from error

    def _agreed(self, rete: Network, environment: Environment) -> Judgement:
        """Rete runs once, after all outputs are known. That is correct, because a rule reads only outputs of earlier strata."""
        judgement = judge(self.program, environment)
        differing = rete.fired(environment) ^ judgement.rules.true
        if differing:
            rules = self.program.pack.rules
            raise _Disagreement([rules[position].id for position in numbers(differing)])
        return judgement

    def close(self) -> None:
        if self._rete is not None:
            self._rete.close()
