"""Proves versions of packs, and keeps the last good ones, so that a broken pack on disk never stops a server.

Workers share the folder, and a version is proven once. A fault of the folder is noted and reaches no caller.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from service.asking.software import version_of
from service.engine.judging.cross_check import EngineName
from service.language.files.pack_files import PackFiles, unpacked
from service.language.model import Pack
from service.private_folder import locked, own_folder
from service.serving.faults import Faults
from service.serving.kept_versions import (
    KEPT,
    is_kept,
    is_proven,
    keep_version,
    newest_first,
    note_proof,
    read_version,
)
from service.serving.proving import prove
from service.serving.state_folder import StateFolder

SECONDS_FOR_THE_LOCK = 10.0
LOCK = "lock"


@dataclass(frozen=True, slots=True)
class GoodPacks:
    """`name` is the folder of one deployment inside `state`. Other settings have other good versions and other proofs."""

    state: StateFolder
    name: str
    faults: Faults = field(default_factory=Faults)

    def prove_once(self, files: PackFiles, pack: Pack, engine: EngineName) -> None:
        """Proves a pack in a child process, unless a worker already has, and keeps its files. Raises MatcherError."""
        name = files.folder.name
        with self._locked(name) as folder:
            self._prove(folder, name, pack, engine)
            self._keep(folder, files, among=1)

    def prove_kept(self, name: str, pack: Pack, engine: EngineName) -> None:
        """Proves a good version, unless it is proven for the present software. Raises MatcherError."""
        with self._locked(name) as folder:
            self._prove(folder, name, pack, engine)

    def keep(self, files: PackFiles) -> None:
        """Keeps a version that serves, if it is no longer kept."""
        name, digest = files.folder.name, files.digest()
        if not self.faults.now:  # else look whether they last
            with self._opened(name) as folder, suppress(OSError):
                if folder is not None and is_kept(folder, digest, among=KEPT):
                    return
        with self._locked(name) as folder:
            self._keep(folder, files, among=KEPT)

    def newest_first(self, folder: Path) -> list[PackFiles]:
        """The good versions of a pack's folder."""
        with self._opened(folder.name) as opened, suppress(OSError):
            if opened is not None:
                found = (read_version(opened, one) for one in newest_first(opened))
                return [unpacked(folder, packed) for packed in found if packed is not None]
        return []

    def names(self) -> list[str]:
        """The pack folders that have a good version."""
        with self._opened() as folder, suppress(OSError):
            if folder is not None:
                return [name for name in os.listdir(folder) if self._has_version(name)]
        return []

    def _has_version(self, name: str) -> bool:
        with self._opened(name) as folder, suppress(OSError):
            return folder is not None and bool(newest_first(folder))
        return False

    def _prove(self, folder: int | None, name: str, pack: Pack, engine: EngineName) -> None:
        """Raises MatcherError."""
        if engine == "reference":
            return
        setting = _setting(engine)
        if folder is None:
            prove(pack)
        elif not is_proven(folder, pack.digest, setting):
            prove(pack)
            with self._noted(name):
                note_proof(folder, pack.digest, setting)

    def _keep(self, folder: int | None, files: PackFiles, among: int) -> None:
        if folder is None:
            return
        name, digest = files.folder.name, files.digest()
        with self._noted(name):
            if not is_kept(folder, digest, among=among):
                keep_version(folder, digest, files.packed())
            self.faults.mended(name)

    @contextmanager
    def _noted(self, where: str) -> Iterator[None]:
        """Whatever happens to state, even a lack of memory, ends no start and no reload."""
        try:
            yield
        except Exception as error:
            self.faults.note(where, error)

    @contextmanager
    def _opened(self, name: str = "") -> Iterator[int | None]:
        """The folder of a pack, or of all packs. None if there is none yet, or it cannot be opened."""
        with ExitStack() as stack:
            folder: int | None = None
            with suppress(OSError):
                above = stack.enter_context(self.state.opened())
                for part in (self.name, name) if name else (self.name,):
                    above = stack.enter_context(own_folder(above, part, make=False))
                folder = above
            yield folder

    @contextmanager
    def _locked(self, name: str) -> Iterator[int | None]:
        """The folder of a pack, which is made if it is missing, and its lock. Work goes on without what cannot be had."""
        with ExitStack() as stack:
            all_packs: int | None = None
            folder: int | None = None
            if self.state.places:
                with self._noted(""):
                    state = stack.enter_context(self.state.opened())
                    all_packs = stack.enter_context(own_folder(state, self.name))
                    self.faults.mended("")
            if all_packs is not None:
                with self._noted(name):
                    folder = stack.enter_context(own_folder(all_packs, name))
            if folder is not None:
                with self._noted(where := f"{name}/{LOCK}"):
                    self._lock(stack, folder, where)
            yield folder

    def _lock(self, stack: ExitStack, folder: int, where: str) -> None:
        """While a lock was not had, none is waited for: one start or reload waits once, whatever it loads. Raises OSError."""
        is_held = any(fault.endswith(f"/{LOCK}") for fault in self.faults.now)
        seconds = 0 if is_held else SECONDS_FOR_THE_LOCK
        if stack.enter_context(locked(folder, LOCK, seconds)):
            self.faults.mended(where)
        else:
            self.faults.note(where, "another process does not release the lock")


def _setting(engine: EngineName) -> str:
    """A proof counts only for the same engine and the same software."""
    python = f"{platform.python_implementation()} {platform.python_version()}"
    software = (engine, version_of("tocsin"), python, version_of("durable-rules"))
    return sha256("\n".join(software).encode()).hexdigest()[:16]
