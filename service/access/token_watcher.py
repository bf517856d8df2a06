"""Keeps the list of tokens that is in force: it reads the file again, and a wrong file never replaces a good list.

Workers tell each other the last good list in shared memory, so one that starts while the file is wrong has it too.
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from pathlib import Path

import structlog

from service.access.token_list import TokenFileError, TokenList, read_file, read_tokens
from service.shared_memory import SharedMemory

SECONDS_BETWEEN_LOOKS = 0.25
SECONDS_UNTIL_LATE = 60
_log = structlog.get_logger("tocsin")


class TokenWatcher:
    """A process starts to watch when it first asks for the list, because a thread does not survive a fork."""

    def __init__(self, path: Path) -> None:
        """Raises TokenFileError."""
        self._path = path
        try:
            self._data = read_file(path)
            self._tokens = read_tokens(self._data)
        except TokenFileError as error:
            raise TokenFileError(f"TOCSIN_TOKENS is {str(path)!r}, but that file {error}") from None
        self._seen = self._data
        self._fault = ""
        self._shared: SharedMemory | None = None
        self._mark = b""
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._looked = time.monotonic()

    def share(self) -> None:
        """A master calls it once, before it forks. Raises OSError."""
        self._shared = self._shared or SharedMemory.open("tocsin-tokens")

    @property
    def tokens(self) -> TokenList:
        if self._thread is None or not self._thread.is_alive():
            self.watch()
        return self._tokens

    @property
    def present(self) -> TokenList:
        """The list of this process. It starts nothing."""
        return self._tokens

    @property
    def fault(self) -> str:
        """Why the list in force may not be that of the file; empty if it is."""
        seconds = time.monotonic() - self._looked
        late = f"this worker last looked at the file {seconds:.0f} seconds ago"
        return late if seconds > SECONDS_UNTIL_LATE else self._fault

    def watch(self) -> None:
        """Looks at the file until the process ends. First it takes the list that other workers have."""
        with self._lock:
            if self._thread is not None and self._thread.is_alive():
                return
            self._looked = time.monotonic()
            with suppress(Exception):
                self._take_shared()
            thread = threading.Thread(target=self._watch, name="tocsin-tokens", daemon=True)
            with suppress(RuntimeError):  # no thread can start now; the next request tries again
                thread.start()
                self._thread = thread

    def _watch(self) -> None:
        """Nothing ends this: without it no change is seen."""
        while True:
            with suppress(Exception):
                time.sleep(SECONDS_BETWEEN_LOOKS)
                self.look()

    def look(self) -> None:
        """Takes what the file has once two looks agree: it may be half-written."""
        try:
            data = read_file(self._path)
            tokens = self._tokens if data == self._data else read_tokens(data)
        except TokenFileError as error:
            self._seen = b""
            self._note(f"the file {error}")
            self._take_shared()
        else:
            if data == self._seen:
                self._take(data, tokens)
            self._seen = data
        self._looked = time.monotonic()

    def _take(self, data: bytes, tokens: TokenList) -> None:
        is_new = data != self._data
        self._data, self._tokens = data, tokens
        if is_new or self._fault:
            self._fault = ""
            _log.info("tokens-read", tokens=len(tokens.holders))
        if self._shared and (is_new or not self._mark):
            self._mark = self._shared.write(data)

    def _note(self, reason: str) -> None:
        """The log has each fault once."""
        if reason != self._fault:
            self._fault = reason
            _log.error("tokens-not-read", cause=reason)

    def _take_shared(self) -> None:
        """The list that any worker read last. Raises OSError, and TokenFileError if another version of Tocsin wrote it."""
        if self._shared is None or (mark := self._shared.mark()) == self._mark:
            return
        data = self._shared.read()
        if data is not None:
            self._tokens = read_tokens(data)
            self._data, self._mark = data, mark
