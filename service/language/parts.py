"""Puts the files of a pack's base and of its parts together: each section has the entries of all of them, with their places."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from schemas.closest import did_you_mean
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


def extended(catalogue: LoadedFile, files: Sequence[LoadedFile]) -> LoadedFile:
    """The catalogue with the alternatives that parts add to actions of the base, which is the first of `files`.

    They stand before those of the base, in the order of the parts: what a trade has of its own goes before what all have.
    """
    base, *parts = files
    actions = dict(catalogue.data["actions"])
    moved: dict[Path, tuple[Places, Path]] = {}
    for code in dict.fromkeys(code for part in parts for code in _extends(part, base)):
        written = [(part, ("extends", code)) for part in parts if code in part.data["extends"]]
        cases: list[Any] = []
        for file, path in (*written, (base, ("actions", code))):
            own = file.data[path[0]][code].get("by_case", ())
            for number, case in enumerate(own):
                there = (file.here.source, (*path, "by_case", number))
                moved["actions", code, "by_case", len(cases)] = there
                cases.append(case)
        actions[code] = {**actions[code], "by_case": cases}
    here = BoundValue(catalogue.here.collector, MovedPlaces(catalogue.here.source, moved))
    return replace(catalogue, data={**catalogue.data, "actions": actions}, here=here)


def _extends(part: LoadedFile, base: LoadedFile) -> Iterator[str]:
    """The actions of the base to which a part adds alternatives. Any other is reported."""
    known = base.data["actions"]
    for code in part.data["extends"]:
        if code in known:
            yield code
            continue
        message = f"'{code}' is not an action of the base"
        hint = did_you_mean(code, known) or "a part adds to actions of the base only"
        part.here.at("extends", code).key.error("unknown-action", message, hint)


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
