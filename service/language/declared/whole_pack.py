"""Checks of a pack as a whole: its languages and time zone, its answer, circles of rules, outputs that no rule sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from schemas.closest import did_you_mean
from schemas.vocabulary import Fact
from service.language.collector import BoundValue, Collector
from service.language.dependencies import CircleError, circle_rules
from service.language.model import PROVISIONAL, Output, Rule
from service.language.syntax import outputs_read


def check_locale(about: Mapping[str, Any], here: BoundValue) -> None:
    if about["locale"] not in about["title"]:
        message = f"the pack's title is not written in '{about['locale']}'"
        hint = f"the title is written in: {', '.join(about['title'])}"
        here.error("unknown-language", message, hint)


def read_timezone(name: str, here: BoundValue) -> ZoneInfo:
    """The IANA time zone of that name, or UTC if there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        here.error("unknown-timezone", f"'{name}' is no time zone", "for example Asia/Shanghai")
        return ZoneInfo("UTC")


def check_lifted(lifted: Sequence[str], outputs: Mapping[str, Output], here: BoundValue) -> None:
    """Check that each output at the top of the answer has one value."""
    for position, name in enumerate(lifted):
        output = outputs.get(name)
        if output is None:
            message = f"'{name}' is not an output of this pack"
            here.at(position).error("unknown-output", message, did_you_mean(name, outputs))
        elif not _has_one_value(output):
            message = f"'{name}' has no single value, so it cannot be at the top of the answer"
            here.at(position).error("output-form", message)


def check_notices(
    notices: Sequence[str],
    lifted: Sequence[str],
    outputs: Mapping[str, Output],
    here: BoundValue,
) -> None:
    """Check that each notice is one of few values, because a metric counts each value, and is named once."""
    named = set(lifted)
    for position, name in enumerate(notices):
        output = outputs.get(name)
        at = here.at(position)
        if output is None:
            message = f"'{name}' is not an output of this pack"
            at.error("unknown-output", message, did_you_mean(name, outputs))
        elif output.type.name not in ("enum", "boolean") or not _has_one_value(output):
            message = f"'{name}' cannot be a notice: it has no single value that is an enum's or a boolean"
            at.error("notice-form", message)
        elif name in named:
            message = f"'{name}' is at the top of the answer already"
            at.error("notice-form", message, "name each output once, under answer or under notices")
        named.add(name)


def _has_one_value(output: Output) -> bool:
    return not output.policy.is_collected and output.name != PROVISIONAL


def check_evidence(
    at_top: Sequence[str],
    outputs: Mapping[str, Output],
    facts: Mapping[str, Fact],
    here: BoundValue,
) -> None:
    """Report each fact that shares two or more values with an output of the answer: callers send evidence, not the verdict.

    A fact may have the words of somebody else, such as a public warning service, if its author says whose they are.
    """
    for output in (outputs[name] for name in dict.fromkeys(at_top) if name in outputs):
        verdicts = {value.casefold() for value in output.type.values}
        for fact in facts.values() if _has_one_value(output) else ():
            codes = (fact.type.item or fact.type).values
            if not fact.values_by and sum(code.casefold() in verdicts for code in codes) >= 2:
                message = (
                    f"'{fact.name}' lists values of the answer '{output.name}':"
                    " callers would post the verdict"
                )
                hint = (
                    "declare facts for the evidence and let rules set the output;"
                    " if somebody else uses these words, such as a warning service, say who: values_by: {…}"
                )
                here.at(fact.name, "values").key.error("verdict-fact", message, hint)


def check_clock(clock: Sequence[str], facts: Mapping[str, Fact], here: BoundValue) -> None:
    """Check that the clock names facts that are moments."""
    moments = frozenset(name for name, fact in facts.items() if fact.type.name == "datetime")
    for position, name in enumerate(clock):
        if name not in moments:
            message = f"'{name}' is not a datetime fact of this pack"
            here.at(position).error("unknown-fact", message, did_you_mean(name, moments))


def check_trend(trend: Sequence[str], posted: Mapping[str, Fact], here: BoundValue) -> None:
    """Check that the trend names numbers that callers post: an answer echoes them as they were measured."""
    numbers = frozenset(name for name, fact in posted.items() if fact.type.is_numeric)
    for position, name in enumerate(trend):
        if name not in numbers:
            message = f"'{name}' is not a number that callers of this pack post"
            here.at(position).error("unknown-fact", message, did_you_mean(name, numbers))


def add_circle(circle: CircleError, rules: Sequence[Rule], collector: Collector) -> None:
    """Report rules that wait for each other's outputs, with the path of the circle."""
    path = circle_rules(circle.path, rules)
    steps = "; ".join(
        f"{rule.id} sets {sets} by reading {read}"
        for rule, (sets, read) in zip(path, pairwise(circle.path), strict=True)
    )
    message = f"these rules wait for each other: {steps}"
    hint = "let one of them read facts instead"
    collector.at(path[0].place).error("output-circle", message, hint)


def check_outputs_set(
    rules: Sequence[Rule], outputs: Mapping[str, Output], here: BoundValue
) -> None:
    """Warns of each output that no rule sets."""
    set_somewhere = {given.output for rule in rules for given in rule.then}
    read_somewhere = {name for rule in rules for name in outputs_read(rule.when)}
    for name in outputs:
        if name not in set_somewhere:
            hint = "rules that read it always get its default" if name in read_somewhere else ""
            here.at(name).key.warning("unset-output", f"no rule sets '{name}'", hint)
