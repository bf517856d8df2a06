"""Logs an alarm for each disagreement of the matchers, and ends a worker that saw several of them.

It does not change the answer: the caller gets the problem `engine-disagreement`.
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
"""After this many disagreements a process ends. New handles did not help; a new process may."""

_log = structlog.get_logger("tocsin")


def leave_gracefully() -> None:
    """gunicorn's worker finishes the requests that it has begun, and ends. The master starts a new worker."""
    os.kill(os.getpid(), signal.SIGTERM)


def _cause(error: BaseException) -> str | None:
    """The type and place of the error at the root of the chain of causes. None if the matchers only disagreed.

    The error's message is left out, because it could contain a fact.
    """
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
        """Logs and counts a disagreement on some rules, or a failure of a matcher."""
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
    """Passes the disagreements on incidents of one request to the alarm."""

    alarm: DisagreementAlarm
    request_id: str | None

    def refused(self, error: Exception) -> None:
        if isinstance(error, EngineDisagreement):
            self.alarm.alarm(self.request_id, error)
