"""Changes the data of a pack's file and writes it as YAML again, so that only checks of its meaning can refuse it."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from typing import Any

import yaml

from service.language.collector import Collector
from service.language.files.source import parse_source
from tests.faults.conditions import changed_condition

Draw = random.Random
Path = tuple[Any, ...]

VALUES: list[Any] = [
    None, True, False, 0, -1, 1, 7, 2**63, 10**400, -0.0, 0.5, 1e308, float("inf"), float("nan"), "", " ", "x", "危",
    "x" * 300, "{", "{}", "{wind.speed}", "{load}", "{nope}", "\x00", "\x85", "\u2028", "\ufeff", [], {}, [[]], ["a"],
    ["a", "a"], [None], {"a": "b"}, {"": ""}, {"en": "x"}, {"de": "x"}, "en", "tlh", "UTC", "Mars/Base", "1.0", "1h",
    "2d", "0s", "-1h", "4", "999999999999h", "2026-01-01", "2026-02-30", "0001-01-01", "9999-12-31",
    "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "integer", "number", "boolean", "string", "enum", "datetime",
    "duration", "list", "actions", "sum", "unique", "any", "first", "collect", "count", "min", "max", "priority",
    "always", "true", "null", "alert", "load", "crew", "blocked", "storm", "gale", "calm", "CLOSE_GATE", "CALL_CREW",
    "CUT_MOORINGS", ["CUT_MOORINGS"], "wind.speed", "watch.started", "ships.flags", ["watch.started"],
]  # fmt: skip
CONDITION_KEYS = ("when", "value", "all", "any", "not")


def damaged_data(draw: Draw, text: str) -> str:
    """The file with some changed values, keys and conditions."""
    source = parse_source(text, "pack", Collector())
    if source is None or source.data is None:
        return text
    data = copy.deepcopy(source.data)
    for _ in range(draw.choice([1, 1, 1, 2, 4])):
        data = _changed(draw, data)
    return yaml.dump(data, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False, width=200)


def _changed(draw: Draw, data: Any) -> Any:
    paths = [path for path in _paths(data) if path]
    if not paths:
        return draw.choice(VALUES)
    conditions = [path for path in paths if _is_condition(data, path)]
    if conditions and draw.random() < 0.4:
        path = draw.choice(conditions)
        return _with(data, path, changed_condition(draw, _at(data, path)))
    path = draw.choice(paths)
    parent, key = _at(data, path[:-1]), path[-1]
    if isinstance(parent, list):
        return _with(data, path[:-1], _list(draw, parent, key, _other(draw, data, paths)))
    return _with(data, path[:-1], _mapping(draw, parent, key, _other(draw, data, paths)))


def _other(draw: Draw, data: Any, paths: list[Path]) -> Any:
    """A value of another type, or a value from another place in the file."""
    if draw.random() < 0.5:
        return draw.choice(VALUES)
    return copy.deepcopy(_at(data, draw.choice(paths)))


def _list(draw: Draw, items: list[Any], place: int, other: Any) -> list[Any]:
    before, item, after = items[:place], items[place], items[place + 1 :]
    return draw.choice(
        [
            [*before, other, *after],
            [*before, *after],
            [*before, item, copy.deepcopy(item), *after],
            [item, *after, *before],
            [*before, item, other, *after],
            [*before, *[copy.deepcopy(item) for _ in range(80)], *after],
        ]
    )


def _mapping(draw: Draw, entries: dict[str, Any], key: str, other: Any) -> dict[str, Any]:
    renamed = str(other) if isinstance(other, str | int) else draw.choice(list(entries))
    return draw.choice(
        [
            {**entries, key: other},
            {**entries, key: other},
            {k: v for k, v in entries.items() if k != key},
            {(renamed if k == key else k): v for k, v in entries.items()},
            {**entries, renamed: copy.deepcopy(entries[key])},
            {**entries, key: [entries[key]]},
        ]
    )


def _paths(value: Any, path: Path = ()) -> Iterator[Path]:
    yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _paths(inner, (*path, key))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _paths(inner, (*path, place))


def _is_condition(data: Any, path: Path) -> bool:
    return isinstance(_at(data, path), str) and any(part in CONDITION_KEYS for part in path[-2:])


def _at(data: Any, path: Path) -> Any:
    for part in path:
        data = data[part]
    return data


def _with(data: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    _at(data, path[:-1])[path[-1]] = value
    return data
