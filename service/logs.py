"""Configures the log: one JSON object per line, on standard error."""

from __future__ import annotations

import atexit
import logging
import sys
from dataclasses import dataclass
from typing import Any

import structlog

from service.log_queue import QUEUE, Destination, LogStream, standard_error

SECONDS_TO_FLUSH = 1.0


@dataclass(frozen=True, slots=True)
class QueuedLogger:
    """What structlog calls with a finished line."""

    destination: Destination

    def msg(self, line: str) -> None:
        QUEUE.put(line, self.destination)

    debug = info = warning = error = critical = msg


def configure_logs(level: str) -> None:
    """Writes JSON lines on standard error from now on, from this level up."""
    logger = QueuedLogger(standard_error())

    def make_logger(*arguments: Any) -> QueuedLogger:
        return logger

    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[level.upper()]
        ),
        logger_factory=make_logger,
        cache_logger_on_first_use=False,
    )


def flush_log(seconds: float = SECONDS_TO_FLUSH) -> None:
    """Waits until everything logged and printed so far is written, but not longer than `seconds`."""
    if isinstance(sys.stderr, LogStream):
        sys.stderr.flush()
    QUEUE.flush(seconds)


atexit.register(flush_log)
