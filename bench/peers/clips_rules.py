"""CLIPS through clipspy: one CLIPS rule per rule, one CLIPS fact per incident. The rules run, or only the agenda is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import clips

from bench.contest import Contest, Fields, Fired
from bench.contestant import Contestant
from bench.peers.clips_spelling import deftemplate, left_hand_side

NAME = "clipspy"


def run(contest: Contest) -> Contestant:
    """Asserts the fact, runs the rules, each of which appends its position to a global, and retracts the fact."""
    environment, template = _environment(
        contest, lambda position: f"(bind ?*fired* ?*fired* {position})"
    )
    names = environment.find_global("fired")

    def match(facts: Fields) -> Fired:
        names.value = ()
        fact = template.assert_fact(**facts)
        environment.run()
        fact.retract()
        return frozenset(names.value)

    form = "a defrule for each rule, the network made once; assert, run, retract"
    return Contestant(f"{NAME}, run", form, _incidents(contest), match)


def agenda(contest: Contest) -> Contestant:
    """The rules on the agenda are the rules that would fire."""
    environment, template = _environment(contest, lambda position: "")

    def match(facts: Fields) -> Fired:
        fact = template.assert_fact(**facts)
        found = frozenset(int(activation.name[1:]) for activation in environment.activations())
        fact.retract()
        return found

    form = "the same rules without actions; assert, read the agenda, retract"
    return Contestant(f"{NAME}, agenda", form, _incidents(contest), match)


def _environment(contest: Contest, action: Callable[[int], str]) -> tuple[Any, Any]:
    environment = clips.Environment()
    lists = frozenset(
        name for name, short in contest.names.items() if isinstance(contest.fields[0][short], tuple)
    )
    environment.build(deftemplate(contest.names, lists))
    environment.build("(defglobal ?*fired* = (create$))")
    for position, condition in enumerate(contest.conditions):
        pattern = left_hand_side(condition, contest.names, lists)
        environment.build(f"(defrule r{position} {pattern} => {action(position)})")
    environment.reset()
    return environment, environment.find_template("incident")


def _incidents(contest: Contest) -> list[Fields]:
    return [{name: _value(value) for name, value in fields.items()} for fields in contest.fields]


def _value(value: Any) -> Any:
    """Texts and booleans become symbols, which CLIPS compares by address."""
    match value:
        case bool():
            return clips.Symbol("TRUE" if value else "FALSE")
        case str():
            return clips.Symbol(value)
        case tuple():
            return [_value(item) for item in value]
    return value
