"""The findings of one assessment: the judgement and everything else from which the parts of an answer are made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from schemas.field_error import Ignored
from schemas.former_names import Deprecated
from schemas.previous import Previous
from schemas.reported import Reported
from schemas.strict_json import Json
from service.engine.answer.planning.action_plan import ActionPlan
from service.engine.answer.planning.doubts import facts_of_plan, tell_doubts
from service.engine.answer.planning.next_hour import due_soon
from service.engine.answer.prepared_pack import PreparedPack
from service.engine.computed_once import computed_once
from service.engine.expressions.budget import Budget
from service.engine.expressions.layout import AS_OF_SLOT, Environment
from service.engine.judging.duties import with_duties
from service.engine.judging.guards import Decision
from service.engine.judging.judge import Judgement
from service.engine.judging.program import Program
from service.engine.judging.progress import ProgressReader, Standing
from service.engine.why.blame import Blame
from service.engine.words.pack_words import PackWords, Read, Speech
from service.engine.words.wording import plain
from service.language.declared.open_values import OPEN_TYPES, Options, worst
from service.language.declared.vocabulary.calm import EVERY_FACT_IS_SURE
from service.language.model import PROVISIONAL, Output, Pack


@dataclass(frozen=True)
class Findings:
    """`relaxed` is the relaxed judgement. `reported` has the facts that came with their source.

    `ignored` are the mistakes in the facts; None if they are handled strictly, so that there are none.
    `carried_out` has the moments that the request tells under `done`, by code.
    `as_of_from_previous` says that no moment was sent and our clock is behind, so that the previous moment counts as now.
    `cross_checked` says whether both matchers judged. It is for observers: no part may read it, as the same input gives the same bytes.

    A value that several parts need is computed when the first of them reads it, and not at all if none does.
    """

    prepared: PreparedPack
    words: PackWords
    judgement: Judgement
    relaxed: Judgement
    assumed: Mapping[str, Any]
    previous: Previous | None
    reported: Mapping[str, Reported]
    ignored: Ignored | None
    as_of: datetime
    budget: Budget
    as_of_from_previous: bool = False
    carried_out: Mapping[str, datetime] = field(default_factory=dict)
    deprecated: tuple[Deprecated, ...] = ()
    cross_checked: bool = False

    @computed_once
    def program(self) -> Program:
        return self.prepared.program

    @computed_once
    def pack(self) -> Pack:
        return self.program.pack

    @computed_once
    def decision(self) -> Decision:
        """Which actions are asked for, blocked and held."""
        opposites, relaxed, rules = self.prepared.opposites, self.relaxed, self.judgement.rules
        decision = opposites.decide(rules, relaxed.rules, relaxed.environment)
        return with_duties(decision, opposites, rules, relaxed.rules, relaxed.environment)

    @property
    def provisional(self) -> bool:
        """Whether a lifted output can still change, or a rule sets, or can still set, the output `provisional`."""
        can_be = self.relaxed.can_be
        if any(isinstance(can_be[name], OPEN_TYPES) for name in self.pack.lifted):
            return True
        output = self.pack.outputs.get(PROVISIONAL)
        return output is not None and (
            self.judgement.values[PROVISIONAL] or worst(output, can_be[PROVISIONAL])
        )

    @computed_once
    def blame(self) -> Blame:
        """The unknown facts because of which rules are undetermined and outputs open."""
        return Blame(self.prepared.blame, self.relaxed)

    @computed_once
    def spoken(self) -> Environment:
        """The environment that conditions of texts read. Whether an output is below the scale is always decided in it.

        An output whose value is below the scale has this value. Otherwise it can have only values on the scale.
        """
        environment = self.judgement.environment
        if not self.program.scaled:
            return environment
        environment = environment.copy()
        for slot, output in self.program.scaled:
            environment[slot] = _spoken(
                output, self.judgement.values[output.name], environment[slot]
            )
        return environment

    @computed_once
    def is_called_quiet(self) -> bool:
        """Whether the brief's `quiet_when` holds. What a caller sent but did not know, or got wrong, is never quiet."""
        brief = self.prepared.brief
        quiet_when = brief.quiet_when if brief else None
        return (
            quiet_when is not None
            and self._every_fact_counts()
            and quiet_when.holds(self._settled())
        )

    def _every_fact_counts(self) -> bool:
        """No fact was sent that is wrong; nor, where a value below the scale asks for it, one that is null, old or disputed."""
        slot = self.program.layout.facts.get(EVERY_FACT_IS_SURE)
        is_sure = slot is None or self.judgement.environment[slot] is True
        return is_sure and not (self.ignored and self.ignored.mistakes)

    def _settled(self) -> Environment:
        """The environment in which each output has its present value, also if it can still change."""
        environment = self.judgement.environment.copy()
        for name, slot in self.program.layout.outputs.items():
            environment[slot] = self.judgement.values[name]
        return environment

    @computed_once
    def progress(self) -> ProgressReader:
        return ProgressReader(
            self.program,
            self.judgement,
            self.relaxed,
            self.previous,
            self.carried_out,
            self.reported,
        )

    @computed_once
    def standings(self) -> dict[str, Standing]:
        """Where each action of the plan stands."""
        return {
            ask.code: self.progress.of(ask.code)
            for ask in (*self.decision.allowed, *self.decision.conditional)
        }

    @computed_once
    def plan(self) -> ActionPlan:
        return ActionPlan(
            self.program,
            self.words,
            self.judgement,
            self.relaxed,
            self.decision.allowed,
            self.decision.conditional,
            self.prepared.opposites.guards.alternatives,
            self.previous,
            self.standings,
            self.judgement.environment[AS_OF_SLOT],
        )

    @computed_once
    def planned(self) -> list[tuple[Json, datetime | None]]:
        """The actions in the order in which to take them, each with its deadline."""
        entries, doubts = self.plan.entries(), self.plan.doubts()
        if (
            doubts or self.program.deadlines.with_events
        ):  # most answers need no blame for their plan
            tell_doubts(entries, doubts, self.blame, self.words)
        return entries

    @property
    def facts_of_plan(self) -> int:
        """The unknown facts that decide which alternative of an action holds, or when its clock starts, as bits."""
        if (
            not self.prepared.opposites.guards.alternatives.conditions
            and not self.program.deadlines.with_events
        ):
            return 0
        return facts_of_plan(self.plan, self.blame)

    @computed_once
    def due_soon(self) -> list[Json]:
        return due_soon(self.planned, self.as_of)

    @computed_once
    def speech(self) -> Speech:
        """The texts of this answer. Each value in them is put into words once."""
        return self.words.speech(_reader(self.program, self.judgement, self.as_of))

    def plain(self, value: Any) -> Any:
        """A value as JSON has it."""
        return plain(value, self.words.wording.timezone)


def _spoken(output: Output, value: Any, can_be: Any) -> Any:
    if value in output.below_scale or not isinstance(can_be, Options):
        return value
    on_scale = tuple(one for one in can_be.values if one not in output.below_scale)
    return Options(on_scale) if len(on_scale) > 1 else on_scale[0]


def _reader(program: Program, judgement: Judgement, as_of: datetime) -> Read:
    """A function from a placeholder of a text to its value. A method of Findings would make a cycle of references."""
    slots, environment, values = program.layout.facts, judgement.environment, judgement.values

    def read(name: str) -> Any:
        slot = slots.get(name)
        return values.get(name, as_of) if slot is None else environment[slot]

    return read
