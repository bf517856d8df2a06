"""Makes mutants: packs whose files have seeded random changes, similar to mistakes of authors or editors."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.faults.conditions import damaged_condition
from tests.faults.pack_data import damaged_data
from tests.packs import HARBOUR
from tests.server import ROOT

PACKS = {"harbour": HARBOUR, "pr_crisis": ROOT / "rules" / "pr_crisis"}
LARGE_EVERY = 40
"""One mutant in this many is of the default pack, because that takes forty times as long to load."""
ACCIDENTS_AT_ONCE = (1, 1, 1, 2, 3, 6)
Draw = random.Random


@dataclass(frozen=True, slots=True)
class Mutant:
    """`pack` with these changed files."""

    pack: str
    files: dict[str, bytes]


class Mutants:
    """The same seed and number give the same mutant."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._files = {pack: _files(folder) for pack, folder in PACKS.items()}

    def mutant(self, number: int) -> Mutant:
        draw = Draw(f"pack {self._seed} {number}")
        pack = "pr_crisis" if number % LARGE_EVERY == 0 else "harbour"
        files = self._files[pack]
        changed = {}
        for name in draw.sample(sorted(files), draw.choice([1, 1, 1, 2])):
            changed[name] = _damaged(draw, files[name], files[draw.choice(sorted(files))])
        return Mutant(pack, changed)


def _files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*.yaml")}


def _damaged(draw: Draw, raw: bytes, other: bytes) -> bytes:
    if draw.random() < 0.5:
        return damaged_data(draw, raw.decode()).encode("utf-8", "surrogatepass")
    text, other_lines = raw.decode(), other.decode().splitlines(keepends=True)
    for _ in range(draw.choice(ACCIDENTS_AT_ONCE)):
        if draw.random() < 0.4:
            text = damaged_condition(draw, text)
        elif draw.random() < 0.5:
            text = "".join(
                draw.choice(LINE_ACCIDENTS)(draw, text.splitlines(keepends=True), other_lines)
            )
        else:
            text = draw.choice(TEXT_ACCIDENTS)(draw, text)
    raw = text.encode("utf-8", "surrogatepass")
    return draw.choice(BYTE_ACCIDENTS)(draw, raw) if draw.random() < 0.08 else raw


Lines = list[str]


def _place(draw: Draw, lines: Lines) -> int:
    return draw.randrange(len(lines)) if lines else 0


def delete_line(draw: Draw, lines: Lines, other: Lines) -> Lines:
    place = _place(draw, lines)
    return lines[:place] + lines[place + draw.choice([1, 1, 3]) :]


def duplicate_line(draw: Draw, lines: Lines, other: Lines) -> Lines:
    place = _place(draw, lines)
    return lines[: place + 1] + lines[place:]


def swap_lines(draw: Draw, lines: Lines, other: Lines) -> Lines:
    one, two = _place(draw, lines), _place(draw, lines)
    swapped = list(lines)
    if lines:
        swapped[one], swapped[two] = lines[two], lines[one]
    return swapped


def indent_line(draw: Draw, lines: Lines, other: Lines) -> Lines:
    place = _place(draw, lines)
    by = draw.choice(["  ", " ", "    ", "\t", "- ", "", "\u3000"])
    return [(by + line.lstrip(" ")[:] if n == place else line) for n, line in enumerate(lines)]


def shift_lines(draw: Draw, lines: Lines, other: Lines) -> Lines:
    place = _place(draw, lines)
    shifted = ["  " + line for line in lines[place : place + draw.randint(1, 8)]]
    return lines[:place] + shifted + lines[place + len(shifted) :]


def join_lines(draw: Draw, lines: Lines, other: Lines) -> Lines:
    place = _place(draw, lines)
    return [line.rstrip("\n") if n == place else line for n, line in enumerate(lines)]


def line_of_another_file(draw: Draw, lines: Lines, other: Lines) -> Lines:
    place, taken = _place(draw, lines), _place(draw, other)
    return lines[:place] + other[taken : taken + draw.randint(1, 4)] + lines[place:]


LINE_ACCIDENTS = [
    delete_line, duplicate_line, swap_lines, indent_line, shift_lines, join_lines, line_of_another_file,
]  # fmt: skip

