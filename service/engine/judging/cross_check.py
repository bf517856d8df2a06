"""Two matchers that must agree on which rules fire: rete in its box, and the reference evaluator.

On disagreement the rete handle is rebuilt and the incident judged once more; a second one is an error, never an answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Literal

from service.engine.errors import EngineDisagreement
from service.engine.expressions.closures import Environment
from service.engine.judging.compile_pack import compile_effective, compile_pack
from service.engine.judging.judge import Judgement, judge
from service.engine.judging.program import Program
from service.engine.rete.branches import BoxCondition, Every, Test
from service.engine.rete.matcher import ReteError, ReteMatcher, prove_aside
from service.engine.rete.translate import FieldPlan
from service.language.model import Pack

EngineName = Literal["both", "reference"]
ENGINES: tuple[EngineName, ...] = ("both", "reference")


class _Disagreement(Exception):
    def __init__(self, rules: Sequence[str]) -> None:
        super().__init__(rules)
        self.rules = rules


class CrossCheck:
    """Judges with the reference evaluator and, with engine "both", asks rete about every rule."""

    def __init__(self, program: Program, engine: EngineName) -> None:
        self.program = program
        self._rete = _Rete(RetePlan(program)) if engine == "both" else None

    def judge(self, environment: Environment) -> Judgement:
        """Raises EngineDisagreement and RuleConflict."""
        rete = self._rete
        if rete is None:
            return judge(self.program, environment)
        try:
            return self._agreed(rete, environment)
        except (_Disagreement, ReteError):
            pass
        try:
            rete.rebuild()
            return self._agreed(rete, environment)
        except _Disagreement as disagreement:
            raise EngineDisagreement(disagreement.rules) from None
        except ReteError as error:
            raise EngineDisagreement(()) from error

    def _agreed(self, rete: _Rete, environment: Environment) -> Judgement:
        """Rete is asked once the outputs are known: every rule reads just those of strata before its own."""
        judgement = judge(self.program, environment)
        fired = rete.fired(environment)
        expected = set(judgement.rules.fired())
        if fired != expected:
            rules = self.program.pack.rules
            raise _Disagreement([rules[position].id for position in sorted(fired ^ expected)])
        return judgement

    def close(self) -> None:
        if self._rete is not None:
            self._rete.matcher.close()


class RetePlan:
    """The pack's rules as the box can say them, and the fields they read."""

    def __init__(self, program: Program) -> None:
        self.fields = FieldPlan(program.layout)
        positions = range(len(program.pack.rules))
        self.conditions = [self._box(program, position) for position in positions]

    def _box(self, program: Program, position: int) -> BoxCondition:
        rule = program.pack.rules[position]
        condition = self.fields.box(rule.when)
        effective = compile_effective(rule)
        if effective is None:
            return condition
        name = self.fields.add_computed(f"effective {position}", effective)
        return Every((Test(name, "==", True), condition))


class _Rete:
    """A plan with its network."""

    def __init__(self, plan: RetePlan) -> None:
        self.fields = plan.fields
        self.matcher = ReteMatcher(plan.conditions)

    def fired(self, environment: Environment) -> frozenset[int]:
        """Raises ReteError, whatever went wrong in the matcher."""
        values = self.fields.values(environment)
        with _only_rete_errors():
            return self.matcher.match(values)

    def rebuild(self) -> None:
        """Raises ReteError, whatever went wrong."""
        with _only_rete_errors():
            self.matcher.rebuild()


@contextmanager
def _only_rete_errors() -> Iterator[None]:
    """What nobody foresaw in the matcher is its failure too, and no reason for another answer than it has."""
    try:
        yield
    except ReteError:
        raise
    except Exception as error:
        raise ReteError(f"durable_rules: {error}") from error


def prove(pack: Pack, timeout_seconds: float = 20) -> None:
    """Compiles the pack's rete network in a child process. Raises ReteError if that fails or hangs there."""
    prove_aside([RetePlan(compile_pack(pack)).conditions], timeout_seconds)
