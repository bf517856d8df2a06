"""The rows of a brief that say what the situation is: title, how bad it is, warning, what changed, what may be said, next update."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from service.engine.answer.briefing.line import Line
from service.engine.answer.briefing.writer import Writer
from service.engine.answer.prepared_brief import Names, Told
from service.engine.words.brief_words import BriefWords
from service.language.model.brief import CHANGES, HOW_BAD, MOST_DONE, NEVER_SAY, NEXT, SAY, WARNING


def may_be_forwarded(writer: Writer) -> bool:
    condition = writer.prepared.do_not_forward
    return condition is None or not condition.holds(writer.findings.spoken)


def title(writer: Writer, forward: bool) -> tuple[str, ...]:
    """The sentences that hold, and the moment with its offset; before them, that the page must not be forwarded."""
    told = _holding(writer, writer.prepared.title)

    def write(words: BriefWords) -> str:
        text = _sentences(words, told)
        text = words.say("brief_title", title=text, moment=words.with_offset(words.as_of))
        if forward:
            return text
        return words.say("brief_forward", note=words.say("do_not_forward"), title=text)

    return writer.in_each(write)


def _holding(writer: Writer, told: Sequence[Told]) -> list[Told]:
    environment = writer.findings.spoken
    return [one for one in told if one.holds(environment)]


def _sentences(words: BriefWords, told: Sequence[Told]) -> str:
    return words.words.wording.in_a_row([words.text(one.text) for one in told])


def how_bad(writer: Writer) -> Iterator[Line]:
    """Each output with the reason of its value: that of the first rule that gave it this value."""
    outputs = writer.prepared.brief.how_bad
    if not outputs:
        return
    rules = {name: writer.fired_for(name)[:1] for name in outputs}

    def write(words: BriefWords) -> str:
        return words.joined([_reasoned(words, name, rules[name]) for name in outputs])

    found = writer.sources(Names(), [rule for one in rules.values() for rule in one])
    yield Line(HOW_BAD, writer.in_each(write), found)


def _reasoned(words: BriefWords, name: str, rules: Sequence[int]) -> str:
    value = f"{words.name_of(name)}{words.say('colon')}{words.speech[name]}"
    return words.with_note(value, [words.because(rule) for rule in rules])


def warning(writer: Writer) -> Iterator[Line]:
    told = _holding(writer, writer.prepared.warning)
    if told:
        names = Names()
        for one in told:
            names = names | one.names
        texts = writer.in_each(lambda words: _sentences(words, told))
        yield Line(WARNING, texts, writer.sources(names))


def changed(writer: Writer) -> Iterator[Line]:
    """What is different from the previous answer, and what was done since; or that this is the first assessment."""
    outputs = writer.prepared.brief.changes
    previous = writer.findings.previous
    if not outputs:
        return
    if previous is None:
        yield Line(CHANGES, writer.in_each(lambda words: words.say("brief_first")))
        return
    values = writer.findings.judgement.values
    known = [name for name in outputs if name in previous.outputs]
    moved = [name for name in known if previous.outputs[name] != values[name]]
    done = [entry["code"] for entry, _ in writer.findings.planned if entry["done"]][:MOST_DONE]

    def write(words: BriefWords) -> str:
        parts = [_change(words, name, previous.outputs[name], values[name]) for name in known]
        if done:
            texts = words.joined([words.words.actions[code]["text"] for code in done])
            parts.append(words.say("brief_done", texts=texts))
        since = words.say("brief_since", moment=words.moment(previous.as_of))
        return since + words.say("colon") + words.joined(parts or [words.say("brief_same")])

    found = writer.sources(Names(outputs=frozenset(moved)))
    yield Line(CHANGES, writer.in_each(write), found, actions=done)


def _change(words: BriefWords, name: str, before: Any, after: Any) -> str:
    said = f"{words.name_of(name)}{words.say('colon')}"
    if before == after:
        return said + words.say("brief_same")
    ends = {"from": words.value(name, before), "to": words.value(name, after)}
    return said + words.say("change", **ends)


def said(writer: Writer) -> Iterator[Line]:
    """What may be said, and what must never be said."""
    brief = writer.prepared.brief
    for row, key, output in (
        (SAY, "brief_say", brief.say),
        (NEVER_SAY, "brief_never", brief.never_say),
    ):
        values = writer.findings.judgement.values[output] if output else ()
        if output and values:
            yield _listed(writer, row, key, output, values)


def _listed(writer: Writer, row: str, key: str, output: str, values: Sequence[Any]) -> Line:
    def write(words: BriefWords) -> str:
        return words.say(key, texts=words.joined([words.value(output, one) for one in values]))

    return Line(row, writer.in_each(write), writer.sources(Names(outputs=frozenset({output}))))


def next_update(writer: Writer) -> Iterator[Line]:
    moment = writer.findings.plan.next_review()
    if moment is not None:
        texts = writer.in_each(lambda words: words.say("brief_next", moment=words.moment(moment)))
        review = writer.findings.pack.review
        by = frozenset({review.due.by} if review and review.due.by else ())
        yield Line(NEXT, texts, writer.sources(Names(outputs=by)))
