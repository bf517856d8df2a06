"""What every text of an answer promises: no past date of a deadline, unless a law set it, and a chat that fits into one message."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, tzinfo
from typing import Any

from schemas.scalars import in_zone, parse_datetime
from service.reporting.report import write_report
from service.serving.served_pack import ServedPack

MOST_BYTES = 2000
MOMENTS = re.compile(
    r"(?:\d{4}-)?(?:\d\d-\d\d |\d{1,2}月\d{1,2}日|\d{1,2} [A-Z][a-z]{2} )?\d\d:\d\d"
)
"""A moment as a report or a brief writes it, with as much of its date as stands there."""


def moments_in(text: str) -> set[str]:
    return set(MOMENTS.findall(text))


def broken_texts(
    served: ServedPack, facts: Any, answers: Mapping[str, Any], *shown: str
) -> Iterator[str]:
    """The broken promises of the texts of one incident. `answers` has its answer in each language, without the ids."""
    ids = {"assessment_id": "", "incident_id": None}
    finished = {locale: {**ids, **answer} for locale, answer in answers.items()}
    past = past_deadlines(served.pack.timezone, next(iter(answers.values())), *shown)
    for profile in ("full", "brief", "chat"):
        text = write_report(served, facts, finished, profile=profile)
        if found := past & moments_in(text):
            yield f"{profile} shows deadlines that are past: {sorted(found)}"
        if profile == "chat" and (size := len(text.encode())) > MOST_BYTES:
            yield f"the chat has {size} bytes"


def forms(zone: tzinfo, moment: str | None, now: datetime) -> set[str]:
    """The ways to write a moment in this zone."""
    if moment is None:
        return set()
    local = in_zone(parse_datetime(moment), zone)
    day = in_zone(now, zone).date() == local.date()
    written = ("%m-%d %H:%M", "%Y-%m-%d %H:%M", "%-m月%-d日%H:%M", "%-d %b %H:%M")
    dated = {local.strftime(form) for form in written}
    return {local.strftime("%H:%M")} if day else dated


def past_deadlines(zone: tzinfo, told: Any, *shown: str) -> set[str]:
    """The forms of all past deadlines of an answer that no law set. Those of other moments that happen to be equal are left out."""
    now = parse_datetime(told["as_of"])
    past: set[str] = set()
    others: set[str] = set()
    for action in told["actions"]:
        for moment in (action["due_at"], action["approve_by"]):
            is_past = moment is not None and parse_datetime(moment) <= now
            (past if is_past and not action["statutory"] else others).update(
                forms(zone, moment, now)
            )
    by_law = {action["code"] for action in told["actions"] if action["statutory"]}
    for moved in (told["changes"] or {"deadlines": []})["deadlines"]:
        if moved["code"] in by_law and moved["due_at"]:
            others |= forms(zone, moved["due_at"]["from"], now)
    others.update(*(forms(zone, moment, now) for moment in (told["as_of"], *shown)))
    facts = [fact for reason in told["reasons"] for fact in reason["facts"].values()]
    for moment in (
        *facts,
        told["as_of"],  # the page says at its top when it was written
        *told["since"].values(),
        *(e["at"] for e in told["clock"]["since"].values()),
    ):
        if isinstance(moment, str) and re.match(r"\d{4}-\d\d-\d\dT", moment):
            others |= forms(zone, moment, now)
    return past - others
