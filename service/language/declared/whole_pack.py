"""What must hold for a pack as a whole: its languages and time zone, its answer, circles, outputs nobody sets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from schemas.closest import did_you_mean
from schemas.vocabulary import Fact
from service.language.dependencies import CircleError, circle_rules
from service.language.files.source import Source
from service.language.model import PROVISIONAL, Output, Rule
from service.language.problem import Problem
from service.language.syntax import outputs_read


def locale_problems(about: Mapping[str, Any], source: Source) -> list[Problem]:
    if about["locale"] in about["title"]:
        return []
    message = f"the pack does not speak '{about['locale']}'"
    hint = f"the title is written in: {', '.join(about['title'])}"
    return [source.problem(("locale",), "unknown-language", message, hint)]


def read_timezone(name: str, source: Source) -> tuple[ZoneInfo, list[Problem]]:
    """The IANA time zone of that name, or UTC and a problem."""
    try:
        return ZoneInfo(name), []
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = f"'{name}' is no time zone"
        place = source.problem(
            ("timezone",), "unknown-timezone", message, "for example Asia/Shanghai"
        )
        return ZoneInfo("UTC"), [place]


def answer_problems(
    answer: Sequence[str],
    outputs: Mapping[str, Output],
    facts: Mapping[str, Fact],
    source: Source,
    facts_source: Source,
) -> Iterator[Problem]:
    for position, name in enumerate(answer):
        output, path = outputs.get(name), ("answer", position)
        if output is None:
            message = f"'{name}' is not an output of this pack"
            yield source.problem(path, "unknown-output", message, did_you_mean(name, outputs))
        elif output.policy.is_collected or name == PROVISIONAL:
            message = f"'{name}' has no single value to lift to the top of an answer"
            yield source.problem(path, "output-form", message)
        else:
            yield from _verdict_facts(output, facts, facts_source)


def _verdict_facts(output: Output, facts: Mapping[str, Fact], source: Source) -> Iterator[Problem]:
    """The poster sends evidence, never the verdict: two shared values are one too many."""
    verdicts = {value.casefold() for value in output.type.values}
    for fact in facts.values():
        codes = (fact.type.item or fact.type).values
        if sum(code.casefold() in verdicts for code in codes) >= 2:
            message = (
                f"'{fact.name}' lists values of the answer '{output.name}':"
                " the verdict would be posted, not judged"
            )
            hint = "ask for the evidence and let rules judge it"
            yield source.problem(
                ("facts", fact.name, "values"), "verdict-fact", message, hint, key=True
            )


def clock_problems(
    clock: Sequence[str], facts: Mapping[str, Fact], source: Source
) -> Iterator[Problem]:
    """Time is told from moments."""
    moments = [name for name, fact in facts.items() if fact.type.kind == "datetime"]
    for position, name in enumerate(clock):
        if name not in moments:
            message = f"'{name}' is not a datetime fact of this pack"
            hint = did_you_mean(name, moments)
            yield source.problem(("clock", position), "unknown-fact", message, hint)


def circle_problem(circle: CircleError, rules: Sequence[Rule]) -> Problem:
    """Rules that wait for each other's outputs, with the path round the circle."""
    path = circle_rules(circle.path, rules)
    steps = "; ".join(
        f"{rule.id} sets {sets} by reading {read}"
        for rule, (sets, read) in zip(path, pairwise(circle.path), strict=True)
    )
    message = f"these rules wait for each other: {steps}"
    hint = "let one of them read facts instead"
    first = path[0]
    return Problem(
        first.file, first.line, first.column, "output-circle", message, hint, len(first.id)
    )


def unset_outputs(
    rules: Sequence[Rule], outputs: Mapping[str, Output], source: Source
) -> Iterator[Problem]:
    set_somewhere = {given.output for rule in rules for given in rule.then}
    read_somewhere = {name for rule in rules for name in outputs_read(rule.when)}
    for name in outputs:
        if name not in set_somewhere:
            hint = (
                "rules read it, so they only ever see its default" if name in read_somewhere else ""
            )
            yield source.problem(
                ("outputs", name),
                "unset-output",
                f"no rule sets '{name}'",
                hint,
                key=True,
                severity="warning",
            )
