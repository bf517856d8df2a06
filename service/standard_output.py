"""What the command prints: a standard output that is full or closed ends the command with one line, not with a trace."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO


class OutputError(OSError):
    """Standard output cannot be written."""


class StandardOutput(io.RawIOBase):
    """Its errors can be told from those of other files. After an error it drops everything: Python would try again at its exit."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._failed = False

    def write(self, data: Any, /) -> int:
        """Raises OutputError."""
        if self._failed:
            return len(data)
        try:
            return os.write(self._descriptor, data)
        except OSError as error:
            self._failed = True
            raise OutputError(error.errno, error.strerror) from None

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def isatty(self) -> bool:
        return os.isatty(self._descriptor)


@contextmanager
def written_out() -> Iterator[None]:
    """At its end everything printed is written. If that fails, the process ends with status 1 and says why.

    It says nothing if the reader is gone: a reader such as `head` has read what it wanted.
    """
    before = sys.stdout
    if before is sys.__stdout__:
        sys.stdout = _stream(before)
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except OutputError as error:
        quiet = error.errno == errno.EPIPE
        sys.exit(1 if quiet else f"tocsin: standard output cannot be written: {error.strerror}")
    finally:
        sys.stdout = before


def _stream(before: TextIO | None) -> TextIO:
    """Without standard output its number may belong to another file by now: no such descriptor is ever open."""
    if before is None:
        return io.TextIOWrapper(io.BufferedWriter(StandardOutput(-1)), "utf-8")
    raw = StandardOutput(before.fileno())
    return io.TextIOWrapper(
        io.BufferedWriter(raw), before.encoding, before.errors, line_buffering=raw.isatty()
    )
