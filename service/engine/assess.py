"""`assess`: facts in, answer out. A pure function of pack, facts, moment and language; the same input gives the same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

from schemas.previous import Previous
from schemas.reported import Reported
from service.engine.answer.answer import Answer
from service.engine.answer.provenance import provenance
from service.engine.contingency.contingency import PackContingency
from service.engine.judging.compile_pack import compile_pack
from service.engine.judging.cross_check import CrossCheck, EngineName
from service.engine.judging.guards import Guards
from service.engine.judging.judge import judge_relaxed
from service.engine.why.blame import Blame, compile_blame
from service.engine.why.explanation import explanation
from service.engine.why.near_misses import Condition, compile_conditions
from service.engine.words.joined_words import words_of
from service.engine.words.pack_words import PackWords
from service.language.model import Pack

NONE_REPORTED: Mapping[str, Reported] = {}


class Assessor:
    """A pack made ready to assess incidents. Safe to share between threads."""

    def __init__(self, pack: Pack, engine: EngineName = "both") -> None:
        self.pack = pack
        self.program = compile_pack(pack)
        self._blame = compile_blame(self.program)
        self._guards = Guards.of(pack)
        self._contingency = PackContingency.of(self.program, self._guards)
        self._check = CrossCheck(self.program, engine)
        self._words = {locale: words_of(pack, locale) for locale in pack.locales}

    @cached_property
    def _conditions(self) -> tuple[Condition, ...]:
        """What an explanation is made from; most packs are never asked for one."""
        return compile_conditions(self.program, self._blame)

    def assess(
        self,
        facts: Mapping[str, Any],
        as_of: datetime,
        locale: str,
        *,
        previous: Previous | None = None,
        reported: Mapping[str, Reported] = NONE_REPORTED,
        explain: bool = False,
        contingency: bool = False,
    ) -> dict[str, Any]:
        """The assessment as JSON-ready data (design 6), without assessment and incident id.

        `facts` goes by dotted name, values as `schemas.facts` loads them, None for null; `as_of` is aware;
        `previous` is the last answer about the incident, `reported` says where facts come from. Raises
        RuleConflict and EngineDisagreement.
        """
        environment, assumed = self.program.environment(facts, as_of, previous)
        judgement = self._check.judge(environment)
        relaxed = judge_relaxed(self.program, judgement)
        answer = Answer(
            pack=self.pack,
            program=self.program,
            words=self._words.get(locale) or words_of(self.pack, locale),
            judgement=judgement,
            relaxed=relaxed,
            blame=Blame(self._blame, relaxed),
            decision=self._guards.decide(judgement.rules, relaxed.rules),
            assumed=assumed,
            previous=previous,
            as_of=as_of,
        )
        body = answer.to_json()
        wording = answer.words.wording
        body["provenance"] = provenance(reported, as_of, wording)
        if explain:
            conditions = self._conditions
            body["explanation"] = explanation(
                self.program, conditions, judgement, answer.blame, wording
            )
        if contingency:
            found = self._contingency
            body["contingency"] = found and found.to_json(judgement, relaxed, answer.words)
        return body

    def words(self, locale: str) -> PackWords:
        """What answers in this language say that hangs on no incident."""
        return self._words[locale]

    def close(self) -> None:
        """Give back what the matcher holds outside Python."""
        self._check.close()
