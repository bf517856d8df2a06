"""Watches the folder of packs and swaps changed packs in. A broken or half-written pack never replaces a good one."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable

import structlog

from service.serving.deployment import Deployment, NoPackError, keep_good, load_packs
from service.serving.pack_folders import Looks, look_at_packs
from service.serving.packs import Packs

SECONDS_BETWEEN_LOOKS = 0.2
SECONDS_AFTER_A_FAULT = 2
SECONDS_BETWEEN_KEEPINGS = 10
_log = structlog.get_logger("tocsin")


class PackWatcher:
    """The packs that serve now. A caller reads them once and uses them for the whole answer.

    A process starts to watch when it first reads `packs`. A thread does not survive a fork: a master that only loads
    the application has no such thread, and each of its workers starts its own.
    """

    def __init__(
        self,
        deployment: Deployment,
        swapped: Callable[[Packs, Packs], None],
    ) -> None:
        """`swapped` is called after every swap, with the packs that serve now and those that served before.

        Raises NoPackError.
        """
        self.deployment = deployment
        self._swapped = swapped
        self._packs: Packs = load_packs(deployment)
        self._loaded = self._packs.looks
        self._watched_by = 0
        self._lock = threading.Lock()

    @property
    def packs(self) -> Packs:
        if self._watched_by != os.getpid():
            self.watch()
        return self._packs

    def watch(self) -> None:
        """Watches for changes until the process ends. First it loads the changes made since the packs were loaded."""
        with self._lock:
            if self._watched_by == os.getpid():
                return
            self._take(look_at_packs(self.deployment.folder))
            self._watched_by = os.getpid()
            threading.Thread(target=self._watch, name="tocsin-reload", daemon=True).start()

    def _watch(self) -> None:
        last, kept = self._loaded, time.monotonic()
        pause = threading.Event()
        while not pause.wait(SECONDS_BETWEEN_LOOKS):
            try:
                now = look_at_packs(self.deployment.folder)
                if now == last and not self._take(now):  # two looks agree: no file is being written
                    pause.wait(SECONDS_AFTER_A_FAULT)
                last = now
                if time.monotonic() - kept > SECONDS_BETWEEN_KEEPINGS:
                    kept = time.monotonic()
                    self._keep()
            except Exception as error:  # nothing ends the thread: without it no change is seen
                _log.error("reload-failed", exc_info=error)
                pause.wait(SECONDS_AFTER_A_FAULT)

    def _keep(self) -> None:
        """Stores the good versions that serve, in case a worker starts later while the files are broken."""
        for error in keep_good(self._packs, self.deployment):
            _log.error("keep-failed", exc_info=error)

    def _take(self, now: Looks) -> bool:
        """Loads changed packs. Returns False after a fault, such as a full disk: the packs serve on and the caller tries later.

        Later looks are compared with those by which the packs were loaded, not with `now`: files can change in between.
        """
        if now == self._loaded:
            return True
        before = self._packs
        try:
            self._packs = load_packs(self.deployment, before)
            self._loaded = self._packs.looks
            if self._packs.differ(before):
                self._swapped(self._packs, before)
        except (
            NoPackError
        ) as error:  # the folder is empty or missing: the present packs continue to serve
            self._loaded = error.looks
        except Exception as error:
            _log.error("reload-failed", exc_info=error)
            return False
        return not self._packs.unread
