"""Measures what large packs take before they answer: CPU seconds to load and to compile, and the memory of the index."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.figures import Section, table
from bench.synthetic import Shape
from service.engine.judging.compile_pack import compile_pack
from service.language.load import load_pack
from service.language.model import Pack

SIZES = (1_000, 10_000)
NO_INDEX = 0


@dataclass(frozen=True)
class Taken:
    """CPU seconds to load the files and to compile the pack, and the megabytes of the program with its index and without it."""

    rules: int
    load: float
    compile: float
    megabytes: float
    megabytes_without_index: float


def measured(folder: Path, sizes: Sequence[int] = SIZES) -> list[Taken]:
    return [_taken(Shape(rules), folder / f"{rules}") for rules in sizes]


def _taken(shape: Shape, folder: Path) -> Taken:
    shape.write(folder)
    began = time.process_time()
    pack, _ = load_pack(folder)
    loaded = time.process_time()
    assert pack is not None
    compile_pack(pack)
    compiled = time.process_time()
    return Taken(
        shape.rules,
        loaded - began,
        compiled - loaded,
        _megabytes(pack),
        _megabytes(pack, NO_INDEX),
    )


def _megabytes(pack: Pack, *most_bytes_of_masks: int) -> float:
    tracemalloc.start()
    program = compile_pack(pack, *most_bytes_of_masks)
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (program.match_rules is None) is bool(most_bytes_of_masks)
    return size / 1e6


def section(found: Sequence[Taken]) -> Section:
    lines = [
        "Synthetic packs of 30 facts. Loading reads and checks the files; compiling makes the program of the reference. The index is the",
        "difference between the last two columns: its masks grow with rules times constants.",
        "",
        *table(
            ["rules", "load, s", "compile, s", "program, MB", "without the index, MB"],
            [
                [
                    f"{one.rules:,}",
                    f"{one.load:.1f}",
                    f"{one.compile:.2f}",
                    f"{one.megabytes:.1f}",
                    f"{one.megabytes_without_index:.1f}",
                ]
                for one in found
            ],
        ),
    ]
    return Section("Large packs", lines)
