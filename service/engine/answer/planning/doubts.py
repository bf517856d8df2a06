"""Says of the actions of a plan what is not yet decided about them, and which unknown facts decide it.

It changes no action: whether one is asked for, allowed or held is decided before.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from schemas.strict_json import Json
from service.engine.answer.planning.action_plan import ActionPlan
from service.engine.judging.guards import Ask
from service.engine.why.blame import Blame, BlameIndex
from service.engine.words.pack_words import PackWords


def tell_doubts(
    entries: Sequence[tuple[Json, datetime | None]],
    doubts: Sequence[Ask],
    blame: Blame,
    words: PackWords,
) -> None:
    """Fills in `if` and `starts_with` of these entries. `doubts` are the asks of which something is undecided."""
    by_code = {ask.code: ask for ask in doubts}
    for entry, _ in entries:
        if (ask := by_code.get(entry["code"])) is not None:
            entry["if"] = _condition(ask, blame, words)
        if entry["starts_with"]:
            facts = 0
            for name in entry["starts_with"]:
                facts |= blame.of_moment(name)
            names = blame.index.names(facts)
            entry["starts_with"] = [{"fact": name, **words.questions[name]} for name in names]


def _condition(ask: Ask, blame: Blame, words: PackWords) -> Json:
    facts = blame.of_alternatives(ask.code)
    for rule in ask.undetermined:
        facts |= blame.of_rule(rule)
    names, asked = _direct_first(facts, ask, blame.index), bool(ask.rules)
    return {"asked": asked, "facts": names, "text": words.condition(names, asked=asked)}


def _direct_first(facts: int, ask: Ask, index: BlameIndex) -> list[str]:
    """First the facts that the rules and alternatives read themselves, then those behind the outputs that they read."""
    direct = index.read_by_cases.get(ask.code, 0)
    for rule in ask.undetermined:
        direct |= index.read_by_rule[rule]
    return [*index.names(facts & direct), *index.names(facts & ~direct)]


def facts_of_plan(plan: ActionPlan, blame: Blame) -> int:
    """The unknown facts that decide which alternative of an action holds, or when its clock starts, as bits."""
    found = 0
    for code in plan.alternatives.conditions.keys() & plan.asks().keys():
        found |= blame.of_alternatives(code)
    if plan.program.deadlines.with_events:
        for name in plan.starts():
            found |= blame.of_moment(name)
    return found
