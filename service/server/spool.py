"""A spool: a queue of bytes, few of them in memory, more in a temporary file."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from threading import Lock
from typing import IO

IN_MEMORY_BYTES = 64 * 1024
WITHOUT_A_DISK_BYTES = 1024 * 1024
"""If no file can be written, at most this many bytes stay in memory. The body of a single assessment always fits."""


class SpooledFiles:
    """The size of all temporary files of a worker. Threads share it."""

    def __init__(self) -> None:
        self.bytes = 0
        self._lock = Lock()

    def add(self, number: int) -> None:
        with self._lock:
            self.bytes += number


class Spool:
    """Two threads must not use it at the same time."""

    def __init__(self, spooled: SpooledFiles) -> None:
        self._spooled = spooled
        self._memory = bytearray()
        self._file: IO[bytes] | None = None
        self._start = self._end = 0  # of the bytes in the file that are not removed

    def __len__(self) -> int:
        return len(self._memory) + self._end - self._start

    @property
    def spooled_bytes(self) -> int:
        """The size of its file, including bytes that were read."""
        return self._end

    def write(self, data: bytes) -> None:
        """Raises OSError if the disk is full and the bytes are too many for memory."""
        if self._file is None and len(self._memory) + len(data) <= IN_MEMORY_BYTES:
            self._memory += data
            return
        try:
            self._write_to_file(data)
        except OSError:
            if len(self) + len(data) > WITHOUT_A_DISK_BYTES:
                raise
            rest = self.first(len(self)) + data
            self.close()
            self._memory += rest

    def first(self, size: int) -> bytes:
        """The first bytes, at most `size`, without removing them."""
        if self._file is None:
            return bytes(memoryview(self._memory)[:size])
        return os.pread(self._file.fileno(), min(size, len(self)), self._start)

    def remove(self, size: int) -> None:
        """Removes the first `size` bytes."""
        if self._file is None:
            del self._memory[:size]
            return
        self._start += size
        if self._start == self._end:
            self._file.truncate(0)
            self._spooled.add(-self._end)
            self._start = self._end = 0

    def read(self, size: int) -> bytes:
        data = self.first(size)
        self.remove(len(data))
        return data

    def close(self) -> None:
        self._memory.clear()
        if self._file is not None:
            self._spooled.add(-self._end)
            self._start = self._end = 0
            with suppress(OSError):
                self._file.close()
            self._file = None

    def _write_to_file(self, data: bytes) -> None:
        """Writes all of `data`, or changes nothing."""
        if self._file is None:
            file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - open until `close`
            try:
                _write_at(file, 0, memory := bytes(self._memory))
            except OSError:
                file.close()
                raise
            self._file, self._start, self._end = file, 0, len(memory)
            self._memory = bytearray()
            self._spooled.add(len(memory))
        _write_at(self._file, self._end, data)
        self._end += len(data)
        self._spooled.add(len(data))


def _write_at(file: IO[bytes], place: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        written = os.pwrite(file.fileno(), rest, place)
        place += written
        rest = rest[written:]
