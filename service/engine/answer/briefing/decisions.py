"""The rows of a brief that ask: the decision that is due with its options, and the facts to find out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from string import ascii_uppercase

from schemas.strict_json import Json
from service.engine.answer.briefing.line import Line
from service.engine.answer.briefing.rows_of_actions import due
from service.engine.answer.briefing.writer import Writer
from service.engine.answer.late import is_at_once
from service.engine.answer.planning.next_hour import is_certain
from service.engine.answer.prepared_brief import Names, PreparedDecision
from service.engine.words.brief_words import BriefWords
from service.language.model.brief import ASK, DECISION, MOST_QUESTIONS, OPTIONS


def decision(writer: Writer) -> Iterator[Line]:
    """The first decision that holds and whose action is to be done, its options, and what delay costs."""
    environment = writer.findings.spoken
    waiting = {entry["code"]: (entry, at) for entry, at in writer.findings.planned}
    for one in writer.prepared.decisions:
        entry, at = waiting.get(one.action, (None, None))
        if entry and _is_due(entry) and one.question.holds(environment):
            yield from _decision(writer, one, entry, at)
            return


def _is_due(entry: Json) -> bool:
    """What only an unknown fact decides asks for no decision yet."""
    return not entry["done"] and is_certain(entry)


def _decision(
    writer: Writer, one: PreparedDecision, entry: Json, at: datetime | None
) -> Iterator[Line]:
    def question(words: BriefWords) -> str:
        return words.say(
            "brief_decide",
            question=words.text(one.question.text),
            owner=words.role(entry["owner"]) if entry["owner"] else words.say("nobody"),
            due=due(words, at, at_once=is_at_once(entry)),
        )

    found = writer.sources(one.question.names)
    sources = found.after((), entry["because"])
    yield Line(DECISION, writer.in_each(question), sources, actions=[one.action])
    yield from _options(writer, one)
    texts = writer.in_each(lambda words: words.say("brief_delay", text=words.text(one.delay)))
    yield Line(OPTIONS, texts, found, page_only=True)


def _options(writer: Writer, one: PreparedDecision) -> Iterator[Line]:
    """The options that hold; the first of them is advised."""
    environment = writer.findings.spoken
    holding = [(told, cost) for told, cost in one.options if told.holds(environment)]
    for letter, (told, cost) in zip(ascii_uppercase, holding, strict=False):
        key = "brief_advised" if letter == "A" else "brief_option"
        texts = tuple(
            words.say(key, letter=letter, text=words.text(told.text), cost=words.text(cost))
            for words in writer.languages
        )
        yield Line(OPTIONS, texts, writer.sources(told.names), page_only=True)


def questions(writer: Writer) -> Iterator[Line]:
    """The first facts that are unknown or assumed, each with the role to ask."""
    environment = writer.findings.spoken
    open_ = [
        (fact, condition.names)
        for fact, condition in writer.prepared.questions
        if _is_open(writer, fact) and condition.holds(environment)
    ]
    for fact, names in open_[:MOST_QUESTIONS]:
        yield _question(writer, fact, names)


def _is_open(writer: Writer, fact: str) -> bool:
    return fact in writer.findings.assumed or not writer.is_known(fact)


def _question(writer: Writer, fact: str, names: Names) -> Line:
    def write(words: BriefWords) -> str:
        asked = words.words.questions[fact]
        question = asked["question"] or words.words.facts[fact]
        if asked["ask"] is None:
            return words.say("brief_ask_nobody", question=question)
        return words.say("brief_ask", role=asked["ask_text"], question=question)

    return Line(ASK, writer.in_each(write), writer.sources(names).after([fact], ()), page_only=True)
