"""Runs a compiled pack over one environment, stratum by stratum: which rules fire, what each output is and can be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from service.engine.errors import RuleConflict
from service.engine.possible import Given, combined, possible
from service.engine.program import Giver, Program
from service.engine.reference import Environment
from service.language.model import Output

Watch = Callable[[int, Environment, Sequence[bool | None]], None]
"""Called after each stratum with its number, the environment and all rules' truth values so far."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """`truths[n]` is rule n's truth value; `shown` and `possible` go by output name.

    `shown` is what fired gives, else the default; `possible` what it can be (see `possible`).
    """

    truths: tuple[bool | None, ...]
    shown: dict[str, Any]
    possible: dict[str, Any]
    environment: Environment


def judge(program: Program, environment: Environment, watch: Watch | None = None) -> Judgement:
    """Judge one environment, which is filled in with the outputs. Raises RuleConflict."""
    truths: list[bool | None] = [False] * len(program.evaluators)
    shown = {name: output.default for name, output in program.pack.outputs.items()}
    still = dict(shown)
    for level, stratum in enumerate(program.pack.strata):
        for position in stratum:
            truths[position] = program.evaluators[position](environment)
        if watch is not None:
            watch(level, environment, truths)
        for slot, output, givers in program.finished[level]:
            shown[output.name] = _shown(program, output, givers, truths)
            environment[slot] = still[output.name] = _possible(output, givers, truths)
    return Judgement(tuple(truths), shown, still, environment)


def _shown(
    program: Program, output: Output, givers: Sequence[Giver], truths: Sequence[bool | None]
) -> Any:
    fired = [giver for giver in givers if truths[giver.rule]]
    if not fired:
        return output.default
    values = [giver.value for giver in fired]
    contradictory = output.hit == "any" and any(value != values[0] for value in values)
    if contradictory or (output.hit == "unique" and len(fired) > 1):
        rules = dict.fromkeys(program.pack.rules[giver.rule].id for giver in fired)
        raise RuleConflict(output.name, list(rules))
    return combined(output, values)


def _possible(output: Output, givers: Sequence[Giver], truths: Sequence[bool | None]) -> Any:
    given = [
        Given(giver.value, truths[giver.rule] is True)
        for giver in givers
        if truths[giver.rule] is not False
    ]
    return possible(output, given)
