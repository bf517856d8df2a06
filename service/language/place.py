"""Where something stands in an author's file. No file format here: a YAML node has a place, and so has a spreadsheet's cell."""

from __future__ import annotations

from dataclasses import dataclass

Path = tuple[str | int, ...]
"""The keys and positions that lead to a value of a file."""


@dataclass(frozen=True, slots=True)
class Place:
    """At `file:line:column` (both from 1), `length` characters wide."""

    file: str
    line: int = 1
    column: int = 1
    length: int = 1

    def inside(self, start: int, end: int) -> Place:
        """The place of characters `start` to `end` of the text that stands here.

        It is the whole place, unless a kind of place knows where each character of its text stands.
        """
        return self

    def whole(self) -> Place:
        """The same place, of which nothing inside is known: for what does not stand there as it is."""
        return Place(self.file, self.line, self.column, self.length)


NOWHERE = Place("")
"""The place of what was not read from a file."""
