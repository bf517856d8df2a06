"""The deadlines that moved since the previous answer because something else is promised, not because time has passed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from schemas.previous import Previous
from schemas.strict_json import Json
from schemas.vocabulary import ABSENT
from service.engine.answer.findings import Findings


def moved_deadlines(findings: Findings, previous: Previous) -> Iterator[Json]:
    """An entry for each action whose deadline, or that of its approvals, moved.

    Left out are actions that are done or asked for again, and the next date of a recurring action.
    """
    before = previous.actions or {}
    asking = findings.plan.asks()
    for entry, due in findings.planned:
        code = entry["code"]
        is_told_elsewhere = entry["done"] or findings.standings[code].is_reopened
        if code not in before or is_told_elsewhere or findings.plan.has_next_date(code):
            continue
        due_moved = code not in previous.undated and before[code] != due
        approve_by = findings.plan.approve_by(entry, due)
        approval_moved = code in previous.approvals and _approval_moved(
            previous, previous.approvals[code], approve_by, findings.as_of
        )
        if due_moved or approval_moved:
            yield {
                "code": code,
                "text": entry["text"],
                "due_at": _moved(findings, before[code], due) if due_moved else None,
                "approve_by": _moved(findings, previous.approvals[code], approve_by)
                if approval_moved
                else None,
                "because": findings.pack.rule_ids(asking[code].rules or asking[code].undetermined),
            }


def moved_review(findings: Findings, previous: Previous) -> Json | None:
    """The next review, if the time until then is another one: with the same interval it is only the next date."""
    before, now = previous.next_review, findings.plan.next_review()
    if before is ABSENT or before == now:
        return None
    interval = now - findings.as_of if now is not None else None
    if isinstance(before, datetime) and before - previous.as_of == interval:
        return None
    return _moved(findings, before, now)


def _approval_moved(
    previous: Previous, before: datetime | None, now: datetime | None, as_of: datetime
) -> bool:
    """An approval that is late is wanted at once, so its moment goes with the clock. That is no change."""
    if before is None or now is None:
        return before != now
    is_late = before < now <= as_of or (before, now) == (previous.as_of, as_of)
    return before != now and not is_late


def _moved(findings: Findings, before: Any, now: Any) -> Json:
    return {"from": findings.plain(before), "to": findings.plain(now)}
