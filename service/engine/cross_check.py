"""Two matchers that must agree on which rules fire: rete in its box, and the reference evaluator.

On disagreement the rete handle is rebuilt and the incident judged once more; a second one is an error, never an answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from service.engine.box_conditions import FieldPlan
from service.engine.errors import EngineDisagreement
from service.engine.judge import Judgement, judge
from service.engine.program import Program, compile_effective, compile_pack
from service.engine.reference import Environment
from service.engine.rete import ReteError, ReteMatcher, prove_aside
from service.engine.rete_plan import BoxCondition, Every, Test
from service.language.model import Pack

EngineName = Literal["both", "reference"]
ENGINES: tuple[EngineName, ...] = ("both", "reference")


class _Disagreement(Exception):
    def __init__(self, rules: Sequence[str]) -> None:
        super().__init__(rules)
        self.rules = rules


class CrossCheck:
    """Judges with the reference evaluator and, with engine "both", checks every stratum against rete."""

    def __init__(self, program: Program, engine: EngineName) -> None:
        self.program = program
        self._strata = (
            [_Stratum(_StratumPlan(program, s)) for s in program.pack.strata]
            if engine == "both"
            else []
        )

    def judge(self, environment: Environment) -> Judgement:
        """Raises EngineDisagreement and RuleConflict."""
        if not self._strata:
            return judge(self.program, environment)
        try:
            return judge(self.program, environment, self._compare)
        except (_Disagreement, ReteError):
            pass
        try:
            for stratum in self._strata:
                stratum.matcher.rebuild()
            return judge(self.program, environment, self._compare)
        except _Disagreement as disagreement:
            raise EngineDisagreement(disagreement.rules) from None
        except ReteError:
            raise EngineDisagreement(()) from None

    def _compare(self, level: int, environment: Environment, truths: Sequence[bool | None]) -> None:
        stratum = self._strata[level]
        fired = stratum.fired(environment)
        expected = {position for position in stratum.rules if truths[position]}
        if fired != expected:
            rules = self.program.pack.rules
            raise _Disagreement([rules[position].id for position in sorted(fired ^ expected)])

    def close(self) -> None:
        for stratum in self._strata:
            stratum.matcher.close()


class _StratumPlan:
    """One stratum's rules as the box can say them, and the fields they read."""

    def __init__(self, program: Program, rules: tuple[int, ...]) -> None:
        self.rules = rules
        self.fields = FieldPlan(program.layout)
        self.conditions = [self._box(program, position) for position in rules]

    def _box(self, program: Program, position: int) -> BoxCondition:
        rule = program.pack.rules[position]
        condition = self.fields.box(rule.when)
        effective = compile_effective(rule)
        if effective is None:
            return condition
        name = self.fields.add_computed(f"effective {position}", effective)
        return Every((Test(name, "==", True), condition))


class _Stratum:
    """A stratum's plan with its rete network."""

    def __init__(self, plan: _StratumPlan) -> None:
        self.rules = plan.rules
        self.fields = plan.fields
        self.matcher = ReteMatcher(plan.conditions)

    def fired(self, environment: Environment) -> set[int]:
        """The positions in the pack of the rules that rete says fire. Raises ReteError."""
        return {self.rules[n] for n in self.matcher.match(self.fields.values(environment))}


def prove(pack: Pack, timeout_seconds: float = 20) -> None:
    """Compiles the pack's rete networks in a child process. Raises ReteError if that fails or hangs there."""
    program = compile_pack(pack)
    prove_aside([_StratumPlan(program, s).conditions for s in pack.strata], timeout_seconds)
