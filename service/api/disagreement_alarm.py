"""What follows when the matchers disagree for good: an alarm in the log; a worker that saw it often leaves.

It decides nothing about the answer: the caller has got `engine-disagreement` already.
"""

from __future__ import annotations

import os
import signal
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from service.answering import Observer
from service.engine.errors import EngineDisagreement

MOST = 3
"""So many disagreements a process may see. Fresh handles did not help it; a fresh process may."""

_log = structlog.get_logger("tocsin")


def leave_gracefully() -> None:
    """gunicorn's worker answers what it has begun and ends; its master starts another."""
    os.kill(os.getpid(), signal.SIGTERM)


def _cause(error: BaseException) -> str | None:
    """What went wrong first, and where, if a matcher failed. Not its message: a fact could be in it."""
    if error.__cause__ is None:
        return None
    while error.__cause__ is not None:
        error = error.__cause__
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {place.name}, {Path(place.filename).name}:{place.lineno}"


class DisagreementAlarm:
    """Counts this process's disagreements. Shared by its threads."""

    def __init__(self, leave: Callable[[], None] = leave_gracefully) -> None:
        self._leave = leave
        self._lock = threading.Lock()
        self._seen = 0

    def alarm(self, request_id: str | None, disagreement: EngineDisagreement) -> None:
        """One more disagreement: on these rules, or because a matcher failed."""
        _log.critical(
            "engine-disagreement",
            request_id=request_id,
            rules=list(disagreement.rules),
            cause=_cause(disagreement),
        )
        with self._lock:
            self._seen += 1
            leaving = self._seen == MOST
        if leaving:
            _log.critical("worker-leaves", process=os.getpid(), disagreements=MOST)
            self._leave()


@dataclass(frozen=True, slots=True)
class RequestAlarm(Observer):
    """Gives the alarm for a disagreement on an incident of one request."""

    alarm: DisagreementAlarm
    request_id: str | None

    def refused(self, error: Exception) -> None:
        if isinstance(error, EngineDisagreement):
            self.alarm.alarm(self.request_id, error)
