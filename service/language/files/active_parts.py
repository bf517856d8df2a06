"""Says which parts of a pack count: those that pack.yaml lists. A part is a folder `parts/NAME` of the pack."""

from __future__ import annotations

from functools import lru_cache

from service.language.collector import Collector
from service.language.files.source import read_source

PARTS_FOLDER = "parts"


@lru_cache(maxsize=64)
def listed_parts(about: bytes) -> tuple[str, ...]:
    """The parts that the bytes of pack.yaml list, sorted: their order changes no answer. None are listed if they cannot be read."""
    if b"parts" not in about:
        return ()
    source = read_source(about, "", Collector())
    names = source.written(("parts",)) if source is not None else None
    return (
        tuple(sorted({one for one in names if isinstance(one, str)}))
        if isinstance(names, list)
        else ()
    )


def part_of(name: str) -> str | None:
    """The part to which a file belongs, by its name inside the pack's folder. None for a file of the base."""
    folder, _, inside = name.partition("/")
    if folder != PARTS_FOLDER or "/" not in inside:
        return None
    return inside.partition("/")[0]


def inside_part(name: str) -> str:
    """The name of a file inside the folder of its part, or inside the pack's folder if it belongs to none."""
    return name if part_of(name) is None else name.split("/", 2)[2]
