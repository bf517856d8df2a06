"""What a worker does with a block: assesses each line, counts, and writes the rows in the form of the output. It must not write a file."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import structlog

from schemas.assessment import FILE_KEY
from schemas.strict_json import Json
from service.asking.posted import Post
from service.bulk.forms.form import Form
from service.bulk.reading.blocks import LineBlock, SourceLine
from service.bulk.working.counts import CountingObserver, Counts
from service.lines import NO_MOMENT, assess_line, line_problem, with_keys, with_own_moment
from service.logs import flush_log
from service.problem_details import UnreadableInput, WorkerDied
from service.serving.packs import Packs

_log = structlog.get_logger("tocsin")


@dataclass(frozen=True, slots=True)
class BlockAnswer:
    """The answers to a block in the form of the output, and what is counted of it."""

    data: bytes
    counts: Counts


@dataclass(frozen=True, slots=True)
class LineAssessor:
    """How each line is assessed. `more` are keys that each body gets, unless it has them itself.

    `now` is the present moment for the whole run. With `needs_moment` there is none, and a body without `as_of` is a problem.
    With several `files` each line names its own.
    `counted` has by pack the lifted outputs that are counted; without it only answers and problems are.
    """

    packs: Packs
    lenient: bool
    more: Mapping[str, Any]
    now: datetime | None
    needs_moment: bool
    files: Sequence[str]
    counted: Mapping[str, tuple[str, ...]]
    form: Form

    def assess(self, block: LineBlock) -> BlockAnswer:
        gc.disable()  # few of the objects of an answer are in cycles; those are collected once a block
        observer = CountingObserver(dict(self.counted))
        rows = self._problems if block.given_up else self._answers
        data = self.form.block(rows(block, observer))
        gc.collect()
        return BlockAnswer(data, observer.counts)

    def _problems(self, block: LineBlock, observer: CountingObserver) -> Iterator[Json]:
        """In place of the answers to a block over which its workers died."""
        error = WorkerDied(block.given_up, named_lines(block.lines, self.files))
        for line in block.lines:
            yield self._named(line_problem(error, line.text, line.number, [observer]), line)

    def _answers(self, block: LineBlock, observer: CountingObserver) -> Iterator[Json]:
        post = Post(self._clock, self.lenient, partial(_extended, self.more, self.needs_moment))
        for line in block.lines:
            yield self._named(self._answer(line, post, observer), line)

    def _answer(self, line: SourceLine, post: Post, observer: CountingObserver) -> Json:
        if line.unreadable:
            error: Exception = UnreadableInput(line.unreadable)
            return line_problem(error, line.text, line.number, [observer])
        try:
            return assess_line(line.text, line.number, self.packs, post, [observer])[0]
        except MemoryError:
            raise  # the worker ends, and the block is done again
        except Exception as error:
            _log.error("error", file=self.files[line.source], line=line.number, exc_info=error)
            flush_log()  # this process may be ended before the thread of the log writes
            return line_problem(error, line.text, line.number, [observer])

    def _named(self, row: Json, line: SourceLine) -> Json:
        return {**row, FILE_KEY: self.files[line.source]} if len(self.files) > 1 else row

    def _clock(self) -> datetime:
        return self.now or NO_MOMENT


def named_lines(lines: Sequence[SourceLine], files: Sequence[str]) -> str:
    """Which lines these are, such as `lines 257 to 512 of a.ndjson`."""
    if not lines:
        return "no line"
    first, last = lines[0], lines[-1]
    if first.source == last.source:
        return f"lines {first.number} to {last.number} of {files[first.source]}"
    return f"line {first.number} of {files[first.source]} to line {last.number} of {files[last.source]}"


def _extended(more: Mapping[str, Any], needs_moment: bool, body: Any) -> Any:
    """Raises RefusedIncident."""
    extended = with_keys(more, body)
    if not needs_moment:
        return extended
    hint = "add it to the line, or give the command --as-of"
    return with_own_moment(extended, "is missing, and one run must have one moment", hint)
