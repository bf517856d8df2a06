"""Builds the contingency of an answer: the changes that lead to each worse and better value, the forecast, and their actions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from schemas.strict_json import Json
from service.engine.contingency.cone import STEPS_OF_A_RULE, Cone, compile_cone
from service.engine.contingency.forecast import BUDGET_EXCEEDED, Ahead, forecast
from service.engine.contingency.levers import Lever, Move
from service.engine.contingency.search import Change, Search
from service.engine.contingency.standstill import Standstill
from service.engine.contingency.turning_points import compile_levers
from service.engine.errors import BudgetExceeded, RuleConflict
from service.engine.expressions.budget import Steps
from service.engine.expressions.layout import AS_OF_SLOT, STEPS_SLOT, Environment
from service.engine.judging.judge import Judgement, judge, judge_relaxed
from service.engine.judging.opposites import Opposites
from service.engine.judging.program import Program
from service.engine.words.pack_words import PackWords
from service.engine.words.wording import plain


@dataclass(frozen=True, slots=True)
class PackContingency:
    """Compiled once per pack that has a contingency."""

    program: Program
    opposites: Opposites
    cone: Cone
    levers: tuple[Lever, ...]

    @classmethod
    def of(cls, program: Program, opposites: Opposites) -> PackContingency | None:
        """To be called before any environment is made. None where the pack declares no contingency."""
        declared = program.pack.contingency
        if declared is None:
            return None
        cone = compile_cone(program, program.pack.outputs[declared.output])
        return cls(program, opposites, cone, compile_levers(cone))

    def to_json(
        self, judgement: Judgement, relaxed: Judgement, words: PackWords, steps: int
    ) -> Json:
        """`relaxed` is the relaxed judgement of the same incident. `steps` are those that the contingency may take."""
        own = Steps(steps)
        found = _IncidentContingency(
            self, _counted_by(own, judgement), _counted_by(own, relaxed), words
        )
        return found.to_json()

    def judged(
        self, environment: Environment, changes: Mapping[int, Any]
    ) -> tuple[Judgement, frozenset[str]]:
        """The judgement of the whole pack after some slots have changed, and the actions allowed by it. Raises RuleConflict."""
        environment[STEPS_SLOT].take(STEPS_OF_A_RULE * len(self.program.pack.rules))
        changed = environment.copy()
        for slot, value in changes.items():
            changed[slot] = value
        self.program.derive(changed)
        judgement = judge(self.program, changed)
        return judgement, self.allowed(judgement, judge_relaxed(self.program, judgement))

    def allowed(self, judgement: Judgement, relaxed: Judgement) -> frozenset[str]:
        decision = self.opposites.decide(judgement.rules, relaxed.rules)
        return frozenset(ask.code for ask in decision.allowed)


def _counted_by(steps: Steps, judgement: Judgement) -> Judgement:
    """The same judgement with its own count of steps."""
    environment = judgement.environment.copy()
    environment[STEPS_SLOT] = steps
    return replace(judgement, environment=environment)


class _IncidentContingency:
    """The contingency of one answer."""

    def __init__(
        self,
        contingency: PackContingency,
        judgement: Judgement,
        relaxed: Judgement,
        words: PackWords,
    ) -> None:
        self.contingency, self.judgement, self.relaxed, self.words = (
            contingency,
            judgement,
            relaxed,
            words,
        )
        self.pack, self.output = contingency.program.pack, contingency.cone.output
        self.actions = contingency.allowed(judgement, relaxed)
        self.actions_then: dict[str, frozenset[str]] = {}

    def to_json(self) -> Json:
        value = self.judgement.values[self.output.name]
        values = self.output.type.values
        place = values.index(value)
        worse = values[:place][::-1]
        better = [v for v in values[place + 1 :] if v not in self.output.below_scale]
        ahead, why = self._forecasts()
        found, searched = self._search([*worse, *better])
        told = found.keys() if not searched else {*worse, *better}
        kept_up, without_effect = self._not_brought_down() if place == 0 else ([], [])
        return {
            "output": self.output.name,
            "value": value,
            "worse": [self._way(other, found.get(other)) for other in worse if other in told],
            "better": [self._way(other, found.get(other)) for other in better if other in told],
            "kept_up_by": [self._fact(lever) for lever in kept_up],
            "without_effect": [self._fact(lever) for lever in without_effect],
            **self._not_searched([other for other in (*worse, *better) if other not in told]),
            "forecast": ahead,
            "no_forecast": why,
        }

    def _search(self, wanted: list[str]) -> tuple[dict[str, Change], bool]:
        """The smallest changes, and whether the search came to its end. Changes found before the steps ran out are right."""
        found: dict[str, Change] = {}
        cone, levers = self.contingency.cone, self.contingency.levers
        try:
            search = Search.of(cone, levers, self.judgement)
            search.find(wanted, self._confirm, found)
        except BudgetExceeded:
            return found, False
        return found, True

    def _not_brought_down(self) -> tuple[list[Lever], list[Lever]]:
        """What would not make the worst value better, see `Standstill.facts`."""
        contingency = self.contingency
        try:
            return Standstill.of(
                contingency.cone, contingency.levers, self.judgement, self.relaxed
            ).facts()
        except BudgetExceeded:
            return [], []

    def _fact(self, lever: Lever) -> Json:
        name, value = lever.fact.name, self.judgement.environment[lever.slot]
        return {
            "fact": name,
            "text": self.words.facts[name],
            "value": self._plain(value),
            "value_text": self.words.value(name, value),
        }

    def _not_searched(self, values: list[str]) -> Json:
        return {"not_searched": values} if values else {}

    def _forecasts(self) -> tuple[list[Json], str | None]:
        layout, environment = self.contingency.program.layout, self.judgement.environment
        ahead, why = forecast(self.pack, layout, environment)
        try:
            return [self._forecast(one) for one in ahead], why
        except BudgetExceeded:
            return [], BUDGET_EXCEEDED

    def _confirm(self, value: str, change: Change) -> bool:
        """Whether the whole pack gives that value too. If so, its actions are kept."""
        slots = {move.lever.slot: move.value for move in change}
        then, actions = self.contingency.judged(self.judgement.environment, slots)
        if then.values[self.output.name] != value:
            return False
        self.actions_then[value] = actions
        return True

    def _way(self, value: str, change: Change | None) -> Json:
        return {
            "value": value,
            "text": self.words.value(self.output.name, value),
            "changes": None if change is None else [self._changed(move) for move in change],
            "actions": self._difference(self.actions_then.get(value, self.actions)),
        }

    def _changed(self, move: Move) -> Json:
        name, before = move.lever.fact.name, self.judgement.environment[move.lever.slot]
        return {
            "fact": name,
            "text": self.words.facts[name],
            "from": self._plain(before),
            "from_text": self.words.value(name, before),
            "to": self._plain(move.value),
            "to_text": self.words.value(name, move.value),
        }

    def _forecast(self, ahead: Ahead) -> Json:
        """One entry of the forecast. If the rules would conflict then, its value is null."""
        slots = self.contingency.program.layout.facts
        changes = {slots[name]: value for name, value in ahead.facts.items()}
        value, actions = None, self.actions
        try:
            then, actions = self.contingency.judged(
                self.judgement.environment, {AS_OF_SLOT: ahead.as_of, **changes}
            )
            value = then.values[self.output.name]
        except RuleConflict:
            pass
        return {
            "hours": ahead.hours,
            "as_of": self._plain(ahead.as_of),
            "facts": {name: self._plain(after) for name, after in ahead.facts.items()},
            "value": value,
            "text": self.words.value(self.output.name, value),
            "actions": self._difference(actions),
        }

    def _difference(self, then: frozenset[str]) -> Json:
        """The added and the dropped actions, each in the catalogue's order."""
        return {
            "added": self._ordered(then - self.actions),
            "dropped": self._ordered(self.actions - then),
        }

    def _ordered(self, codes: frozenset[str]) -> list[str]:
        return [code for code in self.pack.actions if code in codes]

    def _plain(self, value: Any) -> Any:
        return plain(value, self.words.wording.timezone)
