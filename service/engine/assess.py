"""Assesses an incident: takes its facts and returns the answer. A pure function: the same input gives the same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any

from schemas.field_error import Ignored
from schemas.former_names import Deprecated
from schemas.previous import Previous
from schemas.reported import Reported
from schemas.strict_json import Json
from service.engine.answer.findings import Findings
from service.engine.answer.parts import answer, parts_of, requested_parts
from service.engine.answer.prepared_pack import PreparedPack
from service.engine.expressions.budget import BUDGET, Budget, Steps
from service.engine.judging.counted_facts import any_unsure, counted
from service.engine.judging.cross_check import EVERY, CrossCheck, EngineName, Sampling
from service.engine.judging.judge import judge_relaxed
from service.engine.words.joined_words import words_of
from service.engine.words.pack_words import PackWords
from service.language.model import Pack

NONE_REPORTED: Mapping[str, Reported] = {}
NOTHING_DONE: Mapping[str, datetime] = {}


class Assessor:
    """Assesses incidents by one compiled pack. Threads can share it."""

    def __init__(self, pack: Pack, engine: EngineName = "both", sampling: Sampling = EVERY) -> None:
        self.pack = pack
        self.prepared = PreparedPack.of(pack)
        self.program = self.prepared.program
        self._check = CrossCheck(self.program, engine, sampling)
        self._words = {locale: words_of(pack, locale) for locale in pack.locales}
        self.parts = parts_of(pack)
        self._may_not_count = [fact for fact in pack.vocabulary.facts.values() if fact.unknown_if]

    def assess(
        self,
        facts: Mapping[str, Any],
        as_of: datetime,
        locale: str,
        *,
        previous: Previous | None = None,
        carried_out: Mapping[str, datetime] = NOTHING_DONE,
        reported: Mapping[str, Reported] = NONE_REPORTED,
        explain: bool = False,
        contingency: bool = False,
        drafts: bool = False,
        budget: Budget = BUDGET,
    ) -> Json:
        """The answer without the ids, which the caller adds. Raises the same errors as `find`."""
        findings = self.find(
            facts,
            as_of,
            locale,
            previous=previous,
            carried_out=carried_out,
            reported=reported,
            budget=budget,
        )
        requested = requested_parts(explain=explain, contingency=contingency, drafts=drafts)
        return answer(self.parts, findings, requested)

    def find(
        self,
        facts: Mapping[str, Any],
        as_of: datetime,
        locale: str,
        *,
        previous: Previous | None = None,
        carried_out: Mapping[str, datetime] = NOTHING_DONE,
        reported: Mapping[str, Reported] = NONE_REPORTED,
        ignored: Ignored | None = None,
        timezone: tzinfo | None = None,
        budget: Budget = BUDGET,
        as_of_from_previous: bool = False,
        deprecated: tuple[Deprecated, ...] = (),
    ) -> Findings:
        """Judges the incident. Raises RuleConflict, BudgetExceeded and EngineDisagreement.

        The steps of the judgement and of the parts of the answer are counted together.

        `facts` is keyed by dotted name, with values as `schemas.facts` loads them and None for null. `as_of` has a time
        zone. `previous` is the previous answer about the incident; `as_of_from_previous` says that `as_of` is its moment,
        because our clock is behind. `carried_out` has by code when actions were carried out.
        `reported` has the facts that came with their source; those that count as unknown because of it are null for
        everything that follows.
        `ignored` are the mistakes in the facts, if they are handled leniently. `deprecated` are the former names that were sent.
        The answer writes moments in `timezone`, or in the pack's own; nothing else depends on it.
        """
        steps = Steps(budget.judging, self.pack)
        words = self._words.get(locale) or words_of(self.pack, locale)
        as_counted = counted(facts, reported, self._may_not_count, as_of) if reported else facts
        every_fact_is_sure = not (ignored and ignored.mistakes) and not (
            reported and any_unsure(self.pack.vocabulary, reported, as_of)
        )
        environment, assumed = self.program.environment(
            as_counted,
            as_of,
            previous,
            steps,
            carried_out,
            every_fact_is_sure=every_fact_is_sure,
        )
        compared = self._check.takes_next()
        judgement = self._check.judge(environment, compared=compared)
        relaxed = judge_relaxed(self.program, judgement)
        return Findings(
            prepared=self.prepared,
            words=words.in_zone(timezone or self.pack.timezone),
            judgement=judgement,
            relaxed=relaxed,
            assumed=assumed,
            previous=previous,
            reported=reported,
            ignored=ignored,
            as_of=as_of,
            budget=budget,
            as_of_from_previous=as_of_from_previous,
            carried_out=carried_out,
            deprecated=deprecated,
            cross_checked=compared,
        )

    def words(self, locale: str) -> PackWords:
        """The texts of answers in this language that depend on no incident."""
        return self._words[locale]

    def close(self) -> None:
        """Frees the memory that the matcher uses outside Python."""
        self._check.close()
