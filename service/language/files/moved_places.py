"""The places of data that was put together from several places, such as an action and the defaults of its file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service.language.collector import Places
from service.language.place import Path, Place


@dataclass(frozen=True, slots=True)
class MovedPlaces:
    """`base` knows the places, but what is at a path of `moved`, and inside it, came from that path of another source."""

    base: Places
    moved: Mapping[Path, tuple[Places, Path]]

    def place(self, path: Path) -> Place:
        source, there = self.origin(path)
        return source.place(there)

    def key_place(self, path: Path) -> Place:
        source, there = self.origin(path)
        return source.key_place(there)

    def written(self, path: Path) -> Any:
        source, there = self.origin(path)
        return source.written(there)

    def origin(self, path: Path) -> tuple[Places, Path]:
        """The source that has what is at `path`, and its path there. The source may be one with moved places too."""
        for length in range(len(path), 0, -1):
            if (found := self.moved.get(path[:length])) is not None:
                return found[0], (*found[1], *path[length:])
        return self.base, path
