"""Judges an incident once more without the facts that establish nothing, such as disputed ones: they count as unknown.

What holds in this judgement holds whatever these facts are, and whatever the unknown ones are.
"""

from __future__ import annotations

from collections.abc import Iterable

from service.engine.expressions.layout import ABSENT_SLOT, HAS_UNKNOWN_SLOT, Environment
from service.engine.judging.judge import Judgement, judge
from service.engine.judging.program import Program


def judge_established(
    program: Program, environment: Environment, without: Iterable[str]
) -> Judgement:
    """`environment` is that of the whole incident; it is not changed. `has` of an unknown fact is unknown.

    A rule that fires here fires in the whole incident too, so no new conflict of rules can come.
    """
    fewer, left_out = environment.copy(), frozenset(without)
    for name in left_out:
        fewer[program.layout.facts[name]] = None
    absent = environment[ABSENT_SLOT]
    fewer[ABSENT_SLOT] = tuple([one for one in absent if one.name not in left_out])
    fewer[HAS_UNKNOWN_SLOT] = None
    program.derive(fewer)
    return judge(program, fewer)
