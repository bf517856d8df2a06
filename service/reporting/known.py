"""The known facts with their ages, the wrong, the disputed and the old ones, the assumptions, and the detailed results."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schemas.field_error import FieldError
from schemas.scalars import parse_datetime
from schemas.strict_json import Json
from service.language.model import ACTION_OUTPUTS, PROVISIONAL
from service.reporting.markdown import (
    Markdown,
    Piece,
    bullets,
    heading,
    joined,
    paragraph,
    strong,
    table,
)
from service.reporting.page import Page

NOT_RESULTS = (*ACTION_OUTPUTS, PROVISIONAL)
NO_PROVENANCE: Json = {}
MOST_IGNORED = 8
"""The most wrong facts that are listed; the others are counted."""


def _provenance(page: Page, fact: str) -> Json:
    found: Json = page.answer.get("provenance", {}).get(fact, NO_PROVENANCE)
    return found


def wrong_facts(page: Page) -> Markdown:
    """The wrong facts in one line, for the top: one of them may be what makes the incident grave."""
    listed = page.ignored.listed[:MOST_IGNORED]
    more = page.ignored.mistakes - len(listed)
    names = [*dict.fromkeys(_place(page, error) for error in listed), "…" if more > 0 else ""]
    return page.label("ignored", page.listed(names))


def ignored(page: Page) -> Iterator[Markdown]:
    """The wrong facts, which count as unknown: only lenient handling gives a report on them."""
    wrong = page.ignored
    if not wrong.mistakes:
        return
    yield from heading(2, page.say("ignored"))
    listed = wrong.listed[:MOST_IGNORED]
    yield from table(
        [page.say("fact"), page.say("sent")],
        ([_place(page, error), _sent(error)] for error in listed),
    )
    more = wrong.mistakes - len(listed)
    yield from paragraph(page.say("more", count=str(more)) if more else "")


def _place(page: Page, error: FieldError) -> str:
    """The name of the wrong fact, followed by the part of it that is wrong. What is not a fact is called as it was posted."""
    path = error.path.removeprefix("facts").removeprefix(".")
    facts = page.words.facts
    fact = next((name for name in facts if f"{path}.".startswith((f"{name}.", f"{name}["))), "")
    return f"{facts[fact]} {path.removeprefix(fact).lstrip('.')}".strip() if fact else path


def _sent(error: FieldError) -> str:
    return "null" if error.got is None else str(error.got)


def doubtful(page: Page) -> Iterator[Markdown]:
    """Facts that were posted as disputed, figures measured too long ago, and those of one page of results."""
    rows = [
        _row(page, fact, value)
        for fact, value in page.facts.items()
        if value is not None and _remarks(page, fact)
    ]
    if rows:
        yield from heading(2, page.say("doubtful"))
        yield from table(_headings(page), rows)


def known(page: Page) -> Iterator[Markdown]:
    """The posted facts, then the values that the pack assumes for facts left out."""
    rows = [_row(page, fact, value) for fact, value in page.facts.items() if value is not None]
    taken = _assumed(page)
    if rows or taken:
        yield from heading(2, page.say("known"))
        yield from table(_headings(page), rows)
        yield from paragraph(taken)


def _headings(page: Page) -> list[Markdown]:
    return [page.say(key) for key in ("fact", "value", "reported_by", "age")]


def _row(page: Page, fact: str, value: Any) -> list[Piece]:
    source = _provenance(page, fact)
    remarks = [strong(remark) for remark in _remarks(page, fact)]
    told = page.say("nothing") if value == () else page.value(fact, value)
    said = joined([told, *remarks], " ")
    return [page.name_of(fact), said, _source(page, source), _age(page, source)]


def _source(page: Page, source: Json) -> Piece:
    """Who reported it, else the brand whose record has it."""
    brand = source.get("brand")
    return source.get("reported_by") or (page.say("brand_record", brand=brand) if brand else "")


def _remarks(page: Page, fact: str) -> list[Markdown]:
    source = _provenance(page, fact)
    holds = {
        "disputed": source.get("disputed"),
        "old": source.get("old"),
        "one_page": source.get("scope") == "page",
        "not_counted": source.get("unknown_because"),
    }
    return [page.say(key) for key in holds if holds[key]]


def _age(page: Page, source: Json) -> Markdown:
    hours = source.get("age_hours")
    return Markdown("") if hours is None else page.say("hours_old", hours=page.value("", hours))


def _assumed(page: Page) -> Markdown:
    taken = (
        page.name_of(fact) + page.say("colon") + page.value(fact, _loaded(page, fact, value))
        for fact, value in page.answer["assumed"].items()
    )
    return page.label("assumed", joined(taken, page.say("stop")))


def _loaded(page: Page, fact: str, value: Any) -> Any:
    """A moment or a list of the answer's JSON as conditions have it; any other value unchanged."""
    type_ = page.pack.vocabulary.facts[fact].type.name
    if type_ == "datetime" and isinstance(value, str):
        return parse_datetime(value)
    return tuple(value) if isinstance(value, list) else value


def details(page: Page) -> Iterator[Markdown]:
    """The outputs that are not at the top of the answer: collected lists in full, the others in a table."""
    lists: list[Markdown] = []
    rows: list[list[Piece]] = []
    for name, declared in page.pack.outputs.items():
        output = page.answer["outputs"][name]
        if name in page.pack.lifted or name in page.pack.notices or name in NOT_RESULTS:
            continue
        if declared.policy.is_collected:
            lists += _list(page, name, output["value"])
        elif declared.text:
            note = "" if output["established"] else page.say("still_open")
            rows.append([page.name_of(name), page.with_note(output["text"], note)])
    if rows or lists:
        yield from heading(2, page.say("details"))
        yield from lists
        yield from table([page.say("result"), page.say("value")], rows)


def _list(page: Page, name: str, values: list[Any]) -> list[Markdown]:
    if not values:
        return []
    return [*heading(3, page.name_of(name)), *bullets(page.value(name, one) for one in values)]
