"""Finds the folders of packs in the folder of packs, and looks at each. It reads no file."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from service.language.files.look import PACK_FILE, Look, look, printable
from service.language.files.pack_folder import Refusal, unreadable

MOST_PACKS = 100
MOST_NAMES = 10_000
"""The most names in the folder of packs, whatever they are."""

Looks = Mapping[str, Look | None]
"""By name of a pack's folder. None: a later reading could differ although no look does."""


@dataclass(frozen=True, slots=True)
class PackFolders:
    """The names of the folders of packs, in order, and what is wrong with others, by name. "" is the folder of packs."""

    names: tuple[str, ...] = ()
    refused: Mapping[str, Refusal] = field(default_factory=dict)

    def refused_looks(self) -> Looks:
        """Their keys end in a slash: the name of a pack's folder has none."""
        return {f"{name}/": Look(refused={"": why}) for name, why in self.refused.items()}


def find_packs(folder: Path) -> PackFolders:
    """Each folder with a pack.yaml is a pack, whatever that file is. A folder of packs that is missing has none."""
    try:
        names = _listed(folder)
    except (FileNotFoundError, NotADirectoryError):
        return PackFolders()
    except OSError as error:
        return PackFolders(refused={"": unreadable(error, "folder of packs")})
    if names is None:
        message = f"a folder of packs may have at most {MOST_NAMES} files and folders"
        return PackFolders(refused={"": Refusal("too-many-packs", message)})
    found = [name for name in names if _is_pack(folder / name)]
    refused = {
        printable(name): unreadable("its name is not UTF-8", "folder")
        for name in found
        if printable(name) != name
    }
    packs = [name for name in found if printable(name) == name]
    for name in packs[MOST_PACKS:]:
        message = f"a folder of packs may have at most {MOST_PACKS} packs; this one is not loaded"
        refused[name] = Refusal("too-many-packs", message)
    return PackFolders(tuple(packs[:MOST_PACKS]), refused)


def look_at_packs(folder: Path) -> Looks:
    """A look at each pack. It changes when anything that affects a pack changes."""
    packs = find_packs(folder)
    return {**{name: look(folder / name) for name in packs.names}, **packs.refused_looks()}


def _listed(folder: Path) -> list[str] | None:
    """The names that are not hidden, in order. None if there are too many. Raises OSError."""
    names = []
    with os.scandir(folder) as entries:
        for number, entry in enumerate(entries):
            if number >= MOST_NAMES:
                return None
            if not entry.name.startswith("."):
                names.append(entry.name)
    return sorted(names)


def _is_pack(folder: Path) -> bool:
    """A folder that cannot be searched could be a pack."""
    try:
        os.lstat(folder / PACK_FILE)
    except OSError as error:
        return error.errno not in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)
    return True
