"""What ends a run before its end. Each message is one line for the one who typed the command."""

from __future__ import annotations


class BulkUsageError(ValueError):
    """The run cannot begin as it was asked for."""


class PlaceError(OSError):
    """The output cannot be written. The message names it."""


class NoWorkerError(RuntimeError):
    """Every worker process dies, whatever it does."""


class Stopped(BaseException):
    """The run was asked to stop, by this signal."""

    def __init__(self, signal: int) -> None:
        super().__init__(signal)
        self.signal = signal
