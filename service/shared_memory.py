"""Bytes that processes of one server share in memory. It ends with the server. On Linux it needs no disk.

It must not know what the bytes are.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import struct
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

SECONDS_FOR_THE_LOCK = 1.0
SECONDS_BETWEEN_TRIES = 0.01
_HEAD = struct.Struct("<Q32s")


@dataclass(frozen=True, slots=True)
class SharedMemory:
    """`descriptor` is a file without a name. A killed process can leave it half-written: its checksum then differs."""

    descriptor: int

    @classmethod
    def open(cls, name: str) -> SharedMemory:
        """A forked child has it too. Raises OSError."""
        if hasattr(os, "memfd_create"):  # Linux
            return cls(os.memfd_create(name))
        with tempfile.TemporaryFile() as file:
            return cls(os.dup(file.fileno()))

    def write(self, data: bytes) -> bytes:
        """Returns the mark of what was written. Raises OSError."""
        head = _HEAD.pack(len(data), hashlib.sha256(data).digest())
        with self._locked(), open(self.descriptor, "r+b", closefd=False) as file:
            file.seek(0)  # all processes have one position in it
            file.truncate()
            file.write(head + data)
        return head

    def mark(self) -> bytes:
        """It differs once something else was written. Raises OSError."""
        return os.pread(self.descriptor, _HEAD.size, 0)

    def read(self) -> bytes | None:
        """What was written last, in any process. None if there is nothing that can be used. Raises OSError."""
        with self._locked():
            head = os.pread(self.descriptor, _HEAD.size, 0)
            if len(head) < _HEAD.size:
                return None
            size, checksum = _HEAD.unpack(head)
            data = os.pread(self.descriptor, size, _HEAD.size)
        return data if hashlib.sha256(data).digest() == checksum else None

    def close(self) -> None:
        os.close(self.descriptor)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """A process that ends gives the lock back."""
        ends = time.monotonic() + SECONDS_FOR_THE_LOCK
        while True:
            try:
                fcntl.lockf(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except (BlockingIOError, PermissionError):
                if time.monotonic() > ends:
                    raise
                time.sleep(SECONDS_BETWEEN_TRIES)
        try:
            yield
        finally:
            fcntl.lockf(self.descriptor, fcntl.LOCK_UN)
