"""Tells a worker that starts what the other workers serve: versions, problems, and the looks by which they were loaded.

It is memory that a server's master and workers share.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import dataclass, replace

from service.language.files.pack_files import PackFiles
from service.language.load import load_files
from service.language.model import Pack
from service.serving.packs import Packs
from service.serving.served_pack import ServedPack
from service.shared_memory import SharedMemory

Serve = Callable[[Pack], ServedPack]
"""Makes a pack ready to serve. Raises MatcherError."""


@dataclass(frozen=True, slots=True)
class SharedPacks:
    memory: SharedMemory

    @classmethod
    def open(cls) -> SharedPacks:
        """Raises OSError."""
        return cls(SharedMemory.open("tocsin-packs"))

    def write(self, packs: Packs) -> bytes:
        """Returns the mark of what was written. Raises OSError."""
        return self.memory.write(pickle.dumps(replace(packs, served={})))

    def mark(self) -> bytes:
        """It differs once something else was written. Raises OSError."""
        return self.memory.mark()

    def read(self) -> Packs | None:
        """What another worker wrote last, without the packs themselves. None if there is nothing. Raises OSError."""
        data = self.memory.read()
        if data is None:
            return None
        packs: Packs = pickle.loads(data)  # noqa: S301 - only this server's processes have this memory
        return packs

    def close(self) -> None:
        self.memory.close()


def loaded(others: Packs, present: Packs, serve: Serve) -> Packs:
    """The packs that another worker serves, ready to serve here. Versions that are present already are taken from there.

    Another worker proved the others. Raises MatcherError, and ValueError if files that load there do not load here.
    """
    return replace(
        others,
        served={
            others.folders[folder]: _ready(files, present.served.get(others.folders[folder]), serve)
            for folder, files in others.files.items()
        },
    )


def with_last_versions(present: Packs, others: Packs, serve: Serve) -> Packs:
    """A pack whose files are broken now serves in the version that any worker loaded last: all workers serve the same.

    Raises as `loaded` does.
    """
    shared = {
        folder: others.files[folder]
        for folder in present.outdated & others.files.keys()
        if present.folders[folder] == others.folders[folder]
    }
    served = {
        present.folders[folder]: _ready(files, present.served[present.folders[folder]], serve)
        for folder, files in shared.items()
    }
    return replace(present, served={**present.served, **served}, files={**present.files, **shared})


def _ready(files: PackFiles, present: ServedPack | None, serve: Serve) -> ServedPack:
    if present is not None and present.pack.digest == files.digest():
        return present
    pack, _ = load_files(files)
    if pack is None:
        raise ValueError(f"the files of '{files.folder.name}' do not load")
    return serve(pack)
