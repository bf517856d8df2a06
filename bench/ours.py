"""Tocsin's own matchers as contestants: they take facts by name and give the positions of the fired rules of all strata."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bench.contest import AS_OF, Contest, Fired, fired
from bench.contestant import Contestant
from service.engine.judging.judge import match
from service.engine.rete.network import Network

REFERENCE = "Tocsin, reference"
BOTH = "Tocsin, both"


def reference(contest: Contest) -> Contestant:
    program = contest.program

    def matched(facts: Mapping[str, Any]) -> Fired:
        environment, _ = program.environment(facts, AS_OF)
        return fired(match(program, environment, {}))

    return Contestant(REFERENCE, "the evaluator alone", contest.posted, matched, ours=True)


def both(contest: Contest) -> Contestant:
    program = contest.program
    rete = Network(program.pack.rules, program.layout)

    def matched(facts: Mapping[str, Any]) -> Fired:
        environment, _ = program.environment(facts, AS_OF)
        rules = match(program, environment, {})
        assert rules.true == rete.fired(environment)
        return fired(rules)

    return Contestant(BOTH, "evaluator and rete, compared", contest.posted, matched, ours=True)
