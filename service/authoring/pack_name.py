"""Checks the name of a pack beside the other packs of its folder of packs. It loads none of them."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from service.language.collector import Collector, one_error
from service.language.files.look import PACK_FILE, printable
from service.language.files.pack_files import read_regular_file
from service.language.files.source import read_source
from service.language.model import Pack
from service.language.place import Place
from service.language.problem import Problem
from service.serving.pack_folders import find_packs


def check_name(folder: Path, pack: Pack) -> list[Problem]:
    """One error if a server would serve another folder's pack under this name: a folder that is called like it, or any
    other if none is."""
    here = folder.absolute()
    if here.name == pack.name:
        return []
    same = [
        name
        for name in find_packs(here.parent).names
        if name != here.name and _name(here.parent / name) == pack.name
    ]
    if not same:
        return []
    other = pack.name if pack.name in same else same[0]
    return [
        one_error(
            Place(printable(folder / PACK_FILE)),
            "pack-twice",
            f"the folder '{other}' beside this one has a pack called '{pack.name}' too",
            "give each pack its own name",
        )
    ]


def _name(folder: Path) -> object:
    """The name that a pack's file gives it. None if it cannot be read."""
    with suppress(OSError):
        raw = read_regular_file(folder / PACK_FILE)
        source = read_source(raw, PACK_FILE, Collector())
        if source is not None and isinstance(source.data, dict):
            return source.data.get("pack")
    return None
