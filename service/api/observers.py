"""The observers of incidents over HTTP: metrics and the alarm for disagreements; for a single request also its log line."""

from __future__ import annotations

from flask import g

from service.answering import Observers
from service.api.disagreement_alarm import RequestAlarm
from service.api.metrics import AnswerMetrics
from service.api.request_log import RequestLog
from service.api.state import State, state


def observers() -> Observers:
    """For the single incident of a request."""
    return (*observers_of_each(state(), g.get("request_id")), RequestLog())


def observers_of_each(service: State, request_id: str | None) -> Observers:
    """For every incident, posted alone or as a line of a batch."""
    return AnswerMetrics(), RequestAlarm(service.disagreements, request_id)
