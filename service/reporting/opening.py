"""The first screen: what it is and how bad, what to do now, why, and what is not known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from schemas.strict_json import Json
from service.engine.judging.deadlines import in_order
from service.language.model import ACTION_OUTPUTS, PROVISIONAL
from service.reporting.grounds import Ground, grounds
from service.reporting.markdown import (
    Markdown,
    bullets,
    heading,
    joined,
    paragraph,
    plain,
    strong,
    table,
)
from service.reporting.page import SEPARATOR, Page
from service.reporting.plan import carried_out_by

MOST_NOW = 10
"""So many actions are told to begin with, the foremost of the catalogue; the plan has them all."""
MOST_UNKNOWNS = 8
"""So many unknown facts are asked for; the others are counted."""


def situation(page: Page) -> Iterator[Markdown]:
    answer = page.answer
    yield from heading(
        1,
        answer["verdict"]
        or joined(map(partial(_lifted, page), page.pack.lifted), page.say("stop")),
    )
    moment = page.as_of.strftime("%Y-%m-%d %H:%M")
    facts = (
        page.label("incident", answer["incident_id"] or ""),
        page.label("as_of", moment),
        page.label("next_review", page.moment(answer["next_review"])),
    )
    yield from paragraph(joined([strong(page.say("document")), *facts], SEPARATOR))
    since = (_since(page, name) for name in page.pack.lifted)
    yield from bullets([*since, *_open(page), _waiting(page)])


def _lifted(page: Page, name: str) -> Markdown:
    said: str = page.answer[name]["text"]
    return plain(page.name_of(name)) + page.say("colon") + said


def _since(page: Page, name: str) -> Markdown:
    """Of a value that an earlier answer had too."""
    since = page.answer["since"][name]
    if not page.is_past(since):
        return Markdown("")
    said = page.say("since", moment=page.moment(since))
    return joined(
        [
            strong(page.name_of(name) + page.say("colon")),
            page.with_note(page.answer[name]["text"], said),
        ],
        " ",
    )


def _open(page: Page) -> Iterator[Markdown]:
    """What could still come out otherwise, of the outputs of the answer."""
    if not page.answer["provisional"]:
        return
    ranges: list[str] = []
    for name in page.pack.lifted:
        output = page.answer["outputs"][name]
        others = [value for value in _values(output["can_be"]) if value != output["value"]]
        if others:
            values = page.listed(page.value(name, value) for value in others)
            ranges.append(page.say("open", name=page.name_of(name), values=values))
    said = ranges or _provisional_by_rule(page)
    yield page.label(
        "provisional", joined(said, page.say("stop")) or page.say("provisional_because")
    )


def _provisional_by_rule(page: Page) -> list[str]:
    """What the rules say that make the answer provisional though its values are settled."""
    setting = {
        rule.id for rule in page.pack.rules if any(one.output == PROVISIONAL for one in rule.then)
    }
    return [reason["text"] for reason in page.answer["reasons"] if reason["rule"] in setting]


def _values(can_be: Any) -> list[Any]:
    """The single values an output can have; of numbers the ends."""
    return list(dict.fromkeys(can_be.values())) if isinstance(can_be, dict) else can_be


def _waiting(page: Page) -> Markdown:
    """How long the clocks have been running."""
    clocks = page.answer["clock"]["since"].values()
    running = [
        page.say("hours_since", hours=page.value("", one["hours"]), text=one["text"])
        for one in clocks
    ]
    return page.label("waiting", joined(running, page.say("stop")))


def now(page: Page) -> Iterator[Markdown]:
    entries = page.answer["next_hour"]
    overdue = len(page.answer["clock"]["overdue"])
    late = page.say("overdue_count", count=str(overdue)) if overdue else None
    yield from heading(2, page.with_note(page.say("now"), late))
    if not entries:
        yield from paragraph(page.say("nothing_now"))
    first = _foremost(page, entries)
    actions = {action["code"]: action for action in page.answer["actions"]}
    yield from bullets((_now(page, actions[code]) for code in first), numbered=True)
    yield from paragraph(*_left_out(page, [one for one in entries if one["code"] not in first]))


def _left_out(page: Page, entries: Sequence[Json]) -> Iterator[Markdown]:
    """How many are not told here, what is late apart from what is still in time."""
    late = sum(entry["overdue"] for entry in entries)
    if late:
        yield page.say("more_overdue", count=str(late))
    if soon := len(entries) - late:
        yield page.say("more_now", count=str(soon))


def _foremost(page: Page, entries: Sequence[Json]) -> list[str]:
    """The first of the catalogue, however long the others are overdue: what is overdue, then the rest by time.

    What is overdue is due now, so that it keeps the catalogue's order too.
    """
    due = {entry["code"]: max(page.as_of, page.local(entry["due_at"])) for entry in entries}
    waiting = [code for code in page.pack.actions if code in due]
    foremost = in_order(waiting, page.pack.actions, dict.fromkeys(waiting))[:MOST_NOW]
    return in_order(sorted(foremost, key=waiting.index), page.pack.actions, due)


def _now(page: Page, action: Json) -> Markdown:
    late = strong(page.say("overdue")) if page.is_past(action["due_at"]) else ""
    when = joined([page.moment(action["due_at"]), late], " ")
    return joined([when, strong(action["text"]), carried_out_by(page, action)], SEPARATOR)


def why(page: Page) -> Iterator[Markdown]:
    yield from heading(2, page.say("why"))
    yield from bullets(_why(page, ground) for ground in grounds(page.pack, page.answer))


def _why(page: Page, ground: Ground) -> Markdown:
    name = strong(page.name_of(ground.output) + page.say("colon") + ground.value)
    reasons = joined(ground.reasons, page.say("stop")) or page.say("by_default")
    return joined([name, reasons], SEPARATOR)


def unknown(page: Page) -> Iterator[Markdown]:
    """What lets actions that wait be taken stands first, then what could change the answer."""
    yield from heading(2, page.say("unknown"))
    asked = {one["fact"]: one for one in _that_free(page)}
    asked |= {one["fact"]: one for one in page.answer["unknowns"]}
    if not asked:
        yield from paragraph(page.say("nothing_unknown"))
    yield from table(
        [page.say("question"), page.say("ask"), page.say("could_change")],
        (_unknown(page, one) for one in list(asked.values())[:MOST_UNKNOWNS]),
    )
    more, taken = len(asked) - MOST_UNKNOWNS, len(page.answer["assumed"])
    yield from paragraph(
        page.say("more", count=str(more)) if more > 0 else "",
        page.say("taken", count=str(taken)) if taken else "",
    )


def _that_free(page: Page) -> Iterator[Json]:
    """The questions of actions that wait, as unknown facts: some are taken for granted, but nobody has found them out."""
    for entry in page.answer["held"]:
        for one in entry["questions"]:
            yield {**one, "text": page.name_of(one["fact"]), "could_change": []}


def _unknown(page: Page, one: Json) -> list[str]:
    waiting = sum(one["fact"] in entry["until"] for entry in page.answer["held"])
    frees = page.say("frees", count=str(waiting)) if waiting else ""
    named = [name for name in one["could_change"] if name in page.pack.lifted]
    others = [name for name in one["could_change"] if not waiting or name not in ACTION_OUTPUTS]
    names = [_changed(page, name) for name in named or others]
    changed = page.listed(dict.fromkeys([*names, frees]))
    return [one["question"] or one["text"], one["ask_text"] or "", changed]


def _changed(page: Page, output: str) -> str:
    return page.say("what_to_do") if output in ACTION_OUTPUTS else page.name_of(output)
