"""Makes the answer, the report or the problem for a posted incident, for HTTP and for the command.

The caller passes the moment, the id and the observers, such as metrics and the log. This module must not write or log.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from schemas.strict_json import Json
from service.problem_details import details_of
from service.reporting.report import assessments, write_report
from service.serving.packs import Packs
from service.serving.served_pack import Assessment


class Observer:
    """Is notified of the result of each incident. A subclass overrides the methods that it needs. They must not raise."""

    def assessed(self, assessment_id: str, assessment: Assessment) -> None:
        """The incident gets an answer or a report."""

    def refused(self, error: Exception) -> None:
        """The incident gets a problem, because of this error."""


Observers = Sequence[Observer]


def finish(assessment: Assessment, assessment_id: str) -> Json:
    """The answer as the caller gets it, with the ids first."""
    ids = {"assessment_id": assessment_id, "incident_id": assessment.incident_id}
    return {**ids, **assessment.answer}


def answer(
    packs: Packs, body: Any, now: datetime, assessment_id: str, observers: Observers = ()
) -> Json:
    """The finished answer to a posted body. Raises the errors of `Packs.assess`."""
    assessment = packs.assess(body, now)
    for observer in observers:
        observer.assessed(assessment_id, assessment)
    return finish(assessment, assessment_id)


def report(
    packs: Packs, body: Any, now: datetime, assessment_id: str, observers: Observers = ()
) -> str:
    """The report on a posted body. In several languages it is one assessment for observers. Raises the errors of `Packs.assess`."""
    found = assessments(packs, body, now)
    answers = {one.locale: finish(one, assessment_id) for one in found}
    text = write_report(packs.find(found[0].summary.pack), body["facts"], answers)
    for observer in observers:
        observer.assessed(assessment_id, found[0])
    return text


def problem(error: Exception, observers: Observers = (), **more: Any) -> Json:
    """The problem that the caller gets instead of an answer."""
    for observer in observers:
        observer.refused(error)
    return {**details_of(error), **more}
