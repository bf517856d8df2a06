"""CEL, the language of which Tocsin's conditions are a part: one compiled expression for each rule, in Rust and in Google's C++."""

from __future__ import annotations

from typing import Any

import cel as common_cel
from cel_expr_python import cel as google_cel

from bench.contest import Contest, Fields, Fired
from bench.contestant import Contestant
from bench.peers.infix import Dialect, spell

FORM = "an expression for each rule, compiled once; facts as a dictionary"


def common(contest: Contest) -> Contestant:
    programs = [common_cel.compile(text) for text in _conditions(contest)]

    def match(facts: dict[str, Any]) -> Fired:
        return frozenset(
            position for position, program in enumerate(programs) if program.execute(facts)
        )

    incidents = [dict(facts) for facts in contest.fields]
    return Contestant("common-expression-language", FORM, incidents, match)


def google(contest: Contest) -> Contestant:
    """Without the check of types: a field is a whole number in one incident and a fraction in another."""
    names = dict.fromkeys(contest.names.values(), google_cel.Type.DYN)
    environment = google_cel.NewEnv(variables=names)
    programs = [environment.compile(text, disable_check=True) for text in _conditions(contest)]

    def match(facts: Fields) -> Fired:
        activation = environment.Activation(facts)
        return frozenset(
            position
            for position, program in enumerate(programs)
            if program.eval(activation).value()
        )

    form = f"{FORM}, bound once for all of them"
    return Contestant("cel-expr-python", form, list(map(_with_lists, contest.fields)), match)


def _with_lists(facts: Fields) -> Fields:
    """It takes lists, not tuples."""
    return {
        name: list(value) if isinstance(value, tuple) else value for name, value in facts.items()
    }


def _conditions(contest: Contest) -> list[str]:
    return [spell(condition, contest.names, DIALECT) for condition in contest.conditions]


def _overlaps(name: str, values: list[str]) -> str:
    return f"{name}.exists(one, one in [{', '.join(values)}])"


# It does not calculate with a whole number and a fraction.
DIALECT = Dialect(_overlaps, "size({})".format, " && ", " || ", "!", "double({})".format)
