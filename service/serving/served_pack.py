"""A pack that serves: it assesses an incident as it was posted. HTTP and the command share it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

import structlog

from schemas.answer_fields import FieldNames
from schemas.carried_out import CarriedOutReader
from schemas.closest import did_you_mean
from schemas.facts import FactsSchema
from schemas.field_error import FieldError, Ignored
from schemas.incident import Incident
from schemas.locales import lookup
from schemas.previous import Previous
from schemas.previous_reader import PreviousReader
from schemas.scalars import in_zone
from schemas.strict_json import Json
from service.asking.assessment_id import assessment_id
from service.asking.posted import Posted
from service.engine.answer.parts import answer, requested_parts
from service.engine.answer.summary import Summary, summary
from service.engine.assess import Assessor
from service.engine.expressions.budget import BUDGET, Budget
from service.engine.judging.cross_check import EVERY, EngineName, Sampling
from service.engine.judging.previous import carried_out_reader, previous_reader
from service.engine.words.joined_words import is_both
from service.language.model import BOTH, Brand, Pack

_log = structlog.get_logger("tocsin")
MOST_BRANDS_NAMED = 50
"""A mistake in `brand` names at most so many of those that there are."""


@dataclass(frozen=True, slots=True)
class RefusedIncident(Exception):
    """The incident is well-formed JSON, but these fields of it are wrong."""

    errors: Sequence[FieldError]


@dataclass(frozen=True, slots=True)
class Assessment:
    """The assessment of one incident in one language: the ids, the answer, and a summary for observers.

    `timezone` is the zone in which the answer writes moments: `str` gives its name, such as Asia/Shanghai or +05:30.
    """

    assessment_id: str
    incident_id: str | None
    locale: str
    answer: Json
    summary: Summary
    timezone: tzinfo = UTC


@dataclass(frozen=True, slots=True)
class ServedPack:
    """A pack, the schema of its facts and its assessor. Threads can share it."""

    pack: Pack
    facts: FactsSchema
    previous: PreviousReader
    carried_out: CarriedOutReader
    assessor: Assessor
    field_names: FieldNames

    @classmethod
    def of(cls, pack: Pack, engine: EngineName, sampling: Sampling = EVERY) -> ServedPack:
        """Raises MatcherError if the network cannot be made."""
        facts, previous = FactsSchema(pack.vocabulary), previous_reader(pack)
        names = FieldNames.of(pack.outputs, pack.lifted, (*pack.lifted, *pack.notices))
        assessor = Assessor(pack, engine, sampling)
        if assessor.program.match_rules is None:
            _log.warning("pack-without-index", pack=pack.name, rules=len(pack.rules))
        return cls(pack, facts, previous, carried_out_reader(pack), assessor, names)

    def assess(
        self,
        incident: Incident,
        found: Sequence[FieldError],
        posted: Posted,
        budget: Budget = BUDGET,
    ) -> Assessment:
        """The assessment of an incident that was read from `posted`. `found` are the mistakes that are known already.

        Raises RefusedIncident with all mistakes at once, RuleConflict, BudgetExceeded and EngineDisagreement.
        """
        previous, wrong_there = self.previous.load(incident.previous, incident)
        moment, from_previous = resolved_moment(incident.as_of, posted.now, previous)
        is_wrong = any(error.path == "as_of" for error in found)
        loaded = self.facts.load(
            incident.facts, None if is_wrong else moment, by_name=posted.lenient
        )
        told = self.pack.vocabulary.former.in_done(incident.done)
        done, wrong_done = self.carried_out.load(told.raw, None if is_wrong else moment)
        brand, wrong_brand = self._brand(incident.brand)
        own = (brand and brand.locale) or self.pack.locale
        locale = self.locale(incident.locale or own)
        wrong = [*wrong_brand, *([] if posted.lenient else loaded.errors)]
        if locale is None:
            wrong = [*self.locale_errors(incident.locale or ""), *wrong]
        deprecated = (
            *loaded.deprecated,
            *(previous.deprecated if previous else ()),
            *told.deprecated,
        )
        requested = _requested(incident, posted, bool(deprecated))
        fields, wrong_fields = self.field_names.load(incident.fields, requested)
        errors = [*found, *wrong, *wrong_there, *wrong_done, *wrong_fields]
        if errors or locale is None:
            raise RefusedIncident(errors)
        timezone = self.timezone_of(incident, moment, brand)
        facts = loaded if brand is None else brand.under(loaded)
        findings = self.assessor.find(
            facts.values,
            moment,
            locale,
            previous=previous,
            carried_out=done,
            reported=facts.reported,
            ignored=Ignored(loaded.errors, loaded.mistakes) if posted.lenient else None,
            timezone=timezone,
            budget=budget,
            as_of_from_previous=from_previous,
            deprecated=deprecated,
        )
        one_id = assessment_id(posted, moment, self.pack.digest)
        body = answer(self.assessor.parts, findings, requested, fields)
        return Assessment(one_id, incident.incident_id, locale, body, summary(findings), timezone)

    def _brand(self, name: str | None) -> tuple[Brand | None, list[FieldError]]:
        brand = None if name is None else self.pack.brands.get(name)
        return brand, [] if name is None or brand else [at_brand(name, tuple(self.pack.brands))]

    def timezone_of(
        self, incident: Incident, moment: datetime, brand: Brand | None = None
    ) -> tzinfo:
        """The zone in which the answer writes moments: the one that the request names, else its offset.

        It is the brand's, or the pack's own, if the request has no offset, or the one that this zone has at this moment:
        then a deadline after a change of the clocks is written as the clocks show it.
        """
        own, offset = (brand and brand.timezone) or self.pack.timezone, incident.offset
        if incident.timezone is not None:
            return incident.timezone
        if offset is None or offset.utcoffset(None) == in_zone(moment, own).utcoffset():
            return own
        return offset

    def locale(self, requested: str) -> str | None:
        """The language of the pack that is meant, or `both`. None if the pack does not have it."""
        return BOTH if is_both(requested) else lookup(requested, self.pack.languages)

    def locale_errors(self, locale: str) -> list[FieldError]:
        """The mistake that the pack does not have this language."""
        locales = self.pack.locales
        allowed = "one of " + ", ".join(locales)
        hint = did_you_mean(locale, locales)
        message = "is not a language of this pack"
        return [FieldError("locale", "not-allowed", message, locale[:80], allowed, hint)]

    def close(self) -> None:
        self.assessor.close()


def _requested(incident: Incident, posted: Posted, deprecated: bool) -> set[str]:
    return requested_parts(
        deprecated=deprecated,
        explain=incident.explain == "full",
        contingency=bool(incident.contingency),
        drafts=bool(incident.drafts),
        lenient=posted.lenient,
    )


def resolved_moment(
    as_of: datetime | None, now: datetime, previous: Previous | None
) -> tuple[datetime, bool]:
    """The moment of the assessment, and whether it is that of the previous answer because our clock is behind.

    A running incident must not be refused, nor go back in time, because the clocks of two servers differ. The second
    value depends only on what was sent and on the moment, like everything else in an answer.
    """
    if as_of is not None:
        return as_of, False
    if previous is not None and now <= previous.as_of:
        return previous.as_of, True
    return now, False


def at_pack(name: str, known: Sequence[str]) -> FieldError:
    """The mistake that a pack of this name does not exist."""
    hint = did_you_mean(name, known)
    allowed = "one of " + ", ".join(known)
    return FieldError("pack", "unknown-pack", "is not a pack served here", name, allowed, hint)


def at_brand(name: str, known: Sequence[str]) -> FieldError:
    """The mistake that the pack has no brand of this name."""
    named, more = ", ".join(known[:MOST_BRANDS_NAMED]), len(known) - MOST_BRANDS_NAMED
    allowed = f"one of {named}" + (f" and {more} more" if more > 0 else "")
    message = "is not a brand of this pack"
    hint = did_you_mean(name, known)
    return FieldError(
        "brand",
        "unknown-brand",
        message,
        name,
        allowed if known else "",
        hint if known else "the pack has no brands: leave it out",
    )
