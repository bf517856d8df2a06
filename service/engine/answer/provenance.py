"""Where an answer's facts come from: who reported them, how old they are, whether they are disputed, and whether they count."""

from __future__ import annotations

from datetime import timedelta

from schemas.reported import Reported
from schemas.strict_json import Json
from schemas.vocabulary import Fact
from service.engine.answer.findings import Findings
from service.engine.judging.counted_facts import is_old, unknown_because

HOUR = timedelta(hours=1)


def provenance(findings: Findings) -> dict[str, Json]:
    """The facts that were posted in envelopes or that a brand gives, by name, in the vocabulary's order."""
    reported = findings.reported
    if not reported:
        return {}
    return {
        name: _entry(findings, fact, reported[name])
        for name, fact in findings.pack.vocabulary.facts.items()
        if name in reported
    }


def _entry(findings: Findings, fact: Fact, said: Reported) -> Json:
    as_of = findings.as_of
    age = None if said.measured_at is None else as_of - said.measured_at
    return {
        "text": findings.words.wording.say(fact.text),
        "value": findings.plain(said.value),
        "reported_by": said.reported_by,
        "measured_at": findings.plain(said.measured_at),
        "age_hours": None if age is None else round(age / HOUR, 1) + 0.0,  # never -0.0
        "old": is_old(fact, said, as_of),
        "disputed": said.disputed,
        "scope": said.scope,
        "unknown_because": unknown_because(fact, said, as_of),
        "brand": said.brand,
    }
