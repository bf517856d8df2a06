"""Counts each folder's modules, rooms, arrows and floors.

A room of a folder is a module in it, or a subfolder with modules. An arrow is an import from one room of a folder to
another room of it. The floors are the rooms of the longest chain of arrows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from tests.structure.sources import Module, imports


@dataclass(frozen=True, slots=True)
class Folder:
    """`modules` are those directly in the folder, without `__init__.py`. `floors` is None if arrows make a circle."""

    modules: int
    rooms: int
    arrows: int
    floors: int | None


def measure_folders(modules: Mapping[str, Module]) -> dict[str, Folder]:
    """The figures of each folder, by path."""
    pairs = imports(modules)
    paths = sorted({module.folder for module in modules.values()})
    return {path: _measure(path, modules, pairs) for path in paths}


def _measure(path: str, modules: Mapping[str, Module], pairs: Iterable[tuple[str, str]]) -> Folder:
    inside = [module for module in modules.values() if module.folder == path]
    rooms = {_room(name, path) for name in modules} - {""}
    between = ((_room(source, path), _room(target, path)) for source, target in pairs)
    arrows = {(source, target) for source, target in between if source and target} - {
        (room, room) for room in rooms
    }
    return Folder(
        modules=sum(not module.is_package for module in inside),
        rooms=len(rooms),
        arrows=len(arrows),
        floors=_floors(rooms, arrows),
    )


def _room(name: str, path: str) -> str:
    """The room of the folder to which a module belongs; "" for the folder itself and for modules elsewhere."""
    folder = path.replace("/", ".") + "."
    return name.removeprefix(folder).partition(".")[0] if name.startswith(folder) else ""


def _floors(rooms: Iterable[str], arrows: Iterable[tuple[str, str]]) -> int | None:
    below: dict[str, set[str]] = {room: set() for room in rooms}
    for source, target in arrows:
        below[source].add(target)
    floor: dict[str, int] = {}
    try:
        for room in TopologicalSorter(below).static_order():
            floor[room] = 1 + max((floor[other] for other in below[room]), default=0)
    except CycleError:
        return None
    return max(floor.values(), default=0)
