"""Puts the files of a pack's base and of its parts together: each section has the entries of all of them, with their places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from service.language.collector import BoundValue, Places
from service.language.files.moved_places import MovedPlaces
from service.language.files.read_file import LoadedFile
from service.language.place import Path


def merged(files: Sequence[LoadedFile], *sections: str) -> LoadedFile:
    """The first file with the entries of all. An entry whose name is in two of them is reported.

    `source` stays that of the first file; `here` knows the places of all.
    """
    first, *others = files
    if not others:
        return first
    moved: dict[Path, tuple[Places, Path]] = {}
    data = dict(first.data)
    for section in sections:
        entries = dict(data.get(section, {}))
        owners = dict.fromkeys(entries, first)
        for file in others:
            for name, entry in file.data.get(section, {}).items():
                if name in entries:
                    _refuse(name, section, owners[name], file)
                    continue
                entries[name], owners[name] = entry, file
                moved[(section, name)] = (file.here.source, (section, name))
        if entries:
            data[section] = entries
    here = BoundValue(first.here.collector, MovedPlaces(first.here.source, moved))
    return replace(first, data=data, here=here)


def _refuse(name: str, section: str, owner: LoadedFile, file: LoadedFile) -> None:
    there = owner.here.at(section, name).key.place
    message = f"'{name}' is already declared at {there.file}:{there.line}"
    file.here.at(section, name).key.error("name-conflict", message, "choose another name")


def check_listed(
    listed: Sequence[str], known: Mapping[str, Any] | Sequence[str], here: BoundValue
) -> None:
    """Report each part that pack.yaml lists and that has no folder, or that it lists twice."""
    for position, name in enumerate(listed):
        at = here.at(position)
        if name not in known:
            hint = f"parts: {', '.join(known)}" if known else "make the folder, with its files"
            at.error("unknown-part", f"there is no folder 'parts/{name}' with files", hint)
        elif name in listed[:position]:
            at.error("bad-value", f"'{name}' is listed twice", "list each part once")
