"""Measures the length of functions in lines, from `def` to the end. Docstring and inner functions count, decorators do not."""

from __future__ import annotations

import ast
import statistics
from collections.abc import Mapping
from dataclasses import dataclass

from tests.structure.sources import TOPS, Module


@dataclass(frozen=True, slots=True)
class Functions:
    """Nine of ten functions are no longer than `ninetieth`. `longest_at` is path, line and name of the longest."""

    count: int
    median: float
    ninetieth: int
    longest: int
    longest_at: str


def measure_functions(modules: Mapping[str, Module]) -> dict[str, Functions]:
    """The figures of each top folder that has functions."""
    lengths = {top: sorted(_lengths(modules, top)) for top in TOPS}
    return {top: _summary(found) for top, found in lengths.items() if found}


def _lengths(modules: Mapping[str, Module], top: str) -> list[tuple[int, str]]:
    return [
        (
            (node.end_lineno or node.lineno) - node.lineno + 1,
            f"{module.path}:{node.lineno} {node.name}",
        )
        for module in modules.values()
        if module.path.startswith(f"{top}/")
        for node in ast.walk(module.code)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def _summary(lengths: list[tuple[int, str]]) -> Functions:
    lines = [length for length, _ in lengths]
    longest, place = lengths[-1]
    nearest_rank = -(-len(lines) * 9 // 10)
    return Functions(len(lines), statistics.median(lines), lines[nearest_rank - 1], longest, place)
