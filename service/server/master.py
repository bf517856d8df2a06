"""Keeps gunicorn's master running: a worker that cannot be started now, or settings that cannot be read again, do not end it."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from typing import Any


def keep_running(arbiter: Any) -> None:
    """gunicorn's main loop ends the master on an error of these methods, such as a fork that fails. It calls them again soon."""
    for name in ("spawn_worker", "reload"):
        setattr(arbiter, name, _logged(arbiter, getattr(arbiter, name)))


def _logged(arbiter: Any, step: Callable[[], Any]) -> Callable[[], Any]:
    master = os.getpid()

    @functools.wraps(step)
    def guarded() -> Any:
        try:
            return step()
        except (Exception, SystemExit):
            if os.getpid() != master:  # a worker was forked in this step, and it ends
                raise
            arbiter.log.exception("The master runs on after an error")
            return None

    return guarded
