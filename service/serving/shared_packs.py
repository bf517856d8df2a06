"""Tells a worker that starts what the other workers serve: versions, problems, and the looks by which they were loaded.

It is memory that a server's master and workers share. It ends with the server. On Linux it needs no disk.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import pickle
import struct
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from service.engine.judging.cross_check import EngineName
from service.language.files.pack_files import PackFiles
from service.language.load import load_files
from service.serving.packs import Packs
from service.serving.served_pack import ServedPack

SECONDS_FOR_THE_LOCK = 1.0
SECONDS_BETWEEN_TRIES = 0.01
_HEAD = struct.Struct("<Q32s")


@dataclass(frozen=True, slots=True)
class SharedPacks:
    """`memory` is a file without a name. A killed worker can leave it half-written: its checksum then differs."""

    memory: int

    @classmethod
    def open(cls) -> SharedPacks:
        """Raises OSError."""
        if hasattr(os, "memfd_create"):  # Linux
            return cls(os.memfd_create("tocsin-packs"))
        with tempfile.TemporaryFile() as file:
            return cls(os.dup(file.fileno()))

    def write(self, packs: Packs) -> bytes:
        """Returns the mark of what was written. Raises OSError."""
        data = pickle.dumps(replace(packs, served={}))
        head = _HEAD.pack(len(data), hashlib.sha256(data).digest())
        with self._locked(), open(self.memory, "r+b", closefd=False) as file:
            file.seek(0)  # all processes have one position in it
            file.truncate()
            file.write(head + data)
        return head

    def mark(self) -> bytes:
        """It differs once something else was written. Raises OSError."""
        return os.pread(self.memory, _HEAD.size, 0)

    def read(self) -> Packs | None:
        """What another worker wrote last, without the packs themselves. None if there is nothing. Raises OSError."""
        with self._locked():
            head = os.pread(self.memory, _HEAD.size, 0)
            if len(head) < _HEAD.size:
                return None
            size, checksum = _HEAD.unpack(head)
            data = os.pread(self.memory, size, _HEAD.size)
        if hashlib.sha256(data).digest() != checksum:
            return None
        packs: Packs = pickle.loads(data)  # noqa: S301 - only this server's processes have this memory
        return packs

    def close(self) -> None:
        os.close(self.memory)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """A process that ends gives the lock back."""
        ends = time.monotonic() + SECONDS_FOR_THE_LOCK
        while True:
            try:
                fcntl.lockf(self.memory, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except (BlockingIOError, PermissionError):
                if time.monotonic() > ends:
                    raise
                time.sleep(SECONDS_BETWEEN_TRIES)
        try:
            yield
        finally:
            fcntl.lockf(self.memory, fcntl.LOCK_UN)


def loaded(others: Packs, present: Packs, engine: EngineName) -> Packs:
    """The packs that another worker serves, ready to serve here. Versions that are present already are taken from there.

    Another worker proved the others. Raises MatcherError, and ValueError if files that load there do not load here.
    """
    return replace(
        others,
        served={
            others.folders[folder]: _ready(
                files, present.served.get(others.folders[folder]), engine
            )
            for folder, files in others.files.items()
        },
    )


def with_last_versions(present: Packs, others: Packs, engine: EngineName) -> Packs:
    """A pack whose files are broken now serves in the version that any worker loaded last: all workers serve the same.

    Raises as `loaded` does.
    """
    shared = {
        folder: others.files[folder]
        for folder in present.outdated & others.files.keys()
        if present.folders[folder] == others.folders[folder]
    }
    served = {
        present.folders[folder]: _ready(files, present.served[present.folders[folder]], engine)
        for folder, files in shared.items()
    }
    return replace(present, served={**present.served, **served}, files={**present.files, **shared})


def _ready(files: PackFiles, present: ServedPack | None, engine: EngineName) -> ServedPack:
    if present is not None and present.pack.digest == files.digest():
        return present
    pack, _ = load_files(files)
    if pack is None:
        raise ValueError(f"the files of '{files.folder.name}' do not load")
    return ServedPack.of(pack, engine)
