"""Cuts the inputs into blocks of lines. The same inputs always give the same blocks, so that a run can go on at any of them."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

from service.bulk.reading.inputs import Input, OpenInput, opened
from service.lines import MAX_LINE_BYTES, numbered_lines

READ_ERRORS = (OSError, EOFError, zlib.error)


class SourceLine(NamedTuple):
    """A line with its number in its file. `source` is the position of the file among the inputs.

    If the file cannot be read any further, `unreadable` says why, and the line has no text.
    """

    source: int
    number: int
    text: bytes
    unreadable: str = ""


class InputPosition(NamedTuple):
    """A place between two lines: in the input `source`, after `offset` bytes without compression and after line `number`."""

    source: int = 0
    offset: int = 0
    number: int = 0


START = InputPosition()


@dataclass(frozen=True, slots=True)
class BlockSize:
    """A block ends after so many lines or bytes, whichever comes first."""

    lines: int
    bytes: int


@dataclass(frozen=True, slots=True)
class LineBlock:
    """Lines that one worker assesses at once. `after` is where the next block begins.

    `read_bytes` are the stored bytes of all inputs up to there. If workers died over it, `given_up` says how: its lines then
    get problems.
    """

    number: int
    lines: Sequence[SourceLine]
    after: InputPosition
    read_bytes: int
    given_up: str = ""


def read_blocks(
    inputs: Sequence[Input], size: BlockSize, first: int = 0, start: InputPosition = START
) -> Iterator[LineBlock]:
    """The blocks from number `first` on, which begins at `start`. Without any line there is one empty block."""
    number, lines, held = first, [], 0
    stored = [0, *accumulate(one.size or 0 for one in inputs)]
    for line, file in _lines(inputs, start):
        lines.append(line)
        held += len(line.text)
        if len(lines) == size.lines or held >= size.bytes:
            after, read_bytes = _reached(stored, line, file)
            yield LineBlock(number, lines, after, read_bytes)
            number, lines, held = number + 1, [], 0
    if lines or number == 0:
        yield LineBlock(number, lines, InputPosition(len(inputs)), stored[-1])


def _reached(
    stored: Sequence[int], line: SourceLine, file: OpenInput | None
) -> tuple[InputPosition, int]:
    """The position after a line, and the stored bytes that are read up to there. Without `file` the rest of its file is left.

    `stored` has for each input how many bytes are stored before it.
    """
    if file is None:
        return InputPosition(line.source + 1), stored[line.source + 1]
    at = InputPosition(line.source, file.offset(), line.number)
    return at, stored[line.source] + file.read_bytes()


def _lines(
    inputs: Sequence[Input], start: InputPosition
) -> Iterator[tuple[SourceLine, OpenInput | None]]:
    """Each line, and the open file from which it comes. Without one the rest of the file cannot be read."""
    for source in range(start.source, len(inputs)):
        _, offset, reached = start if source == start.source else InputPosition(source)
        try:
            with opened(inputs[source], offset) as file:
                for number, text in _of_file(inputs[source], file, reached):
                    reached = number
                    yield SourceLine(source, number, text), file
        except READ_ERRORS as error:
            why = (error.strerror if isinstance(error, OSError) else None) or str(error)
            yield SourceLine(source, reached + 1, b"", unreadable=why), None


def _of_file(one: Input, file: OpenInput, read: int) -> Iterator[tuple[int, bytes]]:
    """The lines after number `read`."""
    if one.is_one_incident:
        return iter([(1, file.file.read(MAX_LINE_BYTES + 1))] if read == 0 else [])
    return numbered_lines(file.file, read)
