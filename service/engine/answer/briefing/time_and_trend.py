"""The rows of a brief about the course of an incident: its figures, how long it is known, and what is late."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from schemas.previous import Figure
from service.engine.answer.briefing.line import Line, Sources
from service.engine.answer.briefing.rows_of_actions import Row
from service.engine.answer.briefing.writer import Writer
from service.engine.answer.compared.figures import known_figures, percent_of_growth
from service.engine.words.brief_words import BriefWords
from service.engine.words.wording import ranges
from service.language.model.brief import LATE, MOST_FIGURES, TREND
from service.language.texts.figures import elapsed


def trend(writer: Writer) -> Iterator[Line]:
    """The figures, each with its growth since the previous answer."""
    figures = list(known_figures(writer.findings))[:MOST_FIGURES]
    if not figures:
        return
    previous = writer.findings.previous
    before = previous.figures if previous else {}

    def write(words: BriefWords) -> str:
        return words.joined([_figure(words, name, now, before.get(name)) for name, now in figures])

    yield Line(TREND, writer.in_each(write), Sources(facts=tuple(name for name, _ in figures)))


def _figure(words: BriefWords, name: str, now: Figure, before: Figure | None) -> str:
    value = words.value(name, now.value)
    said = words.say("brief_figure", text=words.words.facts[name], value=value)
    percent = None if before is None else percent_of_growth(before.value, now.value)
    grown = [words.say("percent", count=f"{percent:+,g}")] if percent else []
    return words.with_note(said, grown)


def late(writer: Writer, rows: Sequence[Row]) -> Iterator[Line]:
    """How long ago the first known moment of the pack's clock was, and the numbers of the rows in which something is late."""
    known = next((name for name in writer.findings.pack.clock if writer.is_known(name)), None)
    late_ones = {n: row.late_at(writer.findings.as_of) for n, row in enumerate(rows, start=1)}
    numbers = [n for n, codes in late_ones.items() if codes]
    key = "late_since" if numbers else "known_for"

    def write(words: BriefWords) -> str:
        since = "" if known is None else words.say(key, **_elapsed(writer, words, known))
        return (
            since + words.say("late", numbers=words.listed(ranges(numbers))) if numbers else since
        )

    if known or numbers:
        codes = [code for number in numbers for code in late_ones[number]]
        facts = () if known is None else (known,)
        yield Line(LATE, writer.in_each(write), Sources(facts=facts), actions=codes)


def _elapsed(writer: Writer, words: BriefWords, fact: str) -> dict[str, str]:
    moment: datetime = writer.findings.judgement.environment[
        writer.findings.program.layout.facts[fact]
    ]
    passed = elapsed(writer.findings.as_of - moment)
    count = words.words.wording.value(passed.number, {})
    return {"text": words.words.facts[fact], "span": words.say(passed.key, count=count)}
