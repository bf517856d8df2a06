"""The reasons of an answer: the rules that gave its outputs their values, and the outputs that those rules read.

If no rule gave an output its value, the outputs that could explain it are those read by the rules that set it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.language.model import ACTION_OUTPUTS, Pack, Rule
from service.language.syntax import outputs_read


@dataclass(frozen=True, slots=True)
class Ground:
    """An output, its value in words, and the texts of the rules that gave it this value."""

    output: str
    value: str
    reasons: tuple[str, ...]


def ground(pack: Pack, answer: Mapping[str, Any], name: str) -> Ground:
    fired = {reason["rule"]: reason["text"] for reason in answer["reasons"]}
    return _ground(answer, name, fired, _deciding(pack, answer, name, fired))


def grounds(pack: Pack, answer: Mapping[str, Any]) -> Iterator[Ground]:
    """The pack's lifted outputs first, then the outputs on which they depend, then those on which notices depend.

    Each output is listed once, and only if rules gave it its value or it is lifted. The notices themselves are left out.
    """
    fired = {reason["rule"]: reason["text"] for reason in answer["reasons"]}
    seen = {*pack.lifted, *pack.notices}
    for waiting in (list(pack.lifted), list(pack.notices)):
        while waiting:
            name = waiting.pop(0)
            rules = _deciding(pack, answer, name, fired)
            if name in pack.lifted or (rules and name not in pack.notices):
                yield _ground(answer, name, fired, rules)
            leading = rules or _giving(pack, name)
            read = {other for rule in leading for other in outputs_read(rule.when)} - seen
            waiting += [other for other in pack.outputs if other in read]
            seen |= read


def _ground(
    answer: Mapping[str, Any], name: str, fired: Mapping[str, str], rules: Sequence[Rule]
) -> Ground:
    texts = dict.fromkeys(fired[rule.id] for rule in rules)
    return Ground(name, answer["outputs"][name]["text"], tuple(texts))


def _giving(pack: Pack, name: str) -> list[Rule]:
    return [rule for rule in pack.rules if any(one.output == name for one in rule.then)]


def _deciding(
    pack: Pack, answer: Mapping[str, Any], name: str, fired: Mapping[str, str]
) -> list[Rule]:
    """The rules that fired and gave this output its value."""
    value, is_made_of_all = (
        answer["outputs"][name]["value"],
        pack.outputs[name].policy.is_made_of_all,
    )
    return [
        rule
        for rule in (() if name in ACTION_OUTPUTS else pack.rules)
        if rule.id in fired
        and (given := [one.value for one in rule.then if one.output == name])
        and (is_made_of_all or value in given)
    ]
