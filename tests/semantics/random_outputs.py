"""The outputs that random packs choose from: every hit policy, with a random default, `min` and `max`."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

Entry = dict[str, Any]
COLLECTED = ("collect", "collect_all")
COLOURS = ("red", "amber", "green")


def _clamped(kind: str, hit: str) -> Callable[[random.Random], Entry]:
    def make(chance: random.Random) -> Entry:
        entry: Entry = {"type": kind, "hit": hit, "default": chance.randint(-1, 1)}
        if chance.random() < 0.4:
            entry["min"] = chance.randint(-3, -1)
        if chance.random() < 0.4:
            entry["max"] = chance.randint(1, 3)
        return entry

    return make


def _of_colours(hit: str) -> Callable[[random.Random], Entry]:
    def make(chance: random.Random) -> Entry:
        values = {code: {"level": level + 1} for level, code in enumerate(COLOURS)}
        entry = {"type": "enum", "hit": hit, "default": chance.choice(COLOURS)}
        return entry | {"values": values}

    return make


OUTPUTS: Mapping[str, Callable[[random.Random], Entry]] = {
    "grade": _of_colours("priority"),
    "pick": _of_colours("first"),
    "only": _of_colours("unique"),
    "agreed": _of_colours("any"),
    "alarm": lambda chance: {"type": "boolean", "hit": "any", "default": False},
    "score": _clamped("integer", "sum"),
    "weight": _clamped("number", "sum"),
    "least": _clamped("integer", "min"),
    "most": _clamped("number", "max"),
    "place": lambda chance: {"type": "integer", "hit": "first", "default": chance.randint(-2, 2)},
    "tally": lambda chance: {"type": "integer", "hit": "count", "default": 0},
    "tags": lambda chance: {"type": "string", "hit": "collect"},
    "notes": lambda chance: {"type": "string", "hit": "collect_all"},
}
