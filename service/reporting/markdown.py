"""Markdown that shows a text as it is, whatever stands in it. Only what this module makes can be more than plain text.

A `Markdown` is safe to be written out; every other string is escaped on its way in, for CommonMark, for its usual
extensions and for HTML.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

MOST_CHARACTERS = 400
"""What is longer is cut: a report is read by people, and the answer in JSON has it all."""
CUT = "…"
INVISIBLE = "\N{REPLACEMENT CHARACTER}"
JOINERS = "\u200c\u200d"
"""The only invisible characters that words and emoji need."""

_ALWAYS = re.compile(r"[\\`*\[\]|~$^#]|(?<![^\W_])_|_(?![^\W_])")
_AT_THE_START = re.compile(r"^(?:[-+](?=[-+\s]|$)|=|\d{1,9}(?=[.)](?:\s|$)))")
_LINKS = re.compile(r":(?=[^\s\d])|/(?=/)|(?<=/)/|@|(?<=\w)\.(?=[^\W\d_])")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


class Markdown(str):
    """A piece of Markdown that is safe to be written out."""

    __slots__ = ()

    def __add__(self, other: str) -> Markdown:
        return Markdown(str.__add__(self, spaced(other)))

    def __radd__(self, other: str) -> Markdown:
        return Markdown(str.__add__(spaced(other), self))


Piece = Markdown | str


def plain(text: Piece) -> Markdown:
    """The text as plain text in one line; a Markdown stays as it is."""
    if isinstance(text, Markdown):
        return text
    line = "".join(map(_visible, text))
    line = " ".join(line.split())
    if len(line) > MOST_CHARACTERS:
        line = line[: MOST_CHARACTERS - 1] + CUT
    line = _ALWAYS.sub(r"\\\g<0>", line)
    line = _LINKS.sub(r"\\\g<0>", line)
    line = _AT_THE_START.sub(_escaped_start, line)
    return Markdown("".join(_ENTITIES.get(character, character) for character in line))


def _visible(character: str) -> str:
    """Line ends and blanks as a blank; what is invisible or turns the direction of writing as a mark."""
    if character.isspace():
        return " "
    invisible = unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co")
    return INVISIBLE if invisible and character not in JOINERS else character


def _escaped_start(start: re.Match[str]) -> str:
    """A list's mark is no mark with a backslash: `\\-`, and `1\\.` after digits."""
    return start[0] + "\\" if start[0][0].isdigit() else "\\" + start[0]


def strong(text: Piece) -> Markdown:
    """In bold. Whoever puts it into a line keeps blanks on both sides, or it is not always taken for bold."""
    inner = plain(text).strip()
    return Markdown(f"**{inner}**" if inner else "")


def joined(pieces: Iterable[Piece], between: Piece = "") -> Markdown:
    """The pieces that say anything, one after the other."""
    said: list[str] = [plain(piece) for piece in pieces]
    return Markdown(spaced(between).join(filter(None, said)))


def spaced(text: Piece) -> Markdown:
    """The text as plain text that keeps the blanks before and after it."""
    if isinstance(text, Markdown):
        return text
    inner = text.strip()
    return Markdown(text.replace(inner, plain(inner)) if inner else text)


def heading(level: int, text: Piece) -> list[Markdown]:
    return [Markdown(f"{'#' * level} {plain(text)}"), Markdown("")]


def paragraph(*pieces: Piece) -> list[Markdown]:
    line = joined(pieces, " ")
    return [line, Markdown("")] if line else []


def bullets(items: Iterable[Piece], numbered: bool = False) -> list[Markdown]:
    said = [piece for item in items if (piece := plain(item))]
    lines = [
        Markdown(f"{f'{number}.' if numbered else '-'} {piece}")
        for number, piece in enumerate(said, start=1)
    ]
    return [*lines, Markdown("")] if lines else []


def table(headings: Sequence[Piece], rows: Iterable[Sequence[Piece]]) -> list[Markdown]:
    """A GFM table; columns in which no row says anything are left out."""
    cells = [[plain(cell) for cell in row] for row in rows]
    if not cells:
        return []
    used = [n for n in range(len(headings)) if any(row[n] for row in cells)]
    lines: list[list[str]] = [[plain(headings[n]) for n in used], ["---"] * len(used)]
    lines += [[row[n] for n in used] for row in cells]
    return [*(Markdown("| " + " | ".join(line) + " |") for line in lines), Markdown("")]
