"""Keeps the last good versions of packs as files, by digest, so that a broken pack on disk never stops a server.

Workers share the folder. Each version is proven once, in a child process, under a lock.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from service.engine.judging.cross_check import EngineName
from service.language.files.pack_files import PackFiles, read_files
from service.language.model import Pack
from service.serving.proving import prove

KEPT = 3
"""The number of good versions kept for each pack."""


@dataclass(frozen=True, slots=True)
class GoodPacks:
    """`folder` is made when it is first needed. Only this user can read it."""

    folder: Path

    def prove_once(self, files: PackFiles, pack: Pack, engine: EngineName) -> None:
        """Proves a pack in a child process, unless a worker already has, and then keeps its files. Raises MatcherError."""
        with self._locked():
            kept = self._place(files.folder.name, pack.digest)
            if read_whole(kept) is not None:
                os.utime(kept)
                return
            if engine == "both":
                prove(pack)
            self._keep(files, kept)

    def newest_first(self, name: str) -> list[Path]:
        """The good versions of the pack folder of this name. `read_whole` reads one."""
        with self._locked():
            return self._versions(name)[::-1]

    def names(self) -> list[str]:
        """The pack folders that have a good version."""
        return [path.name for path in self.folder.glob("*/") if self._versions(path.name)]

    def _versions(self, name: str) -> list[Path]:
        place = self.folder / name
        found = [path for path in place.iterdir() if path.is_dir()] if place.is_dir() else []
        return sorted(found, key=lambda path: path.stat().st_mtime_ns)

    def _place(self, name: str, digest: str) -> Path:
        return self.folder / name / digest

    def _keep(self, files: PackFiles, kept: Path) -> None:
        """Keeps the files as they were read: all of them or none."""
        kept.parent.mkdir(exist_ok=True)
        partial = Path(tempfile.mkdtemp(dir=self.folder))
        try:
            for name, content in files.meaning.items():
                (partial / name).parent.mkdir(parents=True, exist_ok=True)
                (partial / name).write_bytes(content)
            shutil.rmtree(kept, ignore_errors=True)
            partial.rename(kept)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
        for old in self._versions(files.folder.name)[:-KEPT]:
            shutil.rmtree(old, ignore_errors=True)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def read_whole(kept: Path) -> PackFiles | None:
    """The files of a good version. None if they no longer have the digest that is the folder's name.

    For example, their removal was interrupted.
    """
    files = read_files(kept)
    return files if not files.refused and files.digest() == kept.name else None
