"""Measures the way of one value through the rooms in a run of the service: the facts of a request, and one rule.

A room is a path of at most three parts: `service/reload`, `service/engine/judging`, `schemas/facts`. Each way runs in its
own process, so that any tree can be measured. `on_the_way.py` finds the functions on the way.
The functions are in the order in which they are first entered, each once. A change of room is a pair of neighbours in
different rooms.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

WAYS = {
    "facts": "`facts` from bytes to bytes",
    "rule": "one rule from YAML to its reason",
}
CHILD = Path(__file__).parent / "on_the_way.py"
PARTS_OF_A_ROOM = 3


@dataclass(frozen=True, slots=True)
class Way:
    """`steps` are the functions, each as path and name."""

    changes: int
    rooms: int
    functions: int
    steps: tuple[str, ...]


def measure_ways(tree: Path) -> dict[str, Way]:
    """Raises CalledProcessError if the tree's service does not answer."""
    return {title: way_of(steps(tree, way)) for way, title in WAYS.items()}


def way_of(functions: Sequence[tuple[str, str]]) -> Way:
    """The way through these functions, given as path and name in order."""
    rooms = [room_of(path) for path, _ in functions]
    return Way(
        changes=sum(before != after for before, after in pairwise(rooms)),
        rooms=len(set(rooms)),
        functions=len(functions),
        steps=tuple(f"{path} {name}" for path, name in functions),
    )


def steps(tree: Path, way: str) -> list[tuple[str, str]]:
    """Path and name of each function on the way. Raises CalledProcessError if the tree's service does not answer."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("TOCSIN_")}
    environment = {
        **kept,
        "PYTHONPATH": str(tree.resolve()),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",  # fixes the order of sets, so that every run enters functions in the same order
    }
    done = subprocess.run(
        [sys.executable, "-P", str(CHILD), way],  # -P: only the tree's own `service` is importable
        cwd=tree,
        env=environment,
        stdout=subprocess.PIPE,
        check=True,
    )
    return [(path, name) for path, name in json.loads(done.stdout)]


def room_of(path: str) -> str:
    parts = path.removesuffix(".py").removesuffix("/__init__").split("/")
    return "/".join(parts[:PARTS_OF_A_ROOM])
