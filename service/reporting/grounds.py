"""The reasons of an answer: the rules that gave its outputs their values, and the outputs that those rules read.

If no rule gave an output its value, the outputs that could explain it are those read by the rules that set it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from service.language.model import ACTION_OUTPUTS, Output, Pack, Rule
from service.language.syntax import outputs_read


@dataclass(frozen=True, slots=True)
class Ground:
    """An output, its value in words, and the texts of the rules that gave it this value."""

    output: str
    value: str
    reasons: tuple[str, ...]


def grounds(pack: Pack, answer: Mapping[str, Any]) -> Iterator[Ground]:
    """The pack's lifted outputs first, then the outputs on which they depend, each output once."""
    fired = {reason["rule"]: reason["text"] for reason in answer["reasons"]}
    waiting, seen = list(pack.lifted), set(pack.lifted)
    while waiting:
        name = waiting.pop(0)
        output = answer["outputs"][name]
        rules = list(_deciding(pack, pack.outputs[name], output["value"], fired))
        if rules or name in pack.lifted:
            texts = dict.fromkeys(fired[rule.id] for rule in rules)
            yield Ground(name, output["text"], tuple(texts))
        leading = rules or _giving(pack, name)
        read = {other for rule in leading for other in outputs_read(rule.when)} - seen
        waiting += [other for other in pack.outputs if other in read]
        seen |= read


def _giving(pack: Pack, name: str) -> list[Rule]:
    return [rule for rule in pack.rules if any(one.output == name for one in rule.then)]


def _deciding(pack: Pack, output: Output, value: Any, fired: Mapping[str, str]) -> Iterator[Rule]:
    """The rules that fired and gave this output its value."""
    if output.name in ACTION_OUTPUTS:
        return
    for rule in pack.rules:
        given = [one.value for one in rule.then if one.output == output.name]
        if rule.id in fired and given and (output.policy.is_made_of_all or value in given):
            yield rule
