"""Adds to each rule that gives a value below the scale what such a value needs, so that unknown facts never lead to it.

These are what `brief: calm` of pack.yaml lists, that no incident is open, and that every posted fact is calm. The needs are parts of the rule's condition like those that its author wrote. So both matchers, the bounds and the
explanation treat them alike: while one of them is unknown, the rule is undetermined and the output keeps its default.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from schemas.types import BOOLEAN
from schemas.vocabulary import Fact
from service.language.collector import BoundValue
from service.language.conditions.check import check_condition
from service.language.conditions.scope import RULE_CLOSED, Scope
from service.language.conditions.when import read_condition
from service.language.declared.previous_facts import GIVEN, GROUP
from service.language.declared.vocabulary.calm import EVERY_FACT_IS_SURE, POSTED_CALM
from service.language.model import Output, Rule
from service.language.syntax import ALWAYS, And, FactReference, Node, Span


@dataclass(frozen=True, slots=True)
class Need:
    """A condition, and how it is written."""

    when: Node
    written: Any


def own_fact() -> Fact:
    """The fact that packs with a value below the scale have in addition."""
    return Fact(EVERY_FACT_IS_SURE, BOOLEAN, {})


def read_calm(
    raw: Sequence[Any] | None,
    scope: Scope,
    roots: Mapping[str, frozenset[str]],
    asked: Collection[str],
    here: BoundValue,
) -> tuple[Need, ...]:
    """What `calm` lists. `roots` has for each derived fact those from which it is computed, `asked` the posted facts
    that nothing is taken for.

    One entry must be a fact that is unknown if it is not posted: then no empty request is calm.
    """
    scope = replace(scope, closed=RULE_CLOSED)
    needs, firm = [], False
    for number, entry in enumerate(raw or ()):
        at = here.at(number)
        if isinstance(entry, str) and entry in scope.facts and scope.facts[entry].type != BOOLEAN:
            if roots.get(entry, frozenset([entry])).isdisjoint(asked):
                message = f"'{entry}' is known although nothing is posted"
                at.error(
                    "below-scale", message, "name a fact without 'assume', or write a condition"
                )
            firm = True
            entry = f"has({entry})"
            when = check_condition(entry, scope, at.value)
        else:
            when = read_condition(entry, scope, at)
        if when is not None:
            needs.append(Need(when, entry))
    if raw is not None and not firm:
        message = (
            "'calm' names no fact that must be known, so a request without facts could be calm"
        )
        here.error("below-scale", message, "name the figures of a quiet day")
    return tuple(needs)


def check_below_scale(
    outputs: Mapping[str, Output], answer: Iterable[str], has_calm: bool, here: BoundValue
) -> None:
    """Report each output whose values below the scale could be taken although nothing is known."""
    answer = frozenset(answer)
    for name, output in outputs.items():
        wrong = _wrong(output, name in answer, has_calm) if output.below_scale else ""
        if wrong:
            here.at(name).key.error("below-scale", f"'{name}' has a value below the scale: {wrong}")


def _wrong(output: Output, in_answer: bool, has_calm: bool) -> str:
    values, below = output.type.values, output.below_scale
    if not in_answer:
        return "list the output under answer"
    if not output.policy.is_ranked:
        return "the output needs hit: priority"
    if output.default in below:
        return "it cannot be the default, which is taken while nothing is known"
    if values[-len(below) :] != below:
        return "it must be declared after all values on the scale"
    return "" if has_calm else "pack.yaml needs brief: {calm: […]}, the facts that must be known"


def with_needs(
    rules: Sequence[Rule],
    outputs: Mapping[str, Output],
    answer: Sequence[str],
    calm: Sequence[Need],
    scope: Scope,
    here: BoundValue,
) -> list[Rule]:
    """The rules, each of which that gives a value below the scale has all that this needs."""
    if not any(output.below_scale for output in outputs.values()):
        return list(rules)
    told = Need(
        FactReference(POSTED_CALM, type=BOOLEAN, span=Span(0, len(POSTED_CALM))), POSTED_CALM
    )
    needs = {
        name: [*calm, _not_open(name, outputs, answer, scope, here), told]
        for name, output in outputs.items()
        if output.below_scale
    }
    return [_with(rule, needs, outputs) for rule in rules]


def _with(rule: Rule, needs: Mapping[str, Sequence[Need]], outputs: Mapping[str, Output]) -> Rule:
    below = [one.output for one in rule.then if one.value in outputs[one.output].below_scale]
    if not below:
        return rule
    own = [] if rule.when == ALWAYS else [Need(rule.when, rule.written)]
    whole = [*own, *needs[below[0]]]
    when = And(tuple(need.when for need in whole), span=rule.when.span)
    return replace(rule, when=when, written_in_full={"all": [need.written for need in whole]})


def _not_open(
    name: str,
    outputs: Mapping[str, Output],
    answer: Sequence[str],
    scope: Scope,
    here: BoundValue,
) -> Need:
    """There is no previous answer, or in it the output was below the scale, or an output had a value that closes."""
    ends = {name: outputs[name].below_scale}
    for other in answer:
        ends[other] = (*ends.get(other, ()), *outputs[other].closed)
    parts = [
        f"{GROUP}{other} in [{', '.join(map(_quoted, codes))}]"
        for other, codes in ends.items()
        if codes
    ]
    written = " || ".join([f"!{GIVEN}", *parts])
    when = check_condition(written, scope, here.value)
    assert when is not None
    return Need(when, written)


def _quoted(code: str) -> str:
    return f'"{code}"'
