"""A peer that needs no installation: Python itself, with conditions in the infix spelling of the real peers."""

from __future__ import annotations

from bench.contest import Contest, Fields, Fired
from bench.contestant import Contestant
from bench.peers.infix import Dialect, spell

WORDS = {"true": True, "false": False}


def python(contest: Contest) -> Contestant:
    compiled = [
        compile(spell(condition, contest.names, DIALECT), "condition", "eval")
        for condition in contest.conditions
    ]

    def match(facts: Fields) -> Fired:
        names = {**WORDS, **facts}
        return frozenset(number for number, code in enumerate(compiled) if eval(code, names))

    return Contestant("Python", "eval of each condition", contest.fields, match)


def _overlaps(name: str, values: list[str]) -> str:
    return f"(not {{{', '.join(values)}}}.isdisjoint({name}))"


DIALECT = Dialect(_overlaps, "len({})".format)
