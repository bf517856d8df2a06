"""The observers of one request's incidents: metrics, the request's log line, and the alarm for disagreements."""

from __future__ import annotations

from flask import g

from service.answering import Observers
from service.api.disagreement_alarm import RequestAlarm
from service.api.metrics import AnswerMetrics
from service.api.request_log import RequestLog
from service.api.state import state


def observers() -> Observers:
    return AnswerMetrics(), RequestLog(), RequestAlarm(state().disagreements, g.get("request_id"))
