"""Makes bodies from valid ones by seeded random changes of bytes and of JSON values."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from typing import Any

from tests.faults.fitting import MOMENTS, ZONES, at_the_ends, with_fact, without_a_group
from tests.faults.tokens import NUMBERS, RAW, TEXTS, facts_of_packs, incidents, words

ACCIDENTS_AT_ONCE = (1, 1, 1, 2, 3, 5)
MOST_LINES = 6
GROWING = 10_000
"""The most characters of a list that is repeated: a server does not read a body beyond 64 MiB to the end to answer 413."""
MARK = "\ue000"
"""Encloses the number of a text that a JSON writer would not write. No body has this character."""
Draw = random.Random


class Bodies:
    """The same seed and number give the same body."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._incidents = incidents()
        self._whole = [json.dumps(body, ensure_ascii=False).encode() for body in self._incidents]
        names = sorted(words())
        self._names = names
        self._facts = facts_of_packs()
        self._raw = [*NUMBERS, *(f'"{text}"' for text in TEXTS)]
        quoted = [f'"{text}"'.encode() for text in (*names, *TEXTS)]
        self._tokens = [*RAW, *quoted, *(number.encode() for number in NUMBERS)]

    def body(self, number: int) -> bytes:
        """One incident, changed."""
        return self._body(Draw(f"body {self._seed} {number}"))

    def batch(self, number: int) -> bytes:
        """Some changed incidents, one per line. An incident that contains a line feed becomes several lines."""
        draw = Draw(f"batch {self._seed} {number}")
        lines = [self._body(draw) for _ in range(draw.randint(1, MOST_LINES))]
        return draw.choice([b"\n", b"\r\n", b"\n\n"]).join(lines)

    def _body(self, draw: Draw) -> bytes:
        if draw.random() < 0.6:
            body = self._misshapen(draw)
            return body if draw.random() < 0.8 else self._damaged(draw, body)
        return self._damaged(draw, draw.choice(self._whole))

    def _damaged(self, draw: Draw, body: bytes) -> bytes:
        for _ in range(draw.choice(ACCIDENTS_AT_ONCE)):
            body = draw.choice(ACCIDENTS)(draw, body, self._tokens, self._whole)
        return body

    def _misshapen(self, draw: Draw) -> bytes:
        """Usually still JSON, with facts at their bounds, values of other types, other keys and duplicate keys."""
        body = draw.choice(self._incidents)
        facts = self._facts.get(body.get("pack", ""), ())
        for fact in draw.sample(facts, min(len(facts), draw.choice([0, 1, 5, 40]))):
            body = with_fact(draw, body, fact)
        if draw.random() < 0.3:
            body = {**body, "as_of": draw.choice(MOMENTS)}
        if draw.random() < 0.2:
            body = {**body, "timezone": draw.choice(ZONES)}
        if draw.random() < 0.1:
            body = {**body, "facts": without_a_group(draw, body["facts"])}
        if "previous" in body and draw.random() < 0.5:
            body = {**body, "previous": at_the_ends(draw, body["previous"])}
        if draw.random() < 0.4:
            return json.dumps(body).encode()
        for _ in range(draw.choice(ACCIDENTS_AT_ONCE)):
            body = self._changed(draw, body)
        text = json.dumps(body, ensure_ascii=False)
        for number, raw in enumerate(self._raw):
            text = text.replace(f'"{MARK}{number}{MARK}"', raw)
        return text.encode()

    def _changed(self, draw: Draw, value: Any) -> Any:
        """`value` with one change, most often near the leaves."""
        if isinstance(value, dict) and value and draw.random() < 0.9:
            key = draw.choice(list(value))
            if draw.random() < 0.15:
                return {**value, draw.choice(self._names): self._value(draw)}
            if draw.random() < 0.05:
                return {draw.choice(self._names) if k == key else k: v for k, v in value.items()}
            return {**value, key: self._changed(draw, value[key])}
        if isinstance(value, list) and value and draw.random() < 0.7:
            times = draw.choice([1, 1, 1, 300]) if len(repr(value)) < GROWING else 1
            return [*value, self._value(draw)] * times
        return self._value(draw)

    def _value(self, draw: Draw) -> Any:
        kind = draw.random()
        if kind < 0.4:
            return f"{MARK}{draw.randrange(len(self._raw))}{MARK}"
        if kind < 0.7:
            return draw.choice(self._names)
        return draw.choice([None, True, False, 0, 1, -1, 7, 0.5, 10**6, [], {}, [1, "a", None]])


Accident = Callable[[Draw, bytes, Sequence[bytes], Sequence[bytes]], bytes]


def _range(draw: Draw, body: bytes, longest: int = 40) -> tuple[int, int]:
    start = draw.randint(0, len(body))
    return start, min(len(body), start + draw.randint(1, longest))


def flip_bit(draw: Draw, body: bytes, tokens: Sequence[bytes], others: Sequence[bytes]) -> bytes:
    if not body:
        return b"\x01"
    place = draw.randrange(len(body))
    return body[:place] + bytes([body[place] ^ (1 << draw.randrange(8))]) + body[place + 1 :]


def set_byte(draw: Draw, body: bytes, tokens: Sequence[bytes], others: Sequence[bytes]) -> bytes:
    start, _ = _range(draw, body)
    return body[:start] + draw.randbytes(1) + body[start + 1 :]


def cut_out(draw: Draw, body: bytes, tokens: Sequence[bytes], others: Sequence[bytes]) -> bytes:
    start, end = _range(draw, body)
    return body[:start] + body[end:]


def cut_off(draw: Draw, body: bytes, tokens: Sequence[bytes], others: Sequence[bytes]) -> bytes:
    return body[: draw.randint(0, len(body))]


def repeat(draw: Draw, body: bytes, tokens: Sequence[bytes], others: Sequence[bytes]) -> bytes:
    start, end = _range(draw, body, draw.choice([1, 10, 200]))
    return body[:end] + body[start:end] * draw.choice([1, 1, 2, 50]) + body[end:]


def insert(draw: Draw, body: bytes, tokens: Sequence[bytes], others: Sequence[bytes]) -> bytes:
    start, _ = _range(draw, body)
    return body[:start] + draw.choice(tokens) + body[start:]


def replace(draw: Draw, body: bytes, tokens: Sequence[bytes], others: Sequence[bytes]) -> bytes:
    """Replaces a whole JSON token if there is one, else some bytes."""
    start, end = _range(draw, body)
    ends = [place for mark in b',:"{}[]' if (place := body.find(mark, start + 1)) > 0]
    return body[:start] + draw.choice(tokens) + body[min(ends, default=end) :]


def splice(draw: Draw, body: bytes, tokens: Sequence[bytes], others: Sequence[bytes]) -> bytes:
    other = draw.choice(others)
    return body[: draw.randint(0, len(body))] + other[draw.randint(0, len(other)) :]


ACCIDENTS: list[Accident] = [
    flip_bit, set_byte, cut_out, cut_off, repeat, insert, insert, replace, replace, splice,
]  # fmt: skip
