"""What must hold for a pack as a whole: its languages and time zone, its answer, circles, outputs nobody sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from schemas.closest import did_you_mean
from schemas.vocabulary import Fact
from service.language.collector import Collector, ValueReporter
from service.language.dependencies import CircleError, circle_rules
from service.language.model import PROVISIONAL, Output, Rule
from service.language.syntax import outputs_read


def check_locale(about: Mapping[str, Any], here: ValueReporter) -> None:
    if about["locale"] not in about["title"]:
        message = f"the pack does not speak '{about['locale']}'"
        hint = f"the title is written in: {', '.join(about['title'])}"
        here.error("unknown-language", message, hint)


def read_timezone(name: str, here: ValueReporter) -> ZoneInfo:
    """The IANA time zone of that name, or UTC where there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        here.error("unknown-timezone", f"'{name}' is no time zone", "for example Asia/Shanghai")
        return ZoneInfo("UTC")


def check_lifted(lifted: Sequence[str], outputs: Mapping[str, Output], here: ValueReporter) -> None:
    """The outputs that stand at the top of an answer have one value."""
    for position, name in enumerate(lifted):
        output = outputs.get(name)
        if output is None:
            message = f"'{name}' is not an output of this pack"
            here.at(position).error("unknown-output", message, did_you_mean(name, outputs))
        elif not _has_one_value(output):
            message = f"'{name}' has no single value to lift to the top of an answer"
            here.at(position).error("output-form", message)


def _has_one_value(output: Output) -> bool:
    return not output.policy.is_collected and output.name != PROVISIONAL


def check_evidence(
    lifted: Sequence[str],
    outputs: Mapping[str, Output],
    facts: Mapping[str, Fact],
    here: ValueReporter,
) -> None:
    """The poster sends evidence, never the verdict: two shared values are one too many."""
    for output in (outputs[name] for name in lifted if name in outputs):
        verdicts = {value.casefold() for value in output.type.values}
        for fact in facts.values() if _has_one_value(output) else ():
            codes = (fact.type.item or fact.type).values
            if sum(code.casefold() in verdicts for code in codes) >= 2:
                message = (
                    f"'{fact.name}' lists values of the answer '{output.name}':"
                    " the verdict would be posted, not judged"
                )
                hint = "ask for the evidence and let rules judge it"
                here.at(fact.name, "values").key.error("verdict-fact", message, hint)


def check_clock(clock: Sequence[str], facts: Mapping[str, Fact], here: ValueReporter) -> None:
    """Time is told from moments."""
    moments = [name for name, fact in facts.items() if fact.type.kind == "datetime"]
    for position, name in enumerate(clock):
        if name not in moments:
            message = f"'{name}' is not a datetime fact of this pack"
            here.at(position).error("unknown-fact", message, did_you_mean(name, moments))


def report_circle(circle: CircleError, rules: Sequence[Rule], collector: Collector) -> None:
    """Rules that wait for each other's outputs, with the path round the circle."""
    path = circle_rules(circle.path, rules)
    steps = "; ".join(
        f"{rule.id} sets {sets} by reading {read}"
        for rule, (sets, read) in zip(path, pairwise(circle.path), strict=True)
    )
    message = f"these rules wait for each other: {steps}"
    hint = "let one of them read facts instead"
    collector.at(path[0].place).error("output-circle", message, hint)


def check_outputs_set(
    rules: Sequence[Rule], outputs: Mapping[str, Output], here: ValueReporter
) -> None:
    """Warns of each output that no rule sets."""
    set_somewhere = {given.output for rule in rules for given in rule.then}
    read_somewhere = {name for rule in rules for name in outputs_read(rule.when)}
    for name in outputs:
        if name not in set_somewhere:
            hint = (
                "rules read it, so they only ever see its default" if name in read_somewhere else ""
            )
            here.at(name).key.warning("unset-output", f"no rule sets '{name}'", hint)
