"""`ways.py` runs this in the folder of a tree. It writes, as JSON, the functions of that tree on the way of one marked value.

The marked value enters at one end and passes through the whole service (`create_app`, a request of its test client):

- `facts`: a number as one fact of a request to the default pack. The same request is sent once before, so that work done
  only once is not traced.
- `rule`: a word in the id and the reason of the only rule of a pack, and a number as the constant of its condition. The
  start with this pack and one request for which the rule fires are traced; the child process that proves the pack is not.

A function is on the way if the value is in one of its arguments (`self` too) or in a value that it returns or yields: by
itself, inside a text, or inside a limited number of containers (mapping, list, tuple, set, object of the tree's classes):

- `facts`: three, because a fact lies that deep in a request: facts, group, name.
- `rule`: one, such as the rule itself, which has its id. With more, functions that only handle all rules would count.

The variables of a closure are not searched. Comprehensions and generator expressions do not count as functions, because
Python 3.12 does not call comprehensions. This module uses only interfaces that do not change between versions: `create_app`,
the URL, the settings, and the keys of a pack's files.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from service import create_app

WORD = "marked_rule"
NUMBER = 7_654_321
AS_OF = "2026-03-01T12:00:00Z"
CONTAINERS = {"facts": 3, "rule": 1}
TOPS = ("service", "schemas")
NO_FUNCTIONS = {"<module>", "<listcomp>", "<dictcomp>", "<setcomp>", "<genexpr>"}
TAKES_MORE = 0x04, 0x08  # of code flags: *args, **kwargs
PACK = {
    "pack.yaml": """
pack: one
version: 1.0.0
title: {en: One}
locale: en
timezone: UTC
answer: [grade]
outputs:
  grade: {type: enum, hit: priority, default: low, text: {en: Grade}, values: {high: {text: {en: High}}, low: {text: {en: Low}}}}
""",
    "facts.yaml": """
facts:
  harm.deaths: {type: integer, min: 0, text: {en: Deaths}}
""",
    "actions.yaml": "actions: {}\n",
    "rules.yaml": f"""
rules:
  - id: {WORD}
    when: harm.deaths >= {NUMBER}
    then: {{grade: high}}
    source: a made-up rule
    because: {{en: "{WORD}: {{harm.deaths}} people died"}}
""",
}


class Trace:
    """Collects the functions of the tree on the way, in the order in which they are first entered with the value."""

    def __init__(self, tree: Path, containers: int) -> None:
        self._prefix = f"{tree}{os.sep}"
        self._containers = containers
        self._places: dict[CodeType, tuple[str, str] | None] = {}
        self._entered: dict[FrameType, int] = {}
        self._entries = 0
        self._found: dict[tuple[str, str], int] = {}

    def steps(self) -> list[tuple[str, str]]:
        return sorted(self._found, key=self._found.__getitem__)

    @contextmanager
    def on(self) -> Iterator[None]:
        sys.setprofile(self._on_event)
        try:
            yield
        finally:
            sys.setprofile(None)

    def _on_event(self, frame: FrameType, event: str, value: Any) -> None:
        if event == "call":
            place = self._place(frame.f_code)
            if place is not None and place not in self._found:
                self._enter(frame, place)
        elif event == "return" and frame in self._entered:
            place, entry = self._place(frame.f_code), self._entered.pop(frame)
            if place is not None and place not in self._found and self._has(value):
                self._found[place] = entry

    def _enter(self, frame: FrameType, place: tuple[str, str]) -> None:
        self._entries += 1
        if any(map(self._has, _arguments(frame))):
            self._found[place] = self._entries
        else:
            self._entered[frame] = self._entries

    def _place(self, code: CodeType) -> tuple[str, str] | None:
        """The path and the name of a function of the tree; None for other code."""
        if code not in self._places:
            path = code.co_filename.removeprefix(self._prefix)
            ours = path != code.co_filename and Path(path).parts[0] in TOPS
            named = ours and code.co_name not in NO_FUNCTIONS
            self._places[code] = (Path(path).as_posix(), code.co_qualname) if named else None
        return self._places[code]

    def _has(self, value: object) -> bool:
        layer = [value]
        for _ in range(self._containers + 1):
            if any(map(_is_marked, layer)):
                return True
            layer = [inner for outer in layer for inner in _contents(outer)]
        return False


def _arguments(frame: FrameType) -> list[object]:
    code = frame.f_code
    more = sum(bool(code.co_flags & flag) for flag in TAKES_MORE)
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount + more]
    values = frame.f_locals
    return [values[name] for name in names if name in values]


def _is_marked(value: object) -> bool:
    match value:
        case bool():
            return False
        case int() | float():
            return value == NUMBER
        case str():
            return WORD in value or str(NUMBER) in value
        case bytes():
            return WORD.encode() in value or str(NUMBER).encode() in value
    return False


def _contents(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        yield from dict.keys(value)
        yield from dict.values(value)
    elif isinstance(value, list | tuple | set | frozenset):
        yield from value
    elif type(value).__module__.partition(".")[0] in TOPS:
        yield from getattr(value, "__dict__", {}).values()
        slots = (name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ()))
        yield from (getattr(value, name) for name in slots if hasattr(value, name))


def facts_way(trace: Trace, folder: Path) -> None:
    assess = _service(Path("rules"), folder)
    assess(NUMBER)
    with trace.on():
        assess(NUMBER)


def rule_way(trace: Trace, folder: Path) -> None:
    pack = folder / "packs" / "one"
    pack.mkdir(parents=True)
    for name, text in PACK.items():
        (pack / name).write_text(text, "utf-8")
    with trace.on():
        assess = _service(pack.parent, folder)
        assess(NUMBER + 1)


def _service(packs: Path, folder: Path) -> Callable[[int], None]:
    """Starts the service with these packs. Returns a function that posts an incident with a number of deaths."""
    os.environ["TOCSIN_PACKS"] = str(packs)
    os.environ["TOCSIN_STATE"] = str(folder / "state")
    os.environ["TOCSIN_LOG_LEVEL"] = "error"
    client = create_app().test_client()

    def assess(deaths: int) -> None:
        body = {"facts": {"harm": {"deaths": deaths}}, "as_of": AS_OF}
        reply = client.post("/v1/assessments", json=body)
        if reply.status_code != 200:
            raise SystemExit(f"the service answered {reply.status_code}: {reply.text}")

    return assess


def main(way: str) -> None:
    trace = Trace(Path.cwd(), CONTAINERS[way])
    with tempfile.TemporaryDirectory() as folder:
        {"facts": facts_way, "rule": rule_way}[way](trace, Path(folder))
    json.dump(trace.steps(), sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
