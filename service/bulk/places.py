"""Where the answers go: standard output, a file, or a folder of parts. After `sync` all that was written is on the disk."""

from __future__ import annotations

import fcntl
import os
import re
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from service.bulk.errors import BulkUsageError, PlaceError

PART = "part-{:05}.parquet"
BEING_WRITTEN = ".being-written"
_PART_NAME = re.compile(r"part-(\d{5,})\.parquet(\.being-written)?")
SECONDS_FOR_THE_LOCK = 3.0
"""The workers of a run that was killed end a moment after it, and hold its lock until then."""


class OutputPlace(Protocol):
    def check(self) -> None:
        """Changes nothing. Raises PlaceError, and BulkUsageError if what is there is not what was written."""

    def begin(self) -> None:
        """Removes what is not kept. Raises PlaceError."""

    def write(self, number: int, data: bytes) -> None:
        """Adds what block `number` gives. Raises PlaceError."""

    def sync(self) -> None:
        """Raises PlaceError."""

    def size(self) -> int:
        """The bytes that are written. 0 if `number` says all."""

    def close(self) -> None: ...


class StandardOutputPlace:
    """Its errors are those of `service.standard_output`."""

    def check(self) -> None:
        pass

    def begin(self) -> None:
        pass

    def write(self, number: int, data: bytes) -> None:
        sys.stdout.buffer.write(data)

    def sync(self) -> None:
        sys.stdout.buffer.flush()

    def size(self) -> int:
        return 0

    def close(self) -> None:
        pass


class FilePlace:
    """One file. What follows its first `size` bytes is cut off: a run that was cut wrote it."""

    def __init__(self, path: Path, size: int = 0) -> None:
        """Raises BulkUsageError if another run writes it, and PlaceError."""
        self._path = path
        self._size = size
        with _errors_of(path):
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o666)
        _lock(self._file, path)

    def check(self) -> None:
        with _errors_of(self._path):
            size = os.fstat(self._file).st_size
        if size < self._size:
            raise BulkUsageError(f"'{self._path}' is shorter than its journal says: delete both")

    def begin(self) -> None:
        with _errors_of(self._path):
            if _is_regular(self._file):
                os.ftruncate(self._file, self._size)
                os.lseek(self._file, self._size, os.SEEK_SET)

    def write(self, number: int, data: bytes) -> None:
        left = memoryview(data)
        with _errors_of(self._path):
            while left:
                left = left[os.write(self._file, left) :]
        self._size += len(data)

    def sync(self) -> None:
        with _errors_of(self._path):
            if _is_regular(self._file):
                getattr(os, "fdatasync", os.fsync)(self._file)  # macOS has no fdatasync

    def size(self) -> int:
        return self._size

    def close(self) -> None:
        os.close(self._file)


class FolderPlace:
    """A folder with one file for each block. Files of later blocks are removed: a run that was cut wrote them."""

    def __init__(self, path: Path, blocks: int = 0) -> None:
        """The first `blocks` files are kept. Raises BulkUsageError if another run writes the folder, and PlaceError."""
        self._path = path
        self._blocks = blocks
        with _errors_of(path):
            path.mkdir(parents=True, exist_ok=True)
            self._folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        _lock(self._folder, path)

    def check(self) -> None:
        found = self._found()
        for name, part in found.items():
            if part is None:
                raise BulkUsageError(f"'{self._path}' has other files, such as '{name}'")
        if any(PART.format(number) not in found for number in range(self._blocks)):
            raise BulkUsageError(f"'{self._path}' lacks a part that its journal says: delete both")

    def begin(self) -> None:
        found = self._found()
        with _errors_of(self._path):
            for name, part in found.items():
                if part and (int(part[1]) >= self._blocks or part[2]):
                    (self._path / name).unlink()

    def _found(self) -> dict[str, re.Match[str] | None]:
        """The files in the folder, with None for one that is no part."""
        with _errors_of(self._path):
            return {name: _PART_NAME.fullmatch(name) for name in sorted(os.listdir(self._path))}

    def write(self, number: int, data: bytes) -> None:
        path = self._path / PART.format(number)
        being_written = path.with_name(path.name + BEING_WRITTEN)
        with _errors_of(path):
            with being_written.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            being_written.rename(path)

    def sync(self) -> None:
        with _errors_of(self._path):
            os.fsync(self._folder)

    def size(self) -> int:
        return 0

    def close(self) -> None:
        os.close(self._folder)


def _is_regular(file: int) -> bool:
    """A device or a pipe can be written, but neither cut nor synced."""
    return stat.S_ISREG(os.fstat(file).st_mode)


def _lock(file: int, path: Path) -> None:
    """Raises BulkUsageError if another process holds the lock."""
    end = time.monotonic() + SECONDS_FOR_THE_LOCK
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > end:
                raise BulkUsageError(f"another run writes '{path}'") from None
            time.sleep(0.05)
        except OSError:
            return  # a file system without locks


@contextmanager
def _errors_of(path: Path) -> Iterator[None]:
    """Raises PlaceError with the name."""
    try:
        yield
    except OSError as error:
        raise PlaceError(f"'{path}' cannot be written: {error.strerror}") from None
