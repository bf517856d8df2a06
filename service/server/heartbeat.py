"""The sign of life by which gunicorn's master sees that a worker runs. It needs no folder and no disk."""

from __future__ import annotations

import os
from typing import Any

from gunicorn.workers import base
from gunicorn.workers.workertmp import WorkerTmp


class Heartbeat(WorkerTmp):
    """A file in memory, of which gunicorn reads and sets the time."""

    def __init__(self, cfg: Any) -> None:
        self._tmp = os.fdopen(os.memfd_create("tocsin-heartbeat"), "w+b", 0)


def use_memory_for_heartbeats() -> None:
    """gunicorn has no setting for this: it would write a temporary file, and end when no folder is writable."""
    if hasattr(os, "memfd_create"):  # Linux
        base.WorkerTmp = Heartbeat
