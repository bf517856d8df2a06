"""The only JSON reader, for HTTP, batch and command. It refuses JSON that different readers could understand differently."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator
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

_OF_ONE_VALUE = frozenset(["invalid-json", "lone-surrogate", "nul-character", "number-range"])
"""The codes of what can be wrong with a single number or text. NaN is invalid JSON."""
_REFUSED_CHARACTERS = re.compile("[\0\ud800-\udfff]")
_BRACKETS = re.compile(rb'"(?:[^"\\]|\\.)*"?|[\[\]{}]', re.DOTALL)


@dataclass(frozen=True, slots=True)
class StrictJSONError(Exception):
    """Why the bytes are refused; `detail` is a sentence for the sender."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A number or a text in the facts that `read_json` refuses. Lenient handling reads on: it is the value of a wrong fact.

    `legible` is how it can be sent back, `written` how it stands in JSON.
    """

    legible: str
    written: str
    error: StrictJSONError

    def __repr__(self) -> str:
        """How a log shows it."""
        return self.legible


def read_json(raw: bytes, *, lenient: bool = False) -> Any:
    """Parse UTF-8 JSON. Raises StrictJSONError.

    It refuses more than RFC 8259 requires: duplicate keys, NaN and Infinity, numbers beyond a double
    or so small that they would become 0, more than 32 levels, lone surrogates, NUL characters, a byte order mark.
    `lenient` makes single numbers and texts under the key `facts` Unreadable instead.
    """
    try:
        data = _decoded(raw, _DECODER)
        if b"\\u" in raw:
            _check_texts(data)
        return data
    except StrictJSONError as error:
        if lenient and error.code in _OF_ONE_VALUE:
            return _read_with_unreadable_facts(raw)
        raise


def _decoded(raw: bytes, decoder: json.JSONDecoder) -> Any:
    _check_depth(raw)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise StrictJSONError("invalid-utf8", f"byte {error.start} is not UTF-8") from None
    try:
        return decoder.decode(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise StrictJSONError("invalid-json", f"{_reason(error)} at {place}") from None
    except RecursionError:
        raise _too_deep() from None


def _read_with_unreadable_facts(raw: bytes) -> Any:
    """Raises StrictJSONError for what is unreadable anywhere else."""
    data = _decoded(raw, _LENIENT)
    if isinstance(data, dict) and "facts" in data:
        data["facts"] = _marked(data["facts"])
        _check_readable({key: value for key, value in data.items() if key != "facts"})
    else:
        _check_readable(data)
    return data


def _marked(value: Any) -> Any:
    """The value with each refused text as Unreadable. A refused key is made legible: no fact has such a name."""
    match value:
        case str():
            error = _mistake_of_text(value)
            return value if error is None else Unreadable(_legible(value), _written(value), error)
        case list():
            return [_marked(item) for item in value]
        case dict():
            return {_legible(key): _marked(inner) for key, inner in value.items()}
    return value


def _legible(text: str) -> str:
    return _REFUSED_CHARACTERS.sub("\ufffd", text)


def _written(text: str) -> str:
    """Half a surrogate pair is written as its escape."""
    escaped = json.dumps(text, ensure_ascii=False).encode("utf-8", "backslashreplace")
    return escaped.decode("utf-8")


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


def _or_unreadable(read: Callable[[str], Any]) -> Callable[[str], Any]:
    """Reads a number that is written like this, or gives it back as Unreadable."""

    def read_leniently(written: str) -> Any:
        try:
            return read(written)
        except StrictJSONError as error:
            return Unreadable(written, written, error)

    return read_leniently


def _check_texts(data: Any) -> None:
    """Refuses texts that only escapes can spell: half a surrogate pair, which UTF-8 cannot encode, and NUL."""
    for value in _leaves(data):
        if isinstance(value, str) and (error := _mistake_of_text(value)):
            raise error


def _mistake_of_text(text: str) -> StrictJSONError | None:
    if "\0" in text:
        return StrictJSONError("nul-character", r"a text contains a NUL character (\u0000)")
    try:
        text.encode()
    except UnicodeEncodeError:
        return StrictJSONError("lone-surrogate", "a text contains half a surrogate pair")
    return None


def _check_readable(data: Any) -> None:
    for value in _leaves(data):
        if isinstance(value, Unreadable):
            raise value.error
    _check_texts(data)


def _leaves(data: Any) -> Iterator[Any]:
    """The texts, also those of keys, and all that is neither an object nor a list."""
    waiting = [data]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting += value
        elif isinstance(value, dict):
            waiting += value.keys()
            waiting += value.values()
        else:
            yield value


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_double, parse_constant=_constant
)
_LENIENT = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_int=_or_unreadable(_integer),
    parse_float=_or_unreadable(_double),
    parse_constant=_or_unreadable(_constant),
)
