"""What could not be kept, and why, for the log, for `/readyz` and for a metric. It must not log: the command prints no log."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping


class Faults:
    """`now` has the faults that last, by pack folder or by part of one; "" is the whole folder for state.

    One thread notes faults. Others may read at any time.
    """

    def __init__(self) -> None:
        self.now: Mapping[str, str] = {}
        self._count, self._process = 0, os.getpid()

    @property
    def count(self) -> int:
        """The number of faults that this process has met. A forked child has met none."""
        return self._count if self._process == os.getpid() else 0

    def note(self, where: str, error: BaseException | str) -> None:
        """The reason has no path: callers must not learn the folders of this machine."""
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        self._count, self._process = self.count + 1, os.getpid()
        self.now = {**self.now, where: reason}

    def mended(self, where: str) -> None:
        if where in self.now:
            self.now = {name: why for name, why in self.now.items() if name != where}

    def forget_all_but(self, folders: Collection[str]) -> None:
        """Faults of packs that no longer serve do not matter."""
        self.now = {
            where: why
            for where, why in self.now.items()
            if not where or where.partition("/")[0] in folders
        }
