"""The explanation that `explain: "full"` adds to an answer: every rule's truth value and the near misses, as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from schemas.strict_json import Json
from schemas.vocabulary import Text
from service.engine.judging.judge import Judgement
from service.engine.judging.program import Program
from service.engine.why.blame import Blame
from service.engine.why.near_misses import Condition, NearMiss, near_misses
from service.engine.words.wording import Wording, plain
from service.language.declared.hit_policies import combined
from service.language.model import Output, Pack
from service.language.syntax import FactReference, OutputReference

GivenByOutput = dict[str, list[tuple[int, Any]]]
"""By output: the positions of the rules that give it a value, each with its value."""

MOST_NEAR_MISSES = 50
TRUTHS = {True: "true", False: "false", None: "unknown"}


def explanation(
    program: Program,
    conditions: Sequence[Condition],
    judgement: Judgement,
    blame: Blame,
    wording: Wording,
) -> Json:
    """All rules in their order, and the near misses that would change an output, nearest first.

    Near misses beyond the limit are counted only.
    """
    given = _given(program.pack, judgement)
    found = [
        miss
        for miss in near_misses(program, conditions, judgement)
        if _would_change(program.pack, miss.rule, given)
    ]
    return {
        "rules": [
            _rule(program.pack, position, judgement, blame) for position in range(len(conditions))
        ],
        "near_misses": [
            _near_miss(program.pack, miss, wording) for miss in found[:MOST_NEAR_MISSES]
        ],
        "near_misses_left_off": max(len(found) - MOST_NEAR_MISSES, 0),
    }


def _given(pack: Pack, judgement: Judgement) -> GivenByOutput:
    """The values that the firing rules give, by output, in the order of the rules."""
    given: GivenByOutput = {name: [] for name in pack.outputs}
    for position in judgement.rules.fired():
        for one in pack.rules[position].then:
            given[one.output].append((position, one.value))
    return given


def _would_change(pack: Pack, position: int, given: GivenByOutput) -> bool:
    """Whether an output would change if this rule fired too. A milder band of a table, for example, changes nothing."""
    return any(
        _changes(pack.outputs[one.output], position, one.value, given[one.output])
        for one in pack.rules[position].then
    )


def _changes(output: Output, position: int, value: Any, others: list[tuple[int, Any]]) -> bool:
    """Whether this value, added to those that rules give, changes the output or contradicts them."""
    more = sorted([*others, (position, value)], key=lambda pair: pair[0])
    before, after = [v for _, v in others], [v for _, v in more]
    return output.policy.conflict(after) or combined(output, before) != combined(output, after)


def _rule(pack: Pack, position: int, judgement: Judgement, blame: Blame) -> Json:
    truth = judgement.rules.of(position)
    return {
        "rule": pack.rules[position].id,
        "truth": TRUTHS[truth],
        "unknown": blame.of_rules((position,)) if truth is None else [],
    }


def _near_miss(pack: Pack, miss: NearMiss, wording: Wording) -> Json:
    subject, operator, threshold = miss.comparison
    return {
        "rule": pack.rules[miss.rule].id,
        "atom": miss.written,
        "fact": subject.name if isinstance(subject, FactReference) else None,
        "output": subject.name if isinstance(subject, OutputReference) else None,
        "text": None if subject is None else wording.say(_text_of(pack, subject), subject.name),
        "value": plain(miss.value, wording.timezone),
        "operator": operator,
        "threshold": plain(threshold, wording.timezone),
        "gives": _gives(pack, miss.rule, wording),
    }


def _text_of(pack: Pack, subject: FactReference | OutputReference) -> Text:
    if isinstance(subject, OutputReference):
        return pack.outputs[subject.name].text
    name = subject.name
    derived = {item.fact.name: item.fact for item in pack.derived}
    return (pack.vocabulary.facts.get(name) or derived.get(name) or pack.previous[name]).text


def _gives(pack: Pack, position: int, wording: Wording) -> Json:
    """By output: the value that a rule would give, or the list of its values where the hit policy is `collect`."""
    given: Json = {}
    for contribution in pack.rules[position].then:
        value = plain(contribution.value, wording.timezone)
        if pack.outputs[contribution.output].policy.is_collected:
            given.setdefault(contribution.output, []).append(value)
        else:
            given[contribution.output] = value
    return given
