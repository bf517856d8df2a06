"""Writes Markdown in which every given text is plain text, whatever characters it contains.

A `Markdown` is safe to write. Every other string is escaped, for CommonMark, for its usual extensions and for HTML.
Only this module may make a `Markdown` of more than plain text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

MOST_CHARACTERS = 400
"""A longer text is cut: people read the report, and the answer in JSON has the whole text."""
CUT = "…"
INVISIBLE = "\N{REPLACEMENT CHARACTER}"
JOINERS = "\u200c\u200d"
"""The only invisible characters that are kept: words and emoji need them."""

_ALWAYS = re.compile(r"[\\`*\[\]|~$^#]|(?<![^\W_])_|_(?![^\W_])")
_AT_THE_START = re.compile(r"^(?:[-+](?=[-+\s]|$)|=|\d{1,9}(?=[.)](?:\s|$)))")
_LINKS = re.compile(r":(?=[^\s\d])|/(?=/)|(?<=/)/|@|(?<=\w)\.(?=[^\W\d_])")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


class Markdown(str):
    """A piece of Markdown that is safe to write."""

    __slots__ = ()

    def __add__(self, other: str) -> Markdown:
        return Markdown(str.__add__(self, spaced(other)))

    def __radd__(self, other: str) -> Markdown:
        return Markdown(str.__add__(spaced(other), self))


Piece = Markdown | str


def plain(text: Piece) -> Markdown:
    """The text as plain text in one line. A Markdown is returned unchanged."""
    if isinstance(text, Markdown):
        return text
    line = "".join(map(visible, text))
    line = " ".join(line.split())
    if len(line) > MOST_CHARACTERS:
        line = line[: MOST_CHARACTERS - 1] + CUT
    line = _ALWAYS.sub(r"\\\g<0>", line)
    line = _LINKS.sub(r"\\\g<0>", line)
    line = _AT_THE_START.sub(_escaped_start, line)
    return Markdown("".join(_ENTITIES.get(character, character) for character in line))


def visible(character: str) -> str:
    """A blank for white space and line ends, a visible mark for invisible characters and those that set the text direction."""
    if character.isspace():
        return " "
    invisible = unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co")
    return INVISIBLE if invisible and character not in JOINERS else character


def _escaped_start(start: re.Match[str]) -> str:
    """A backslash prevents a list: `\\-`, and `1\\.` after digits."""
    return start[0] + "\\" if start[0][0].isdigit() else "\\" + start[0]


def strong(text: Piece) -> Markdown:
    """The text in bold. In a line it needs blanks on both sides; without them some readers do not show it in bold."""
    inner = plain(text).strip()
    return Markdown(f"**{inner}**" if inner else "")


def joined(pieces: Iterable[Piece], between: Piece = "") -> Markdown:
    """The pieces that are not empty, with `between` between them."""
    said: list[str] = [plain(piece) for piece in pieces]
    return Markdown(spaced(between).join(filter(None, said)))


def spaced(text: Piece) -> Markdown:
    """The text as plain text, with its leading and trailing blanks."""
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
    """A GFM table. Columns that are empty in all rows are left out."""
    cells = [[plain(cell) for cell in row] for row in rows]
    if not cells:
        return []
    used = [n for n in range(len(headings)) if any(row[n] for row in cells)]
    lines: list[list[str]] = [[plain(headings[n]) for n in used], ["---"] * len(used)]
    lines += [[row[n] for n in used] for row in cells]
    return [*(Markdown("| " + " | ".join(line) + " |") for line in lines), Markdown("")]
