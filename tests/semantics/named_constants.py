"""Puts names of constants and lists in place of the literals of a random pack: the rules must stay the same."""

from __future__ import annotations

import re
from collections.abc import Mapping
from random import Random
from typing import Any

LITERAL = re.compile(
    r'(?<!r)(?P<list>\["[^"\]]*"(?:, "[^"\]]*")*\])|(?<!r)(?P<string>"[^"]*")|(?<![\w.])(?P<number>\d+(?:\.\d+)?)(?![\w.])'
)
QUOTED_ONLY = re.compile(r'"[^"]*"')
TEXT = {"en": "named"}
Files = Mapping[str, Any]


def named(files: Files, chance: Random) -> dict[str, Any]:
    """The files of a pack as data, with a constants.yaml and most literals of conditions named."""
    constants: dict[str, Any] = {}
    lists: dict[str, Any] = {}

    def name_of(found: re.Match[str]) -> str:
        if chance.random() < 0.2:
            return found.group()
        if (written := found["list"]) is not None:
            values = [text[1:-1] for text in QUOTED_ONLY.findall(written)]
            lists[name := f"l{len(lists)}"] = {"of": "string", "values": values, "text": TEXT}
            return f"lists.{name}"
        if (text := found["string"]) is not None:
            type_, value = "string", text[1:-1]
        elif "." in found["number"]:
            type_, value = "number", float(found["number"])
        else:
            type_, value = "integer", int(found["number"])
        constants[name := f"c{len(constants)}"] = {"type": type_, "value": value, "text": TEXT}
        return f"constants.{name}"

    def changed(data: Any) -> Any:
        if isinstance(data, dict):
            return {
                key: LITERAL.sub(name_of, value)
                if key in ("when", "value") and isinstance(value, str)
                else changed(value)
                for key, value in data.items()
            }
        return [changed(item) for item in data] if isinstance(data, list) else data

    made = {name: changed(data) for name, data in files.items()}
    return {**made, "constants.yaml": {"constants": constants, "lists": lists}}
