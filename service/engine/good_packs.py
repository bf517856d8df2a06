"""The last good versions of packs, kept as files by digest, so that a broken pack on disk never stops a server.

Workers share the folder: each version is proven once, in a child process, under a lock. Serves nothing itself.
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

from service.engine.cross_check import EngineName, prove
from service.language.model import Pack
from service.language.pack import meaning_files

KEPT = 3
"""So many good versions of each pack stay."""


@dataclass(frozen=True, slots=True)
class GoodPacks:
    """`folder` is made when first needed, for this user only."""

    folder: Path

    def prove_once(self, source: Path, pack: Pack, engine: EngineName) -> None:
        """Compiles a pack aside unless some worker has already, then keeps its files. Raises ReteError."""
        with self._locked():
            kept = self._place(source.name, pack.digest)
            if not kept.is_dir():
                if engine == "both":
                    prove(pack)
                self._keep(source, kept)
            os.utime(kept)

    def newest(self, name: str) -> Path | None:
        """The last good version of the pack folder of this name."""
        versions = self._versions(name)
        return versions[-1] if versions else None

    def names(self) -> list[str]:
        """The pack folders that have a good version."""
        return [path.name for path in self.folder.glob("*/") if self._versions(path.name)]

    def _versions(self, name: str) -> list[Path]:
        place = self.folder / name
        found = [path for path in place.iterdir() if path.is_dir()] if place.is_dir() else []
        return sorted(found, key=lambda path: path.stat().st_mtime_ns)

    def _place(self, name: str, digest: str) -> Path:
        return self.folder / name / digest

    def _keep(self, source: Path, kept: Path) -> None:
        """Whole or not at all."""
        kept.parent.mkdir(exist_ok=True)
        partial = Path(tempfile.mkdtemp(dir=self.folder))
        for path in meaning_files(source):
            shutil.copyfile(path, partial / path.name)
        partial.rename(kept)
        for old in self._versions(source.name)[:-KEPT]:
            shutil.rmtree(old, ignore_errors=True)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