CHARACTERS = [
    *"{}[]:,#&*!|>'\"%@`?-~\\ \n\t0aZé危", "\r", "\r\n", "\u0000", "\u0007", "\u0085", "\u2028", "\ufeff",
    "\ufffe", "\ud800", "\U0001f600", "\u202e", "\u00a0", "{{", "---\n", "...\n", "<<: ", "%YAML 1.1\n",
]  # fmt: skip
VALUES = [
    "null", "~", "", "true", "no", "0", "-1", "12", "1.5", ".inf", "-.inf", ".nan", "1e999", "0x1F", "0o17",
    "9" * 400, "9" * 5000, "9223372036854775808", "12:30", "2026-01-01", "0001-01-01", "9999-12-31", "2026-02-30",
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z", "[]", "{}", "[a, b]", "{a: b}", "{zh: 危}", "[[]]", '""',
    "' '", '"\\ud800"', '"\\0"', '"\\x07"', '"{"', '"{}"', '"{wind.speed}"', '"{0}"', "!x y", "!!python/name:os.x z",
    "!!int 3", "!!binary aa==", "&a b", "*a", "&a [*a]", "|", ">", "? x", "4h", "1d", "-4h", "999999999999h", "1ns",
    "integer", "number", "enum", "list", "duration", "datetime", "string", "boolean", "actions", "sum", "unique",
    "any", "first", "collect", "count", "min", "max", "priority", "always", "Asia/Shanghai", "../../etc", "UTC", "en",
]  # fmt: skip
HUGE = [
    "x" * 100_000, "危" * 20_000, "[" * 200, "[" * 39 + "]" * 39, "{a: " * 60, "- " * 200, "'" + "a b " * 30_000 + "'",
    "\n" * 5000, "{" + ", ".join(f"k{n}: {n}" for n in range(3000)) + "}", "[" + "1, " * 5000 + "]", "? " * 300,
]  # fmt: skip


def _put(draw: Draw, text: str, pieces: list[str], length: int) -> str:
    place = draw.randint(0, len(text))
    return text[:place] + draw.choice(pieces) + text[place + length :]


def insert_character(draw: Draw, text: str) -> str:
    return _put(draw, text, CHARACTERS, 0)


def replace_character(draw: Draw, text: str) -> str:
    return _put(draw, text, CHARACTERS, 1)


def delete_characters(draw: Draw, text: str) -> str:
    return _put(draw, text, [""], draw.choice([1, 1, 2, 10]))


def insert_huge(draw: Draw, text: str) -> str:
    return _put(draw, text, HUGE, 0)


def replace_value(draw: Draw, text: str) -> str:
    """Replaces the text after a colon, up to the end of the line or the next comma or bracket."""
    return _replaced(draw, text, r"(?<=: )[^,}\]\n]+", [*VALUES, *VALUES, draw.choice(HUGE)])


def replace_block(draw: Draw, text: str) -> str:
    """Replaces a whole value in brackets."""
    return _replaced(draw, text, r"[{\[][^{}\[\]]*[}\]]", VALUES)


def rename_key(draw: Draw, text: str) -> str:
    keys = re.findall(r"[\w.]+(?=: )", text)
    strange = [
        "",
        "a",
        "危",
        "true",
        "1",
        "a.b",
        "a.b.c.d",
        "__class__",
        "x" * 300,
        "'a b'",
        "<<",
        "?",
        "[a]",
    ]
    return _replaced(draw, text, r"[\w.]+(?=:[ \n])", [*keys, *strange])


def swap_words(draw: Draw, text: str) -> str:
    """Replaces a word by another word of the file, everywhere or once."""
    words = re.findall(r"[\w.]+", text) or ["x"]
    if draw.random() < 0.2:
        return text.replace(draw.choice(words), draw.choice(words))
    return _replaced(draw, text, r"[\w.]+", words)


def _replaced(draw: Draw, text: str, pattern: str, pieces: list[str]) -> str:
    found = list(re.finditer(pattern, text))
    if not found:
        return text
    match = draw.choice(found)
    return text[: match.start()] + draw.choice(pieces) + text[match.end() :]


TEXT_ACCIDENTS: list[Callable[[Draw, str], str]] = [
    insert_character, replace_character, delete_characters, insert_huge, replace_value, replace_value,
    replace_value, replace_block, rename_key, swap_words, swap_words,
]  # fmt: skip


def with_mark(draw: Draw, raw: bytes) -> bytes:
    return draw.choice([b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"]) + raw


def in_another_encoding(draw: Draw, raw: bytes) -> bytes:
    encoding = draw.choice(["utf-16", "utf-32", "gb18030"])
    return raw.decode("utf-8", "replace").encode(
        encoding, "surrogatepass" if "f" in encoding else "replace"
    )


def with_returns(draw: Draw, raw: bytes) -> bytes:
    return raw.replace(b"\n", draw.choice([b"\r\n", b"\r", b"\n\r"]))


def with_tabs(draw: Draw, raw: bytes) -> bytes:
    return raw.replace(b"  ", b"\t")


def with_bytes(draw: Draw, raw: bytes) -> bytes:
    place = draw.randint(0, len(raw))
    return raw[:place] + draw.choice([b"\xff", b"\xc0\x80", b"\0", b"\xed\xa0\x80"]) + raw[place:]


def cut_off(draw: Draw, raw: bytes) -> bytes:
    return raw[: draw.randint(0, len(raw))]


def with_noise(draw: Draw, raw: bytes) -> bytes:
    return raw + draw.randbytes(draw.choice([1, 50, 5000]))


BYTE_ACCIDENTS = [
    with_mark, in_another_encoding, with_returns, with_returns, with_tabs, with_bytes, with_bytes, cut_off, with_noise,
]  # fmt: skip
