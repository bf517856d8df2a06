"""Keeps gunicorn's master running: a worker or a new master that cannot be started now, or settings that cannot be read again, do not end it."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from typing import Any


def keep_running(arbiter: Any) -> None:
    """gunicorn's main loop ends the master on an error of these methods, such as a fork that fails. It calls them again soon."""
    for name in ("spawn_worker", "reload", "reexec"):
        setattr(arbiter, name, _logged(arbiter, getattr(arbiter, name)))


def _logged(arbiter: Any, step: Callable[[], Any]) -> Callable[[], Any]:
    master = os.getpid()

    @functools.wraps(step)
    def guarded() -> Any:
        try:
            return step()
        except (Exception, SystemExit) as error:
            is_forked = os.getpid() != master
            if is_forked and isinstance(error, SystemExit):
                raise  # a worker ends
            arbiter.log.exception("The master runs on after an error")
            if is_forked:
                sys.exit(1)  # in gunicorn's main loop it would stop the workers of the master
            return None

    return guarded
