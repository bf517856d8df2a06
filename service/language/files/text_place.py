"""Finds the place of each character of a text in the YAML that its author typed: folded, quoted or indented."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import yaml

from service.language.place import Place

LONGEST_TEXT = 20_000
"""In a longer text no part has a place of its own: the search for it would take too long."""


@dataclass(frozen=True, slots=True)
class TextPlace(Place):
    """The place of a text. `text` is the text as YAML reads it; `written` is its form in the file, from offset `begins` on."""

    text: str = ""
    written: str = ""
    begins: int = 0

    def inside(self, start: int, end: int) -> Place:
        if len(self.written) > LONGEST_TEXT:
            return self.whole()
        line, column = self._place(start)
        end_line, end_column = self._place(max(start, end - 1))
        length = end_column - column + 1 if end_line == line else 1
        return Place(self.file, line, column, length)

    def _place(self, offset: int) -> tuple[int, int]:
        written = self.written[: self._written_offset(offset)]
        below = written.count("\n")
        column = len(written) - written.rfind("\n") if below else self.column + len(written)
        return self.line + below, column

    def _written_offset(self, offset: int) -> int:
        """Compare both texts from their start. Folding, quoting and indentation only add characters to `written`."""
        at = self.begins
        for position, character in enumerate(self.text):
            if character.isspace():
                if position == offset:
                    break
                continue
            found = self.written.find(character, at)
            if found < 0:
                break
            at = found
            if position == offset:
                break
            at += 1
        return at


def line_starts(text: str) -> list[int]:
    """The offset of each line. YAML's own line numbers are not used: for YAML other characters end a line too."""
    return [0, *(found.end() for found in re.finditer("\n", text))]


def place_at(file: str, starts: Sequence[int], index: int, length: int = 1) -> Place:
    """The place of character `index` of a file whose lines start at these characters."""
    line = bisect_right(starts, index)
    return Place(file, line, index - starts[line - 1] + 1, length)


def scalar_place(file: str, text: str, starts: Sequence[int], node: yaml.ScalarNode) -> TextPlace:
    start, end = node.start_mark, node.end_mark
    at = place_at(file, starts, start.index)
    length = max(1, end.column - start.column) if start.line == end.line else 1
    written = text[start.index : end.index]
    begins = 0
    if node.style in ("|", ">"):
        begins = written.find("\n") + 1
    elif node.style in ("'", '"'):
        begins = 1
    return TextPlace(file, at.line, at.column, length, node.value, written, begins)
