"""The first page of a report: the situation, the actions due now, the reasons, and the unknown facts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from schemas.scalars import local_time, parse_datetime
from schemas.strict_json import Json
from service.engine.judging.dates.order import in_order
from service.engine.words.wording import ranges
from service.language.model import ACTION_OUTPUTS, PROVISIONAL
from service.reporting.grounds import Ground, ground, grounds
from service.reporting.known import wrong_facts
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
"""The most actions that are listed here, the first of the catalogue; the plan has all of them."""
MOST_UNKNOWNS = 8
"""The most unknown facts that are listed; the others are counted."""


def first_page(page: Page) -> Iterator[Markdown]:
    """The page, before all else. What follows it is its annex."""
    told = page.answer["brief"]
    if told:
        yield from heading(1, told["title"])
        yield from bullets(line["text"] for line in told["lines"])
        yield from heading(2, page.say("annex"))


def situation(page: Page) -> Iterator[Markdown]:
    answer = page.answer
    verdict = answer["verdict"] or joined(
        map(partial(_lifted, page), page.pack.lifted), page.say("stop")
    )
    yield from paragraph(strong(verdict)) if answer["brief"] else heading(1, verdict)
    behind = page.say("as_of_from_previous") if answer["as_of_from_previous"] else None
    moment = page.with_note(local_time(page.as_of, "%Y-%m-%d %H:%M"), behind)
    facts = (
        page.label("incident", answer["incident_id"] or ""),
        page.label("as_of", moment),
        page.label("next_review", page.moment(answer["next_review"])),
    )
    yield from paragraph(joined([strong(page.say("document")), *facts], SEPARATOR))
    notices = (_notice(page, name) for name in page.pack.notices)
    since = (_since(page, name) for name in page.pack.lifted)
    yield from bullets([*notices, wrong_facts(page), *since, *_open(page), _waiting(page)])


def _lifted(page: Page, name: str) -> Markdown:
    said: str = page.answer[name]["text"]
    return plain(page.name_of(name)) + page.say("colon") + said


def _notice(page: Page, name: str) -> Markdown:
    """A notice with the reasons of its value, and a remark if unknown facts could change it."""
    found = ground(page.pack, page.answer, name)
    settled = page.answer["outputs"][name]["established"]
    told = page.with_note(found.value, None if settled else page.say("still_open"))
    line = joined([strong(page.name_of(name) + page.say("colon")), told], " ")
    return joined([line, joined(found.reasons, page.say("stop"))], SEPARATOR)


def _since(page: Page, name: str) -> Markdown:
    """The moment since which a lifted output has had its value, if that is before this assessment."""
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
    """The other values that the lifted outputs could still take. On a day without an incident the verdict alone speaks of them."""
    if not page.answer["provisional"] or any(map(page.is_below_scale, page.pack.lifted)):
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
    """The texts of the fired rules that set `provisional`."""
    setting = {
        rule.id for rule in page.pack.rules if any(one.output == PROVISIONAL for one in rule.then)
    }
    return [reason["text"] for reason in page.answer["reasons"] if reason["rule"] in setting]


def _values(can_be: Any) -> list[Any]:
    """The values that an output can have; for numbers the least and the greatest."""
    return list(dict.fromkeys(can_be.values())) if isinstance(can_be, dict) else can_be


def _waiting(page: Page) -> Markdown:
    """The hours since each known moment of the pack's clock."""
    clocks = page.answer["clock"]["since"].values()
    running = [
        page.say("hours_since", span=page.since(one["at"]), text=one["text"]) for one in clocks
    ]
    return page.label("waiting", joined(running, page.say("stop")))


def now(page: Page) -> Iterator[Markdown]:
    entries = page.answer["next_hour"]
    overdue = sum(map(page.is_late, page.answer["actions"]))
    late = page.say("overdue_count", count=str(overdue)) if overdue else None
    yield from heading(2, page.with_note(page.say("now"), late))
    if not entries:
        yield from paragraph(page.say("nothing_now"))
    first = _foremost(page, entries)
    actions = {action["code"]: action for action in page.answer["actions"]}
    yield from paragraph(_late(page, [actions[code] for code in first]))
    yield from bullets((_now(page, actions[code]) for code in first), numbered=True)
    yield from paragraph(*_left_out(page, [one for one in entries if one["code"] not in first]))


def _late(page: Page, listed: Sequence[Json]) -> Markdown:
    """How long ago the first known moment of the pack's clock was, and the numbers of the listed actions that are late."""
    numbers = [number for number, action in enumerate(listed, start=1) if page.is_late(action)]
    if not numbers:
        return Markdown("")
    since = next(iter(page.answer["clock"]["since"].values()), None)
    ago = page.say("late_since", text=since["text"], span=page.since(since["at"])) if since else ""
    return ago + page.say("late", numbers=page.listed(ranges(numbers)))


def _left_out(page: Page, entries: Sequence[Json]) -> Iterator[Markdown]:
    """The number of actions that are not listed here: first the overdue ones, then the others."""
    late = sum(entry["overdue"] for entry in entries)
    if late:
        yield page.say("more_overdue", count=str(late))
    if soon := len(entries) - late:
        yield page.say("more_now", count=str(soon))


def _foremost(page: Page, entries: Sequence[Json]) -> list[str]:
    """The first MOST_NOW actions of the catalogue, also if others have been overdue for longer.

    Overdue actions come first, then the others by their deadlines. An overdue action counts as due now,
    so that overdue actions keep the catalogue's order.
    """
    as_of = parse_datetime(page.answer["as_of"])
    moments = {
        entry["code"]: max(as_of, parse_datetime(entry["due_at"])) if entry["due_at"] else as_of
        for entry in entries
    }
    waiting = [code for code in page.pack.actions if code in moments]
    foremost = in_order(waiting, page.pack.actions, dict.fromkeys(waiting))[:MOST_NOW]
    return in_order(sorted(foremost, key=waiting.index), page.pack.actions, moments)


def _now(page: Page, action: Json) -> Markdown:
    return joined(
        [page.due(action), strong(action["text"]), carried_out_by(page, action)], SEPARATOR
    )


def why(page: Page) -> Iterator[Markdown]:
    yield from heading(2, page.say("why"))
    yield from bullets(_why(page, ground) for ground in grounds(page.pack, page.answer))


def _why(page: Page, ground: Ground) -> Markdown:
    name = strong(page.name_of(ground.output) + page.say("colon") + ground.value)
    reasons = joined(ground.reasons, page.say("stop")) or _by_default(page, ground.output)
    return joined([name, reasons], SEPARATOR)


def _by_default(page: Page, output: str) -> Markdown:
    """No rule decided it. Only values that have levels can be higher."""
    return page.say("by_default" if page.pack.outputs[output].value_levels else "by_default_other")


def unknown(page: Page) -> Iterator[Markdown]:
    """First the facts for which held actions wait, then the unknown facts that could change the answer."""
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
    """The questions of held actions, as unknown facts. Some of these facts have an assumed value that was not verified."""
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
