"""The log's own figure. Workers and the master both count it."""

from __future__ import annotations

from service.log_queue import QUEUE
from service.metrics.families import About, ReadCounter

DROPPED = ReadCounter(
    About(
        "tocsin_log_lines_dropped",
        "Log lines lost: the queue was full, or standard error could not be written",
        "counter",
    ),
    lambda: QUEUE.dropped,
)
