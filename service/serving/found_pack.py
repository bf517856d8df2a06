"""Decides which folder serves each pack, from what was found in the folders. It must not read files.

The decision depends on the folders and on what served before, not on the worker that makes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from service.language.collector import one_error
from service.language.files.pack_files import PackFiles
from service.language.problem import Problem
from service.serving.served_pack import ServedPack


@dataclass(frozen=True, slots=True, eq=False)
class FoundPack:
    """A pack's folder after an attempt to load it: what is on disk and its errors, what serves, and from which files."""

    on_disk: PackFiles
    served: ServedPack | None
    files: PackFiles
    errors: list[Problem] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The name of the folder."""
        return self.on_disk.folder.name

    @property
    def is_outdated(self) -> bool:
        """What serves was not loaded from what is on disk."""
        return self.files is not self.on_disk

    def serves(self, pack: str) -> bool:
        return self.served is not None and self.served.pack.name == pack


def chosen(found: Iterable[FoundPack], served_by: Mapping[str, str]) -> dict[str, FoundPack]:
    """The folder that serves each pack, by the pack's name. `served_by` has, by folder, the packs that served before.

    Of several folders with one pack, the one called like the pack serves, else the one that served before, else the
    first by name.
    """
    served: dict[str, list[FoundPack]] = {}
    for one in found:
        if one.served is not None:
            served.setdefault(one.served.pack.name, []).append(one)
    return {
        pack: min(
            several,
            key=lambda one: (one.name != pack, served_by.get(one.name) != pack, one.name),
        )
        for pack, several in served.items()
    }


def twice(found: Iterable[FoundPack], served: Mapping[str, FoundPack]) -> dict[str, str]:
    """By folder, the packs that another folder serves."""
    return {
        one.name: one.served.pack.name
        for one in found
        if one.served is not None and served[one.served.pack.name] is not one
    }


def pack_twice(found: FoundPack, pack: str, serving: FoundPack) -> Problem:
    message = f"another folder's pack is called '{pack}' too; the folder '{serving.name}' serves it"
    return one_error(found.on_disk.place(), "pack-twice", message, "give each pack its own name")


def default_pack_gone(files: PackFiles, default: str) -> Problem:
    message = f"no folder has the default pack '{default}' any more; its last good version serves"
    hint = "put the pack back, or set another default pack (TOCSIN_PACK) and restart"
    return one_error(files.place(), "default-pack-gone", message, hint)
