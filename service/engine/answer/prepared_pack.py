"""A pack with everything that is computed from it once, before the first incident."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from service.engine.answer.prepared_brief import PreparedBrief
from service.engine.computed_once import computed_once
from service.engine.contingency.contingency import PackContingency
from service.engine.expressions.closures import compile_condition
from service.engine.expressions.layout import Evaluate
from service.engine.judging.compile_pack import compile_pack
from service.engine.judging.opposites import Opposites
from service.engine.judging.program import Program
from service.engine.why.blame import BlameIndex, compile_blame
from service.engine.why.near_misses import Condition, compile_conditions
from service.language.model import Pack


@dataclass(frozen=True)
class PreparedPack:
    """`contingency` and `brief` are None where the pack declares none.

    `drafts` has, by action, the condition of each sentence, None for one without.
    """

    program: Program
    opposites: Opposites
    blame: BlameIndex
    contingency: PackContingency | None
    drafts: Mapping[str, tuple[Evaluate | None, ...]]
    brief: PreparedBrief | None

    @classmethod
    def of(cls, pack: Pack) -> PreparedPack:
        program = compile_pack(pack)
        opposites = Opposites.of(pack, program.layout)
        blame = compile_blame(program)
        contingency = PackContingency.of(program, opposites)
        drafts, brief = _draft_conditions(program), PreparedBrief.of(program)
        return cls(program, opposites, blame, contingency, drafts, brief)

    @computed_once
    def conditions(self) -> tuple[Condition, ...]:
        """The conditions in which near misses are found. They are compiled for the first explanation: most packs never need one."""
        return compile_conditions(self.program, self.blame)


def _draft_conditions(program: Program) -> dict[str, tuple[Evaluate | None, ...]]:
    return {
        code: tuple(
            None if sentence.when is None else compile_condition(sentence.when, program.layout)
            for sentence in draft.sentences
        )
        for code, draft in program.pack.drafts.items()
    }
