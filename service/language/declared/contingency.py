"""The `contingency` of pack.yaml: which output is looked ahead for, and what grows. Judges nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from schemas.closest import did_you_mean
from schemas.vocabulary import Fact
from service.language.files.source import Path, Source
from service.language.model import Contingency, Growth, Output
from service.language.problem import Problem

SECTION = "contingency"
GROWTH: Path = (SECTION, "growth")
MOST_HOURS = 8760


def read_contingency(
    entry: Mapping[str, Any] | None,
    outputs: Mapping[str, Output],
    posted: Mapping[str, Fact],
    facts: Mapping[str, Fact],
    source: Source,
) -> tuple[Contingency | None, list[Problem]]:
    """None where the pack has no such section. `facts` has the derived ones too."""
    if entry is None:
        return None, []
    growth = entry.get("growth")
    problems = [*_output_problems(entry["output"], outputs, source)]
    if growth is not None:
        problems += _growth_problems(growth, posted, facts, source)
        growth = Growth(growth["rate"], tuple(growth["of"]), tuple(growth["hours"]))
    return Contingency(entry["output"], growth), problems


def _output_problems(name: str, outputs: Mapping[str, Output], source: Source) -> Iterator[Problem]:
    output, path = outputs.get(name), (SECTION, "output")
    if output is None:
        message = f"'{name}' is not an output of this pack"
        yield source.problem(path, "unknown-output", message, did_you_mean(name, outputs))
    elif output.type.kind != "enum" or output.policy.is_collected:
        message = f"'{name}' has no values that stand in order from the worst"
        yield source.problem(path, "output-form", message, "name an output of type enum")


def _growth_problems(
    growth: Mapping[str, Any],
    posted: Mapping[str, Fact],
    facts: Mapping[str, Fact],
    source: Source,
) -> Iterator[Problem]:
    yield from _number_problems(growth["rate"], facts, (*GROWTH, "rate"), source)
    for position, name in enumerate(growth["of"]):
        path = (*GROWTH, "of", position)
        if name in facts and name not in posted:
            message = f"'{name}' is no fact that callers post: it is worked out from others"
            yield source.problem(path, "unknown-fact", message, "name the facts it comes from")
        elif name in growth["of"][:position]:
            yield source.problem(path, "bad-value", f"'{name}' stands here twice")
        else:
            yield from _number_problems(name, posted, path, source)
    for position, hours in enumerate(growth["hours"]):
        if not 1 <= hours <= MOST_HOURS:
            message = f"{hours} hours ahead cannot be looked: from 1 to {MOST_HOURS} can"
            yield source.problem((*GROWTH, "hours", position), "bad-value", message)


def _number_problems(
    name: str, facts: Mapping[str, Fact], path: Path, source: Source
) -> Iterator[Problem]:
    if name not in facts:
        message = f"'{name}' is not a fact of this pack"
        yield source.problem(path, "unknown-fact", message, did_you_mean(name, facts))
    elif not facts[name].type.is_numeric:
        message = f"'{name}' is {facts[name].type.with_article}, which does not grow"
        yield source.problem(path, "wrong-type", message, "name an integer or a number")
