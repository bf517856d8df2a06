"""Reads the verdict from pack.yaml: a text, or sentences of which some have a condition."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from schemas.vocabulary import Text
from service.language.collector import BoundValue
from service.language.conditions.scope import AS_OF, RULE_CLOSED, Scope
from service.language.conditions.when import read_condition
from service.language.model import Sentence
from service.language.texts.placeholders import check_placeholders, names_with_unit


def read_verdict(
    raw: Text | Sequence[Mapping[str, Any]], scope: Scope, outputs: Iterable[str], here: BoundValue
) -> tuple[Sentence, ...]:
    """The sentences that have no mistake. A text is one sentence without a condition.

    `outputs` are the names of all outputs, also of those that have mistakes.
    """
    names = frozenset([*scope.facts, *names_with_unit(scope.facts), *outputs, AS_OF])
    if isinstance(raw, Mapping):
        check_placeholders(raw, names, here)
        return (Sentence(raw),)
    readable = replace(scope, closed=RULE_CLOSED)
    sentences = (_sentence(entry, readable, names, here.at(n)) for n, entry in enumerate(raw))
    return tuple(sentence for sentence in sentences if sentence is not None)


def _sentence(
    entry: Mapping[str, Any], scope: Scope, names: Collection[str], here: BoundValue
) -> Sentence | None:
    check_placeholders(entry["text"], names, here.at("text"))
    if "when" not in entry:
        return Sentence(entry["text"])
    when = read_condition(entry["when"], scope, here.at("when"))
    return None if when is None else Sentence(entry["text"], when, entry["when"])
