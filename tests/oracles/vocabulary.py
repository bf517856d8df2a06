"""The facts that random conditions read, values to post for them, and the CEL literals of constants."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from schemas.vocabulary import Vocabulary
from tests.packs import plain_pack

FACTS = """
facts:
  n.a: {type: integer, text: {en: A}}
  n.b: {type: integer, text: {en: B}}
  n.huge: {type: integer, text: {en: Huge}}
  q.a: {type: number, text: {en: A}}
  q.b: {type: number, text: {en: B}}
  b.a: {type: boolean, text: {en: A}}
  b.b: {type: boolean, text: {en: B}}
  s.a: {type: string, text: {en: A}}
  s.b: {type: string, text: {en: B}}
  e.a: {type: enum, values: [mild, grave, dire], text: {en: A}}
  e.b: {type: enum, values: [grave, mild, none], text: {en: B}}
  t.a: {type: datetime, text: {en: A}}
  t.b: {type: datetime, text: {en: B}}
  t.exact: {type: datetime, text: {en: Exact}}
  d.a: {type: duration, text: {en: A}}
  d.exact: {type: duration, text: {en: Exact}}
  l.text: {type: list, of: string, text: {en: Texts}}
  l.more: {type: list, of: string, text: {en: Texts}}
  l.int: {type: list, of: integer, text: {en: Integers}}
"""
RULES = 'rules:\n  - {id: one, when: "b.a", then: {score: 1}, because: {en: one}}\n'

INT64_MAX = 2**63 - 1
INTEGERS = (-101, -100, -99, -8, -7, -2, -1, 0, 1, 2, 3, 6, 7, 8, 99, 100, 101)
HUGE = (-(2**63), 2**31, 2**53 - 1, 2**53, 2**53 + 1, 2**62, INT64_MAX - 1, INT64_MAX)
NUMBERS = (-2.5, -1.0, -0.5, 0.0, 0.1, 0.2, 0.30000000000000004, 0.5, 1.0, 1.5, 2.0, 7.0, 99.5)
LARGE = (9007199254740992.0, 9007199254740994.0, 1e308, -1e308, 5e-324)
TEXTS = (
    "",
    "a",
    "A",
    "b",
    "ab",
    "abc",
    "a.c",
    "危",
    "危机",
    "公关危机",
    "😀",
    "a😀",
    "é",
    "\uffff",
)
MOMENT = datetime(2026, 1, 31, 23, 59, 59, tzinfo=UTC)
MOMENTS = tuple(
    MOMENT + timedelta(seconds=s) for s in (-86400, -3601, -3600, -1, 0, 1, 3600, 86400)
)
EDGES = (datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), datetime(1, 1, 1, tzinfo=UTC))
SECONDS = (-86400, -3600, -1, 0, 1, 59, 60, 61, 3599, 3600, 3601, 86400, 90000)
EXACT = timedelta(microseconds=1)


def vocabulary(folder: Path) -> Vocabulary:
    return plain_pack(folder, RULES, facts=FACTS).vocabulary


def random_value(random: Random, name: str) -> Any:
    """A value that a posted fact can have, often one next to the constants."""
    match name.split("."):
        case ["n", "huge"]:
            value = random.choice(HUGE)
            return -value if value > 0 and random.random() < 0.3 else value
        case ["n", _]:
            return random.choice(INTEGERS)
        case ["q", _]:
            return random.choice(LARGE if random.random() < 0.05 else NUMBERS)
        case ["b", _]:
            return random.random() < 0.5
        case ["s", _]:
            return random.choice(TEXTS)
        case ["e", "a"]:
            return random.choice(("mild", "grave", "dire"))
        case ["e", _]:
            return random.choice(("grave", "mild", "none"))
        case ["t", "exact"]:
            return random.choice(MOMENTS) + random.randint(-1, 1) * EXACT
        case ["t", _]:
            return random.choice(EDGES if random.random() < 0.04 else MOMENTS)
        case ["d", "exact"]:
            return timedelta(seconds=random.choice(SECONDS)) + random.randint(-1, 1) * EXACT
        case ["d", _]:
            return timedelta(seconds=random.choice(SECONDS))
        case ["l", "int"]:
            return tuple(random.choices(INTEGERS[4:12], k=random.randint(0, 3)))
    return tuple(random.choices(TEXTS[:9], k=random.randint(0, 3)))


def random_incident(random: Random, names: tuple[str, ...], unknown: float) -> dict[str, Any]:
    """Facts by dotted name. Each is left out, and so unknown, with this probability."""
    return {name: random_value(random, name) for name in names if random.random() >= unknown}


def quoted(random: Random, text: str) -> str:
    """The text as a CEL string literal, in one of the ways to write it."""
    style = random.random()
    if style < 0.6:
        return json.dumps(text, ensure_ascii=False)
    if style < 0.75:
        return "'" + text + "'"
    if style < 0.8:
        return random.choice("rR") + '"' + text + '"'
    if style < 0.85:
        quotes = random.choice(('"""', "'''"))
        return random.choice(("", "", "r", "R")) + quotes + text + quotes
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(character: str) -> str:
    code = ord(character)
    if code < 0x80:
        sign = "X" if code % 8 == 1 else "x"
        return f"\\{sign}{code:02x}" if code % 2 else f"\\{code:03o}"
    return f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08x}"


def timestamp(random: Random, moment: datetime) -> str:
    """The moment as a CEL call, in one of several offsets."""
    if moment in EDGES:
        return f'timestamp("{moment:%Y}-{moment:%m-%dT%H:%M:%S}Z")'.replace('"1-', '"0001-')
    hours = random.choice((0, 8, -5))
    local = (moment + timedelta(hours=hours)).replace(tzinfo=None).isoformat()
    return f'timestamp("{local}{f"{hours:+03d}:00" if hours else "Z"}")'


def duration(random: Random, value: timedelta) -> str:
    """The duration as a CEL call, in seconds or in hours, minutes and seconds."""
    seconds = abs(value) // timedelta(seconds=1)
    sign = "-" if value < timedelta() else ""
    minutes, rest = divmod(seconds, 60)
    long = f"{minutes // 60}h{minutes % 60}m{rest}s"
    return f'duration("{sign}{random.choice((f"{seconds}s", long))}")'
