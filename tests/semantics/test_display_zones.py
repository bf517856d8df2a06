"""The time zone of an answer is display only: in every zone it has the same instants and the same everything else."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from schemas.scalars import parse_datetime
from service.asking.posted import Posted
from service.engine.answer.parts import answer, requested_parts
from service.engine.assess import Assessor
from service.language.model import BOTH, Sentence
from service.serving.packs import Packs
from service.serving.served_pack import ServedPack
from tests.packs import HARBOUR, default_assessor, loaded
from tests.reporting.golden import NOW, packs
from tests.rules.incidents import AS_OF, Incident, Incidents

WRITTEN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
IN_WORDS = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d")
# 8 Mar 01:59 -05:00 and 3月8日01:59, without the day if it is the day of the answer
ON_A_PAGE = re.compile(
    r"(?:\d{1,2} [A-Z][a-z]{2} |\d{1,2}月\d{1,2}日)?\d\d:\d\d(?: \([+-]\d\d:\d\d\))?(?: [+-]\d\d:\d\d|Z)?"
)
ZONES: tuple[tzinfo, ...] = (
    ZoneInfo("America/New_York"),
    ZoneInfo("Australia/Lord_Howe"),
    ZoneInfo("Europe/London"),
    ZoneInfo("Pacific/Apia"),
    timezone(timedelta(hours=5, minutes=30), "+05:30"),
    timezone(-timedelta(hours=23, minutes=59), "-23:59"),
    timezone(timedelta(), "+00:00"),
)
CHANGES_OF_CLOCKS = (
    datetime(2026, 3, 8, 6, 59, tzinfo=UTC),
    datetime(2026, 11, 1, 5, 30, tzinfo=UTC),
    datetime(2026, 3, 29, 0, 59, tzinfo=UTC),
    datetime(2011, 12, 29, 20, 0, tzinfo=UTC),
    AS_OF,
)
HOW_MANY = 28


@pytest.fixture(scope="module")
def assessor() -> Assessor:
    return default_assessor()


def assessed(
    assessor: Assessor, incident: Incident, as_of: datetime, locale: str, zone: tzinfo | None
) -> Any:
    """The answer with all that can be requested. The facts and the previous answer are moved to the moment."""
    findings = assessor.find(
        {name: _moved(value, as_of) for name, value in incident.facts.items()},
        as_of,
        locale,
        previous=incident.previous,
        timezone=zone,
    )
    return answer(assessor.parts, findings, requested_parts(explain=True, contingency=True))


def _moved(value: Any, as_of: datetime) -> Any:
    return value + (as_of - AS_OF) if isinstance(value, datetime) else value


def leaves(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        for inner in part.values():
            yield from leaves(inner)
    elif isinstance(part, list | tuple):
        for inner in part:
            yield from leaves(inner)
    elif isinstance(part, str):
        yield part


def as_instants(part: Any) -> Any:
    """The answer with each moment as an instant, and without the moments in words."""
    if isinstance(part, dict):
        return {key: as_instants(inner) for key, inner in part.items()}
    if isinstance(part, list | tuple):
        return [as_instants(inner) for inner in part]
    if isinstance(part, str):
        return (
            parse_datetime(part)
            if WRITTEN.fullmatch(part)
            else ON_A_PAGE.sub("…", IN_WORDS.sub("…", part))
        )
    return part


def test_in_every_zone_an_answer_has_the_same_instants_and_is_the_same_otherwise(
    assessor: Assessor,
) -> None:
    incidents, chance = Incidents(assessor.pack, 12), random.Random(12)
    for number in range(HOW_MANY):
        incident, as_of = incidents.draw(), CHANGES_OF_CLOCKS[number % len(CHANGES_OF_CLOCKS)]
        locale, zone = chance.choice(("zh", "en", BOTH)), ZONES[number % len(ZONES)]
        own = assessed(assessor, incident, as_of, locale, None)
        shown = assessed(assessor, incident, as_of, locale, zone)
        assert as_instants(shown) == as_instants(own)
        for text in filter(WRITTEN.fullmatch, leaves(shown)):
            moment = parse_datetime(text)
            assert moment.utcoffset() == moment.astimezone(zone).utcoffset(), text


def test_the_named_zone_is_in_every_text_with_a_moment() -> None:
    """The harbour pack with a moment in its verdict and reasons, at each side of a change of the clocks in New York."""
    pack = loaded(HARBOUR)
    zone = ZoneInfo("America/New_York")
    with_moment = {"en": "on watch since {watch.started}", "zh": "自 {watch.started} 起值守"}
    worded = replace(pack, verdict=(Sentence(with_moment),))
    assessor = Assessor(worded, "reference")
    for moment, said in (
        ("2026-03-08T06:59:00Z", "2026-03-08 01:59"),
        ("2026-03-08T07:00:00Z", "2026-03-08 03:00"),
        ("2026-11-01T05:30:00Z", "2026-11-01 01:30"),
        ("2026-11-01T06:30:00Z", "2026-11-01 01:30"),
    ):
        for locale in worded.locales:
            facts = {"watch.started": parse_datetime(moment)}
            found = assessor.find(facts, parse_datetime(moment), locale, timezone=zone)
            verdict = answer(assessor.parts, found)["verdict"]
            assert IN_WORDS.findall(verdict) == [said] * (2 if locale == BOTH else 1)


@pytest.mark.parametrize(
    ("as_of", "named", "written"),
    [
        ("2026-03-08T06:30:00Z", None, "2026-03-08T14:30:00+08:00"),
        ("2026-03-08T06:30:00-00:00", None, "2026-03-08T14:30:00+08:00"),
        ("2026-03-08T06:30:00+00:00", None, "2026-03-08T06:30:00+00:00"),
        ("2026-03-08T12:00:00+0530", None, "2026-03-08T12:00:00+05:30"),
        ("2026-03-08T12:00:00+0530", "America/New_York", "2026-03-08T01:30:00-05:00"),
        ("2026-03-08T12:00:00+0530", "UTC", "2026-03-08T06:30:00Z"),
        (None, "America/New_York", "2026-05-01T00:00:00-04:00"),
        (None, None, "2026-05-01T12:00:00+08:00"),
    ],
)
def test_a_named_zone_comes_before_the_offset_of_as_of_and_that_before_the_zone_of_the_pack(
    as_of: str | None, named: str | None, written: str
) -> None:
    body: dict[str, Any] = {"facts": {}, "as_of": as_of, "timezone": named}
    assert packs().assess(Posted(body, NOW)).answer["as_of"] == written


def test_an_offset_of_the_zone_of_the_pack_is_that_zone() -> None:
    """A deadline after a change of the clocks is then written as the clocks show it."""
    pack = replace(loaded(HARBOUR), timezone=ZoneInfo("America/New_York"))
    served = ServedPack.of(pack, "reference")
    body = {"facts": {}, "as_of": "2026-03-08T01:30:00-05:00"}
    found = Packs({pack.name: served}, pack.name).assess(Posted(body, NOW))
    assert str(found.timezone) == "America/New_York"
    other = {**body, "as_of": "2026-03-08T02:30:00-04:00"}
    assert (
        str(Packs({pack.name: served}, pack.name).assess(Posted(other, NOW)).timezone) == "-04:00"
    )
