"""The part of an answer that is its brief: the lines of a page in their order. Rows give way while the page is too long."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from schemas.strict_json import Json
from service.engine.answer.briefing.decisions import decision, questions
from service.engine.answer.briefing.line import Line
from service.engine.answer.briefing.rows_of_actions import now, told_rows
from service.engine.answer.briefing.situation import (
    changed,
    how_bad,
    may_be_forwarded,
    next_update,
    said,
    title,
    warning,
)
from service.engine.answer.briefing.time_and_trend import late, trend
from service.engine.answer.briefing.writer import Writer
from service.engine.answer.findings import Findings
from service.engine.words.joined_words import joined


def brief(findings: Findings) -> Json | None:
    """The page; None if the pack declares no brief."""
    prepared = findings.prepared.brief
    if prepared is None:
        return None
    writer = Writer.of(findings, prepared)
    forward = may_be_forwarded(writer)
    head = title(writer, forward)
    lines = _fitted(writer, head, list(_lines(writer)))
    return {
        "title": joined(head),
        "forward": forward,
        "lines": [line.to_json() for line in lines],
    }


def _lines(writer: Writer) -> Iterator[Line]:
    yield from how_bad(writer)
    yield from warning(writer)
    yield from changed(writer)
    yield from trend(writer)
    rows = told_rows(writer)
    yield from late(writer, rows)
    yield from now(writer, rows)
    yield from said(writer)
    yield from decision(writer)
    yield from questions(writer)
    yield from next_update(writer)


def _fitted(writer: Writer, head: Sequence[str], lines: list[Line]) -> list[Line]:
    """The lines without the rows that give way, one after the other, until the page is short enough in each language."""
    for name in writer.prepared.brief.gives_way:
        if _is_within(writer, head, lines):
            return lines
        lines = [line for line in lines if line.row != name or line.stays]
    return lines


def _is_within(writer: Writer, head: Sequence[str], lines: Sequence[Line]) -> bool:
    return all(
        words.is_within([head[n], *(line.texts[n] for line in lines)])
        for n, words in enumerate(writer.languages)
    )
