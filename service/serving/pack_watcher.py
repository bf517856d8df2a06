"""Watches the folder of packs and swaps changed packs in. A broken or half-written pack never replaces a good one."""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace

import structlog

from service.language.collector import one_error
from service.language.files.look import printable
from service.language.place import Place
from service.language.problem import Problem
from service.serving.beside_requests import BesideRequests
from service.serving.deployment import Deployment, NoPackError, keep_good, load_packs
from service.serving.faults import Faults
from service.serving.pack_folders import Looks, look_at_packs
from service.serving.packs import Packs, PacksNotLoaded
from service.serving.shared_packs import SharedPacks, loaded, with_last_versions

SECONDS_BETWEEN_LOOKS = 0.2
SECONDS_AFTER_A_FAULT = 2
SECONDS_BETWEEN_KEEPINGS = 10
SECONDS_UNTIL_LATE = 60
"""A look that loads a pack can take half a minute: the files must be at rest, and a child process proves the pack."""
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

        The default pack is fixed from now on. Raises NoPackError.
        """
        self._swapped = swapped
        self._beside_requests = BesideRequests()
        with self._beside_requests.loading():
            self._packs: Packs = load_packs(deployment)
        self.deployment = replace(deployment, default=self._packs.default)
        self._loaded = self._last = self._packs.looks
        self._shared: SharedPacks | None = None
        self._mark = b""
        self._is_loaded = threading.Event()
        self._is_loaded.set()
        self._logged: Mapping[str, str] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._watched_by = 0
        self._looked, self._kept = time.monotonic(), -math.inf
        self.last_look = 0.0
        """When this process last looked at the files and loaded what had changed; 0: never."""

    def share(self) -> None:
        """A master calls it once, before it forks: a worker that starts then serves what the others serve. Raises OSError."""
        self._shared = self._shared or SharedPacks.open()
        self._is_loaded.clear()

    @property
    def packs(self) -> Packs:
        """Raises PacksNotLoaded."""
        if self._thread is None or not self._thread.is_alive():
            self.watch()
        if not self._is_loaded.is_set():
            raise PacksNotLoaded
        return self._packs

    @property
    def present(self) -> Packs:
        """The packs of this process, also while it still loads those that other workers serve. It starts nothing."""
        return self._packs

    @property
    def is_loaded(self) -> bool:
        return self._is_loaded.is_set()

    @property
    def cross_checked_share(self) -> float:
        """The share of answers on which two matchers must agree."""
        return self.deployment.cross_checked_share

    @property
    def faults(self) -> Faults:
        """What cannot be kept now."""
        return self.deployment.good.faults

    def watch(self, seconds: float = 0) -> None:
        """Watches for changes until the process ends. First it loads what other workers serve, and waits for that for `seconds`."""
        with self._lock:
            if self._watched_by != os.getpid():
                self._watched_by = os.getpid()
                self._looked = time.monotonic()
            if self._thread is None or not self._thread.is_alive():
                thread = threading.Thread(target=self._watch, name="tocsin-reload", daemon=True)
                with suppress(
                    RuntimeError
                ):  # no thread can start now; the next request tries again
                    thread.start()
                    self._thread = thread
        self._is_loaded.wait(seconds)

    def load_what_others_serve(self) -> None:
        """A worker does it when it starts; a master may, before it forks new workers. Raises OSError, MatcherError and ValueError."""
        mark = self._mark_of_others()
        others = self._shared and self._shared.read()
        if others:
            with self._beside_requests.loading():
                self._packs = loaded(others, self._packs, self.deployment.served)
            self._loaded = self._last = self._packs.looks
            self._mark = mark
            self._fix_default()

    def problems(self) -> list[Problem]:
        """The errors in the files of the packs. One more if the last look at them was too long ago."""
        seconds = time.monotonic() - self._looked
        late = [_late(self.deployment, seconds)] if seconds > SECONDS_UNTIL_LATE else []
        return [*self._packs.problems, *late]

    def _watch(self) -> None:
        """Nothing ends this: without it no change is seen."""
        self._guarded(self.load_what_others_serve)
        self._is_loaded.set()
        while True:
            with suppress(Exception):
                time.sleep(SECONDS_BETWEEN_LOOKS)
                if not self._guarded(self._look) or self._packs.unread:
                    time.sleep(SECONDS_AFTER_A_FAULT)
                self._guarded(self._keep)

    def _guarded(self, step: Callable[[], None]) -> bool:
        """Whether the step succeeded. The log can fail too, for example without memory."""
        with suppress(Exception):
            try:
                step()
                return True
            except Exception as error:
                _log.error("reload-failed", exc_info=error)
        return False

    def _look(self) -> None:
        now = look_at_packs(self.deployment.folder)
        if now == self._last:  # two looks agree: no file is being written
            self._take(now)
        self._last = now
        self._looked, self.last_look = time.monotonic(), time.time()

    def _keep(self) -> None:
        """Stores the good versions that serve, in case a worker starts later while the files are broken."""
        if time.monotonic() - self._kept > SECONDS_BETWEEN_KEEPINGS:
            self._kept = time.monotonic()
            faults = keep_good(self._packs, self.deployment)
            for where, why in faults.items():
                if self._logged.get(where) != why:
                    _log.error("keep-failed", what=where or "state", cause=why)
            self._logged = faults

    def _take(self, now: Looks) -> None:
        """Loads changed packs. After a fault, such as a full disk, the packs serve on, and a later look tries again.

        Later looks are compared with those by which the packs were loaded, not with `now`: files can change in between.
        If another worker loaded something meanwhile, it is asked too: all workers decide alike.
        """
        mark = self._mark_of_others()
        if now != self._loaded or mark != self._mark:
            with self._beside_requests.loading():
                self._take_now(now, mark)

    def _take_now(self, now: Looks, mark: bytes) -> None:
        before = self._packs
        try:
            packs = self._loaded_again(now)
        except NoPackError as error:
            # The folder is empty or missing: the present packs continue to serve.
            self._loaded = error.looks
            return
        others = self._others()
        if others:
            packs = with_last_versions(packs, others, self.deployment.served)
        has_loaded = packs.looks is not before.looks
        self._packs, self._loaded = packs, packs.looks
        self._fix_default()
        if packs.differ(before):
            self._swapped(packs, before)
        # A worker that was killed while it wrote leaves nothing that can be read.
        if self._shared and (has_loaded or others is None):
            mark = self._shared.write(packs)
        self._mark = mark

    def _loaded_again(self, now: Looks) -> Packs:
        """Raises NoPackError."""
        others = self._others()
        served_by = others.folders if others else self._packs.folders
        if now == self._loaded and (not self._packs.twice or served_by == self._packs.folders):
            return self._packs
        return load_packs(self.deployment, self._packs, served_by)

    def _fix_default(self) -> None:
        self.deployment = replace(self.deployment, default=self._packs.default)

    def _mark_of_others(self) -> bytes:
        """It differs once another worker has loaded packs."""
        return self._shared.mark() if self._shared else b""

    def _others(self) -> Packs | None:
        """What the worker serves that loaded packs last, without the packs themselves."""
        with suppress(OSError):
            return self._shared.read() if self._shared else None
        return None


def _late(deployment: Deployment, seconds: float) -> Problem:
    return one_error(
        Place(printable(deployment.folder)),
        "not-watched",
        f"this worker last looked for changed packs {seconds:.0f} seconds ago",
        "look at the log for reload-failed, and whether the disk with the packs answers",
    )
