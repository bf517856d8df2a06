"""The explanation that `explain: "full"` adds to an answer: every rule's truth value and the near misses, as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from schemas.vocabulary import Text
from service.engine.blame import Blame
from service.engine.judge import Judgement
from service.engine.near_misses import Condition, NearMiss, near_misses
from service.engine.program import Program
from service.engine.wording import Wording, plain
from service.language.model import Pack
from service.language.syntax import FactReference, OutputReference

Json = dict[str, Any]

MOST_NEAR_MISSES = 50
TRUTHS = {True: "true", False: "false", None: "unknown"}


def explanation(
    program: Program,
    conditions: Sequence[Condition],
    shown: Judgement,
    blame: Blame,
    wording: Wording,
) -> Json:
    """Rules in their order, near misses from the nearest on; those beyond the limit are counted."""
    found = near_misses(program, conditions, shown)
    return {
        "rules": [
            _rule(program.pack, position, shown, blame) for position in range(len(conditions))
        ],
        "near_misses": [
            _near_miss(program.pack, miss, wording) for miss in found[:MOST_NEAR_MISSES]
        ],
        "near_misses_left_off": max(len(found) - MOST_NEAR_MISSES, 0),
    }


def _rule(pack: Pack, position: int, shown: Judgement, blame: Blame) -> Json:
    truth = shown.truths[position]
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
        "value": plain(miss.value, pack.timezone),
        "operator": operator,
        "threshold": plain(threshold, pack.timezone),
        "gives": _gives(pack, miss.rule),
    }


def _text_of(pack: Pack, subject: FactReference | OutputReference) -> Text:
    if isinstance(subject, OutputReference):
        return pack.outputs[subject.name].text
    name = subject.name
    derived = {item.fact.name: item.fact for item in pack.derived}
    return (pack.vocabulary.facts.get(name) or derived.get(name) or pack.previous[name]).text


def _gives(pack: Pack, position: int) -> Json:
    """By output: the value a rule would give, or the list of them where several are collected."""
    given: Json = {}
    for contribution in pack.rules[position].then:
        value = plain(contribution.value, pack.timezone)
        if pack.outputs[contribution.output].hit == "collect":
            given.setdefault(contribution.output, []).append(value)
        else:
            given[contribution.output] = value
    return given
