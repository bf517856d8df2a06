"""Makes the answer, the report or the problem for a posted incident, for HTTP and for the command.

The caller passes the moment and the observers, such as metrics and the log. This module must not write or log.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from schemas.answer_fields import PATH as FIELDS
from schemas.field_error import FieldError, shortened
from schemas.strict_json import Json
from service.asking.posted import Posted
from service.problem_details import details_of
from service.reporting.profiles import Profile
from service.reporting.report import assessments, write_report
from service.serving.packs import Packs
from service.serving.served_pack import Assessment, RefusedIncident


class Observer:
    """Is notified of the result of each incident. A subclass overrides the methods that it needs. They must not raise."""

    def assessed(self, assessment: Assessment) -> None:
        """The incident gets an answer or a report."""

    def refused(self, error: Exception) -> None:
        """The incident gets a problem, because of this error."""


Observers = Sequence[Observer]


def finish(assessment: Assessment) -> Json:
    """The answer as the caller gets it, with the ids first."""
    ids = {
        "assessment_id": assessment.assessment_id,
        "incident_id": assessment.incident_id,
    }
    return {**ids, **assessment.answer}


def answer(packs: Packs, posted: Posted, observers: Observers = ()) -> Json:
    """The finished answer to what was posted. Raises the errors of `Packs.assess`."""
    assessment = packs.assess(posted)
    for observer in observers:
        observer.assessed(assessment)
    return finish(assessment)


def report(
    packs: Packs, posted: Posted, observers: Observers = (), profile: Profile = "full"
) -> str:
    """The report on what was posted, in this profile. In several languages it is one assessment for observers. Raises the errors of `Packs.assess`."""
    return _reported(packs, posted, observers, profile)[1]


def report_entry(packs: Packs, posted: Posted, observers: Observers, profile: Profile) -> Json:
    """The report as a line of a batch has it, with the ids of the answer that it is written from."""
    found, text = _reported(packs, posted, observers, profile)
    ids = {key: finish(found)[key] for key in ("assessment_id", "incident_id", "as_of")}
    return {**ids, "profile": profile, "report": text}


def _reported(
    packs: Packs, posted: Posted, observers: Observers, profile: Profile
) -> tuple[Assessment, str]:
    _refuse_fields(posted)
    found = assessments(packs, posted, profile)
    answers = {one.locale: finish(one) for one in found}
    served, zone = packs.find(found[0].summary.pack), found[0].timezone
    brand = posted.body.get("brand")
    text = write_report(served, posted.body["facts"], answers, zone, brand, profile)
    for observer in observers:
        observer.assessed(found[0])
    return found[0], text


def _refuse_fields(posted: Posted) -> None:
    """A report is written from a whole answer. Raises RefusedIncident."""
    body = posted.body
    if isinstance(body, dict) and body.get(FIELDS) is not None:
        message, hint = "goes with an answer in JSON only", "leave it out, or accept JSON"
        raise RefusedIncident(
            [FieldError(FIELDS, "not-allowed", message, shortened(body[FIELDS]), "", hint)]
        )


def problem(error: Exception, observers: Observers = (), **more: Any) -> Json:
    """The problem that the caller gets instead of an answer."""
    for observer in observers:
        observer.refused(error)
    return {**details_of(error), **more}
