"""The input of every engine: the same rules and the same complete incidents, with the expected answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeAlias

from bench.plain import Plain, Unsayable, fields_read, plain
from service.engine.errors import RuleConflict
from service.engine.judging.compile_pack import compile_pack
from service.engine.judging.judge import Judgement, judge
from service.engine.judging.program import Program
from service.engine.reference.truths import Truths
from service.language.model import Pack
from service.language.syntax import facts_read

AS_OF = datetime(2026, 1, 1, tzinfo=UTC)
Fields: TypeAlias = Mapping[str, Any]
"""A complete incident in the form for peers: the fields that rules read, by short names."""
Fired: TypeAlias = frozenset[int]
"""Positions of rules in the pack."""


class Incomplete(ValueError):
    """An incident in which a fact or output that a rule reads is unknown."""


@dataclass(frozen=True)
class Contest:
    """`posted[n]`, `fields[n]` and `expected[n]` are one incident: as posted, for peers, and the rules that fire.

    `conditions[n]` is the condition of rule n; `names` gives the short name in `fields` for each name in it.
    `left_out` has the forms that peers cannot express, each with the number of rules left out because of it.
    """

    title: str
    pack: Pack
    program: Program
    conditions: Sequence[Plain]
    names: Mapping[str, str]
    posted: Sequence[Mapping[str, Any]]
    fields: Sequence[Fields]
    expected: Sequence[Fired]
    left_out: Mapping[str, int]

    @property
    def firing(self) -> float:
        return sum(map(len, self.expected)) / len(self.expected)


def contest_of(title: str, pack: Pack, posted: Iterable[Mapping[str, Any]]) -> Contest:
    """A contest over the rules that all peers can express. Incidents on which rules conflict are dropped.

    Peers get all values that our rules read. Derived facts and outputs are computed for them beforehand,
    because most peers match in one pass. This favours the peers.
    """
    said, left_out = _sayable(pack)
    pack = without(pack, set(range(len(pack.rules))) - set(said))
    program = compile_pack(pack)
    conditions = [said[position] for position in sorted(said)]
    read = sorted(frozenset().union(*map(fields_read, conditions)))
    names = {name: f"f{number}" for number, name in enumerate(read)}
    judged = list(_judged(program, posted))
    return Contest(
        title=title,
        pack=pack,
        program=program,
        conditions=conditions,
        names=names,
        posted=[facts for facts, _ in judged],
        fields=[_fields(program, judgement, names) for _, judgement in judged],
        expected=[fired(judgement.rules) for _, judgement in judged],
        left_out=left_out,
    )


def fired(rules: Truths) -> Fired:
    return frozenset(rules.fired())


def without(pack: Pack, gone: set[int]) -> Pack:
    """The pack without the rules at these positions."""
    kept = [position for position in range(len(pack.rules)) if position not in gone]
    place = {position: number for number, position in enumerate(kept)}
    return replace(
        pack,
        rules=tuple(pack.rules[position] for position in kept),
        strata=tuple(
            tuple(place[position] for position in stratum if position in place)
            for stratum in pack.strata
        ),
    )


def _sayable(pack: Pack) -> tuple[dict[int, Plain], Counter[str]]:
    said: dict[int, Plain] = {}
    left_out: Counter[str] = Counter()
    for position, rule in enumerate(pack.rules):
        try:
            if rule.effective_from or rule.effective_until:
                raise Unsayable("effective")
            if not facts_read(rule.when).isdisjoint(pack.previous):
                raise Unsayable("the previous answer")
            said[position] = plain(rule.when)
        except Unsayable as unsayable:
            left_out[str(unsayable)] += 1
    return said, left_out


def _judged(
    program: Program, posted: Iterable[Mapping[str, Any]]
) -> Iterable[tuple[Mapping[str, Any], Judgement]]:
    for facts in posted:
        environment, _ = program.environment(facts, AS_OF)
        try:
            judgement = judge(program, environment)
        except RuleConflict:
            continue
        if None in judgement.truths:
            raise Incomplete(f"a rule is undetermined: {facts}")
        yield facts, judgement


def _fields(program: Program, judgement: Judgement, names: Mapping[str, str]) -> Fields:
    slots = program.layout.facts
    found = {
        short: judgement.environment[slots[name]] if name in slots else judgement.values[name]
        for name, short in names.items()
    }
    if None in found.values():
        raise Incomplete("a field is unknown")
    return found
