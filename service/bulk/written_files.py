"""The files that a run writes: its output, and the journal beside it. It reads none of them as an input."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from service.bulk.errors import BulkUsageError
from service.bulk.journal import Journal
from service.bulk.reading.inputs import STANDARD_INPUT, Input


@dataclass(frozen=True, slots=True)
class WrittenFiles:
    """Of a run to `out`, or to standard output without it. `status` is that of the output before the run, None if it is not there."""

    out: Path | None
    status: os.stat_result | None

    @classmethod
    def of(cls, out: Path | None) -> WrittenFiles:
        return cls(out, _status(sys.stdout.fileno() if out is None else out))

    def leaves_out(self, name: str) -> bool:
        """Whether a file that a pattern found is no input: a journal, or an output that a run wrote or that is empty.

        Any other content may be incidents: a run that would write over them is refused.
        """
        if not self._has(name):
            return False
        return os.path.getsize(name) == 0 or any(one.exists() for one in self._beside())

    def check_not_read(self, inputs: Sequence[Input]) -> None:
        """Raises BulkUsageError."""
        for one in inputs:
            if self._has(one.name):
                what = (
                    "let standard output go elsewhere" if self.out is None else "name another --out"
                )
                raise BulkUsageError(f"'{one.name}' is read and written: {what}")

    def _has(self, name: str) -> bool:
        read = _status(sys.stdin.fileno() if name == STANDARD_INPUT else name)
        if read is None or not stat.S_ISREG(read.st_mode):
            return False
        written = (self.status, *map(_status, self._beside()))
        same = any(one is not None and os.path.samestat(read, one) for one in written)
        return same or self._is_part(name)

    def _is_part(self, name: str) -> bool:
        """Whether it is in the folder that is written."""
        if self.out is None or self.status is None or not stat.S_ISDIR(self.status.st_mode):
            return False
        return os.path.realpath(name).startswith(os.path.realpath(self.out) + os.sep)

    def _beside(self) -> tuple[Path, ...]:
        if self.out is None:
            return ()
        journal = Journal.beside(self.out)
        return journal.path, journal.being_written


def _status(file: int | str | Path) -> os.stat_result | None:
    try:
        return os.fstat(file) if isinstance(file, int) else os.stat(file)
    except OSError:
        return None
