"""Writes JSON data in one form only, whatever the order of its keys was. docs/api.md defines the form, so it must not change by itself."""

from __future__ import annotations

from typing import Any

import orjson

from schemas.strict_json import Unreadable


def canonical(data: Any) -> bytes:
    try:
        return orjson.dumps(data, option=orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS)
    except TypeError:  # an integer of more than 64 bits, or what only lenient handling reads
        return _part(data)


def _part(data: Any) -> bytes:
    """The same form, slowly, and with integers of any size and numbers and texts that cannot be read."""
    match data:
        case dict():
            parts = (orjson.dumps(key) + b":" + _part(data[key]) for key in sorted(data))
            return b"{" + b",".join(parts) + b"}"
        case list():
            return b"[" + b",".join(map(_part, data)) + b"]"
        case int() if not isinstance(data, bool):
            return str(data).encode()
        case Unreadable():
            return data.written.encode()
    return orjson.dumps(data)
