"""Runs a compiled pack over one environment, stratum by stratum: which rules fire, what each output is and can be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from service.engine.errors import RuleConflict
from service.engine.possible import Given, combined, possible
from service.engine.program import Giver, Program
from service.engine.reference import Environment
from service.language.model import Output


@dataclass(frozen=True, slots=True)
class Judgement:
    """`truths[n]` is rule n's truth value; `shown` and `possible` go by output name.

    `shown` is what fired gives, else the default; `possible` what it can be (see `possible`).
    """

    truths: tuple[bool | None, ...]
    shown: dict[str, Any]
    possible: dict[str, Any]
    environment: Environment


def judge(program: Program, environment: Environment) -> Judgement:
    """Judge one environment, which is filled in with the outputs. Raises RuleConflict."""
    truths: list[bool | None] = [False] * len(program.evaluators)
    shown = {name: output.default for name, output in program.pack.outputs.items()}
    still = dict(shown)
    for level, stratum in enumerate(program.pack.strata):
        for position in stratum:
            truths[position] = program.evaluators[position](environment)
        for slot, output, givers in program.finished[level]:
            value, can_be = settled(program, output, givers, truths)
            shown[output.name] = value
            environment[slot] = still[output.name] = can_be
    return Judgement(tuple(truths), shown, still, environment)


def judge_bounds(program: Program, judgement: Judgement) -> Judgement:
    """The judgement with `has` of an unknown fact itself unknown: what more facts could still make of it.

    Only what can differ is judged again: rules that ask `has`, and those that read what differs. Where
    no unknown fact is asked for that is nothing: the judgement itself.
    """
    if not program.asks_has_of_unknown(judgement.environment):
        return judgement
    environment = program.for_bounds(judgement.environment)
    truths, still = list(judgement.truths), dict(judgement.possible)
    touched: set[int] = set()
    changed: set[int] = set()
    for level, stratum in enumerate(program.pack.strata):
        for position in stratum:
            if position in program.asks_has or not changed.isdisjoint(program.reads[position]):
                truth = program.evaluators[position](environment)
                if truth is not truths[position]:
                    truths[position] = truth
                    touched.update(program.gives[position])
        for slot, output, givers in program.finished[level]:
            if slot in touched:
                environment[slot] = still[output.name] = possible(output, _given(givers, truths))
                changed.add(slot)
    return Judgement(tuple(truths), judgement.shown, still, environment)


def settled(
    program: Program, output: Output, givers: Sequence[Giver], truths: Sequence[bool | None]
) -> tuple[Any, Any]:
    """What the fired rules give, and what the output can be: the same, if no giver is undetermined."""
    given = _given(givers, truths)
    fired = [value for value, sure in given if sure]
    if len(fired) > 1 and output.hit in ("any", "unique"):
        _check_conflict(program, output, givers, truths)
    shown = combined(output, fired)
    return shown, shown if len(fired) == len(given) else possible(output, given)


def _given(givers: Sequence[Giver], truths: Sequence[bool | None]) -> list[Given]:
    return [
        (value, truth is True)
        for position, value in givers
        if (truth := truths[position]) is not False
    ]


def _check_conflict(
    program: Program, output: Output, givers: Sequence[Giver], truths: Sequence[bool | None]
) -> None:
    fired = [giver for giver in givers if truths[giver.rule]]
    if output.hit == "unique" or any(giver.value != fired[0].value for giver in fired):
        rules = dict.fromkeys(program.pack.rules[giver.rule].id for giver in fired)
        raise RuleConflict(output.name, list(rules))
