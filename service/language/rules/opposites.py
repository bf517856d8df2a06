"""Actions that contradict each other: which they are, and the pairs that no rule decides. What wins is decided by the engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from service.language.collector import BoundValue, Collector
from service.language.model import ASKED, Action, Contribution, Rule


def are_opposites(one: str, other: str, actions: Mapping[str, Action]) -> bool:
    """Whether one of them names the other."""
    return other in actions[one].contradicts or one in actions[other].contradicts


def opposites_of(actions: Mapping[str, Action]) -> dict[str, tuple[str, ...]]:
    """The opposites of each action that has some, in the catalogue's order."""
    found: dict[str, set[str]] = {}
    for one, other in _pairs(actions):
        found.setdefault(one, set()).add(other)
        found.setdefault(other, set()).add(one)
    return {
        code: tuple([other for other in actions if other in found[code]])
        for code in actions
        if code in found
    }


def check_opposites(
    actions: Mapping[str, Action], rules: Sequence[Rule], here: BoundValue, collector: Collector
) -> None:
    """Report each pair that rules can ask for and none decides, and each rule that asks for both and does not say which wins."""
    asked = [given for rule in rules for given in rule.then if given.output == ASKED]
    codes = {given.value for given in asked}
    for one, other in _pairs(actions):
        if not {one, other} <= codes:
            continue
        if not any(_decides(given, one, other) for given in asked):
            message = f"rules can ask for '{one}' and '{other}', and none says which wins"
            hint = f"then: {{actions: {{action: {one}, over: [{other}]}}}}"
            here.at(one, "contradicts").key.error("undecided-opposites", message, hint)
            continue
        for rule in rules:
            _check_rule(rule, one, other, collector)


def _check_rule(rule: Rule, one: str, other: str, collector: Collector) -> None:
    given = [given for given in rule.then if given.output == ASKED]
    if not {one, other} <= {asked.value for asked in given}:
        return
    if sum(_decides(asked, one, other) for asked in given) != 1:
        message = f"this rule asks for '{one}' and '{other}', and does not say which one wins"
        collector.at(rule.place).error("undecided-opposites", message, "ask for one of them")


def _decides(given: Contribution, one: str, other: str) -> bool:
    return (given.value == one and other in given.over) or (
        given.value == other and one in given.over
    )


def _pairs(actions: Mapping[str, Action]) -> Iterator[tuple[str, str]]:
    """Each pair of opposites once."""
    seen = set()
    for code, action in actions.items():
        for other in action.contradicts:
            if other in actions and other != code and frozenset((code, other)) not in seen:
                seen.add(frozenset((code, other)))
                yield code, other
