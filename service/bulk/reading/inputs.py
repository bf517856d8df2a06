"""The files that a run reads: found by name or pattern, and opened, also if they are compressed. It must not cut them into lines."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from glob import glob, has_magic
from pathlib import Path
from typing import IO

from service.bulk.errors import BulkUsageError
from service.bulk.reading.compression import Compression, compression_of, without_ending

STANDARD_INPUT = "-"
SKIPPED_BYTES = 1024 * 1024
ONE_INCIDENT = ".json"
"""The ending of a file that is one incident, whatever lines it has."""


@dataclass(frozen=True, slots=True)
class Input:
    """A file to read. `name` is how the caller names it. A pipe has no size, and its moment of change says nothing."""

    name: str
    size: int | None = None
    changed_ns: int = 0

    @property
    def is_one_incident(self) -> bool:
        return without_ending(self.name).endswith(ONE_INCIDENT)


@dataclass(frozen=True, slots=True)
class OpenInput:
    """`file` has the bytes without compression, `raw` those that are stored."""

    file: IO[bytes]
    raw: IO[bytes]

    def offset(self) -> int:
        """How many bytes are read, without compression. 0 for a pipe."""
        return _told(self.file)

    def read_bytes(self) -> int:
        """How many stored bytes are read. 0 for a pipe."""
        return _told(self.raw)


def _told(file: IO[bytes]) -> int:
    try:
        return file.tell()
    except OSError:
        return 0


def is_bulk_file(name: str) -> bool:
    """Whether it is a file of many incidents that does not wait for answers, or a pattern."""
    if has_magic(name) and not os.path.lexists(name):
        return True
    return os.path.isfile(name) and not name.endswith(ONE_INCIDENT)


def find_inputs(names: Sequence[str], leaves_out: Callable[[str], bool]) -> list[Input]:
    """The files of these names and patterns, each once: in the order given, those of a pattern sorted.

    A file that a pattern finds is left out if `leaves_out` says so. Raises BulkUsageError if one cannot be read, or if a pattern
    matches none.
    """
    found = [one for name in names for one in _named(name, leaves_out)]
    by_file: dict[str, str] = {}
    for name in found:
        by_file.setdefault(name if name == STANDARD_INPUT else os.path.realpath(name), name)
    inputs = [_input(name) for name in by_file.values()]
    for one in inputs:
        if one.name != STANDARD_INPUT:
            _check_readable(one.name)
    return inputs


def _named(name: str, leaves_out: Callable[[str], bool]) -> list[str]:
    if name == STANDARD_INPUT or not has_magic(name) or os.path.lexists(name):
        return [name]
    found = sorted(path for path in glob(name, recursive=True) if os.path.isfile(path))
    read = [path for path in found if not leaves_out(path)]
    if not read:
        but = " but what is written" if found else ""
        raise BulkUsageError(f"no file matches '{name}'{but}")
    return read


def _input(name: str) -> Input:
    written = os.fsencode(name).decode(errors="backslashreplace")
    if written != name:
        raise BulkUsageError(f"'{written}' has a name that is not UTF-8: rename it")
    try:
        status = os.fstat(sys.stdin.fileno()) if name == STANDARD_INPUT else os.stat(name)
    except OSError as error:
        raise BulkUsageError(f"'{name}' cannot be read: {error.strerror}") from None
    if stat.S_ISDIR(status.st_mode):
        raise BulkUsageError(f"'{name}' is a folder: name its files, such as '{name}/*.ndjson'")
    if name == STANDARD_INPUT or not stat.S_ISREG(status.st_mode):
        return Input(name)
    return Input(name, status.st_size, status.st_mtime_ns)


def _check_readable(name: str) -> None:
    if not os.access(name, os.R_OK):
        raise BulkUsageError(f"'{name}' cannot be read: Permission denied")
    compression_of(name).check_available()


@contextmanager
def opened(one: Input, offset: int = 0) -> Iterator[OpenInput]:
    """The file, with its first `offset` bytes skipped; they count without compression. Raises OSError."""
    with _raw(one) as raw:
        compression = compression_of(one.name)
        file = compression.reader(raw)
        if compression is Compression.NONE and offset:
            file.seek(offset)
        else:
            _skip(file, offset)
        yield OpenInput(file, raw)


@contextmanager
def _raw(one: Input) -> Iterator[IO[bytes]]:
    if one.name == STANDARD_INPUT:
        yield sys.stdin.buffer
        return
    with Path(one.name).open("rb") as file:
        yield file


def _skip(file: IO[bytes], count: int) -> None:
    while count > 0:
        skipped = file.read(min(count, SKIPPED_BYTES))
        if not skipped:
            raise OSError(None, "it is shorter than before")
        count -= len(skipped)
