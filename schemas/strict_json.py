"""The only JSON reader, for HTTP, batch and command. It refuses JSON that different readers could understand differently."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

import orjson

from schemas.scalars import becomes_zero

Json = dict[str, Any]
"""A JSON object."""

MAX_DEPTH = 32
MAX_DIGITS = 400
"""The most digits of an integer: far more than int64 needs, so that the range check can name the field."""

NO_NUL = r"^[^\u0000]*$"
"""The pattern of an accepted text, for the OpenAPI document."""

_BRACKETS = re.compile(rb'"(?:[^"\\]|\\.)*"?|[\[\]{}]', re.DOTALL)


@dataclass(frozen=True, slots=True)
class StrictJSONError(Exception):
    """Why the bytes are refused; `detail` is a sentence for the sender."""

    code: str
    detail: str


def read_json(raw: bytes) -> Any:
    """Parse UTF-8 JSON. Raises StrictJSONError.

    It refuses more than RFC 8259 requires: duplicate keys, NaN and Infinity, numbers beyond a double
    or so small that they would become 0, more than 32 levels, lone surrogates, NUL characters, a byte order mark.
    """
    _check_depth(raw)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise StrictJSONError("invalid-utf8", f"byte {error.start} is not UTF-8") from None
    try:
        data = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise StrictJSONError("invalid-json", f"{_reason(error)} at {place}") from None
    except RecursionError:
        raise _too_deep() from None
    if b"\\u" in raw:
        _check_texts(data)
    return data


def write_json(data: Any) -> bytes:
    """UTF-8, compact, Chinese unescaped."""
    return orjson.dumps(data)


def _reason(error: json.JSONDecodeError) -> str:
    if error.doc.startswith("\ufeff"):
        return "there is a byte order mark before the JSON"
    return error.msg[0].lower() + error.msg[1:] if error.doc.strip() else "the body is empty"


def _too_deep() -> StrictJSONError:
    return StrictJSONError("too-deep", f"JSON may nest at most {MAX_DEPTH} levels")


def _check_depth(raw: bytes) -> None:
    if raw.count(b"[") + raw.count(b"{") <= MAX_DEPTH:
        return
    depth = 0
    for match in _BRACKETS.finditer(raw):
        token = match.group()
        if token in (b"[", b"{"):
            depth += 1
            if depth > MAX_DEPTH:
                raise _too_deep()
        elif token in (b"]", b"}"):
            depth -= 1


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise StrictJSONError(
                    "duplicate-key", f"the key {key[:80]!r} occurs twice in one object"
                )
            seen.add(key)
    return found


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise StrictJSONError("number-range", "a number has too many digits")
    return int(digits)


def _double(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise StrictJSONError("number-range", f"the number {digits[:40]} is beyond a double")
    if becomes_zero(digits, value):
        detail = f"the number {digits[:40]} is too small for a double: it would become 0"
        raise StrictJSONError("number-range", detail)
    return value


def _constant(name: str) -> NoReturn:
    raise StrictJSONError("invalid-json", f"{name} is not JSON")


def _check_texts(data: Any) -> None:
    """Refuses texts that only escapes can spell: half a surrogate pair, which UTF-8 cannot encode, and NUL."""
    for text in _texts(data):
        if "\0" in text:
            raise StrictJSONError("nul-character", r"a text contains a NUL character (\u0000)")
        try:
            text.encode()
        except UnicodeEncodeError:
            detail = "a text contains half a surrogate pair"
            raise StrictJSONError("lone-surrogate", detail) from None


def _texts(data: Any) -> Iterator[str]:
    waiting = [data]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            waiting += value
        elif isinstance(value, dict):
            waiting += value.keys()
            waiting += value.values()


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_double, parse_constant=_constant
)
