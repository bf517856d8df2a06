"""Tocsin on a machine that fails while it serves, as a file says. For tests only."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path
from typing import Any

from flask import Flask
from gunicorn.workers.gthread import ThreadWorker

from service import create_app as create_sound_app
from service.serving import pack_folders, pack_watcher

ORDERS = "TOCSIN_TEST_ORDERS"
"""The environment variable with the file's path. The file contains `looks fail`, `looks hang`, `no fork` (no process can be
forked), `no start` (a worker fails while it starts), or nothing."""
SECONDS_UNTIL_LATE = 0.7
SECONDS_BETWEEN_LOOKS = 0.2


def create_app() -> Flask:
    orders = Path(os.environ[ORDERS])
    look, fork, start = pack_folders.look_at_packs, os.fork, ThreadWorker.init_process

    def failing_look(folder: Path) -> Any:
        if orders.read_text("utf-8") == "looks fail":
            raise MemoryError
        while orders.read_text("utf-8") == "looks hang":
            time.sleep(0.02)
        return look(folder)

    def failing_fork() -> int:
        if orders.read_text("utf-8") == "no fork":
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        return fork()

    def failing_start(worker: ThreadWorker) -> None:
        if orders.read_text("utf-8") == "no start":
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        start(worker)

    pack_watcher.look_at_packs = failing_look  # type: ignore[attr-defined]
    pack_watcher.SECONDS_UNTIL_LATE = SECONDS_UNTIL_LATE  # type: ignore[assignment]
    pack_watcher.SECONDS_AFTER_A_FAULT = SECONDS_BETWEEN_LOOKS  # type: ignore[assignment]
    os.fork = failing_fork
    ThreadWorker.init_process = failing_start
    return create_sound_app()
