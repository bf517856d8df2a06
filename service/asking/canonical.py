"""Writes JSON data in one form only, whatever the order of its keys was. docs/api.md defines the form, so it must not change by itself."""

from __future__ import annotations

from typing import Any

import orjson


def canonical(data: Any) -> bytes:
    try:
        return orjson.dumps(data, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # an integer of more than 64 bits
        return _part(data)


def _part(data: Any) -> bytes:
    """The same form, slowly, and with integers of any size."""
    match data:
        case dict():
            parts = (orjson.dumps(key) + b":" + _part(data[key]) for key in sorted(data))
            return b"{" + b",".join(parts) + b"}"
        case list():
            return b"[" + b",".join(map(_part, data)) + b"]"
        case int() if not isinstance(data, bool):
            return str(data).encode()
    return orjson.dumps(data)
