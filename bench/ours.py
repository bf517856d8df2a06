"""Tocsin's own matchers as contestants: facts by name in, positions of fired rules out, through every stratum."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bench.contest import AS_OF, Contest, Fired, fired
from bench.contestant import Contestant
from service.engine.cross_check import CrossCheck, EngineName

REFERENCE = "Tocsin, reference"
BOTH = "Tocsin, both"


def reference(contest: Contest) -> Contestant:
    return _contestant(contest, REFERENCE, "reference", "the evaluator alone")


def both(contest: Contest) -> Contestant:
    return _contestant(contest, BOTH, "both", "evaluator and rete, compared")


def _contestant(contest: Contest, name: str, engine: EngineName, form: str) -> Contestant:
    program, check = contest.program, CrossCheck(contest.program, engine)

    def match(facts: Mapping[str, Any]) -> Fired:
        environment, _ = program.environment(facts, AS_OF)
        return fired(check.judge(environment))

    return Contestant(name, form, contest.posted, match, ours=True)
