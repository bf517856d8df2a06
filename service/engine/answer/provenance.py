"""Where an answer's facts come from: who reported them, how old they are, whether they are disputed. Judges no rule."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from schemas.reported import Reported
from schemas.vocabulary import Fact
from service.engine.words.wording import Wording, plain

HOUR = timedelta(hours=1)


def provenance(
    reported: Mapping[str, Reported], as_of: datetime, wording: Wording
) -> dict[str, dict[str, Any]]:
    """The facts that were posted in envelopes, by name, in the vocabulary's order."""
    if not reported:
        return {}
    return {
        name: _entry(fact, reported[name], as_of, wording)
        for name, fact in wording.pack.vocabulary.facts.items()
        if name in reported
    }


def _entry(fact: Fact, said: Reported, as_of: datetime, wording: Wording) -> dict[str, Any]:
    age = None if said.measured_at is None else as_of - said.measured_at
    stale = fact.stale_after
    return {
        "text": wording.say(fact.text),
        "value": plain(said.value, wording.pack.timezone),
        "reported_by": said.reported_by,
        "measured_at": plain(said.measured_at, wording.pack.timezone),
        "age_hours": None if age is None else round(age / HOUR, 1) + 0.0,  # never -0.0
        "old": age is not None and stale is not None and age > stale,
        "disputed": said.disputed,
    }
