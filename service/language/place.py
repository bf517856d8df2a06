"""A place in an author's file. It must not depend on the file's format: a YAML node has one, and so has a spreadsheet's cell."""

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
        """The place of characters `start` to `end` of the text at this place.

        It is the whole place, unless a subclass knows the place of each character.
        """
        return self

    def whole(self) -> Place:
        """The same place without the places of its characters, for a text that is not written there in this form."""
        return Place(self.file, self.line, self.column, self.length)


NOWHERE = Place("")
"""The place of anything that was not read from a file."""
