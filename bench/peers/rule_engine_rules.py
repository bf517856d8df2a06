"""rule-engine (PyPI): one compiled Rule per condition, or all conditions in one Rule that gives a list."""

from __future__ import annotations

import rule_engine

from bench.contest import Contest, Fields, Fired
from bench.contestant import Contestant
from bench.peers.infix import Dialect, spell

NAME = "rule-engine"


def rules(contest: Contest) -> Contestant:
    compiled = [rule_engine.Rule(text, context=_context()) for text in _conditions(contest)]

    def match(facts: Fields) -> Fired:
        return frozenset(position for position, rule in enumerate(compiled) if rule.matches(facts))

    form = "a compiled Rule for each rule, its default context; facts as a dictionary"
    return Contestant(f"{NAME}, rules", form, contest.fields, match)


def expression(contest: Contest) -> Contestant:
    whole = rule_engine.Rule("[" + ", ".join(_conditions(contest)) + "]", context=_context())

    def match(facts: Fields) -> Fired:
        truths = whole.evaluate(facts)
        return frozenset(position for position, truth in enumerate(truths) if truth)

    form = "every condition in one list, one Rule"
    return Contestant(f"{NAME}, expression", form, contest.fields, match, folded=True)


def _context() -> rule_engine.Context:
    return rule_engine.Context(resolver=rule_engine.resolve_item)


def _conditions(contest: Contest) -> list[str]:
    return [spell(condition, contest.names, DIALECT) for condition in contest.conditions]


def _overlaps(name: str, values: list[str]) -> str:
    return "(" + " or ".join(f"{value} in {name}" for value in values) + ")"


DIALECT = Dialect(_overlaps, "{}.length".format)
