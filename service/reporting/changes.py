"""What changed since the previous answer, and what of that answer was not used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from schemas.strict_json import Json
from service.reporting.markdown import (
    Markdown,
    Piece,
    bullets,
    heading,
    joined,
    paragraph,
    plain,
    strong,
)
from service.reporting.page import Page

KEPT_BACK = {
    "blocked": ("blocked_added", "blocked_dropped"),
    "held": ("held_added", "held_dropped"),
}
NOW = {
    "allowed": "now_allowed",
    "blocked": "now_blocked",
    "held": "now_held",
    "left out": "now_left_out",
    "not asked": "now_not_asked",
    "gone": "now_gone",
}
"""The texts for the states that an action can have now."""


def changes(page: Page) -> Iterator[Markdown]:
    found = page.answer.get("changes")
    if not found:
        return
    yield from heading(2, page.say("changes"))
    reasons = {reason["rule"]: reason["text"] for reason in page.answer["reasons"]}
    lines = [_change(page, one, reasons) for one in found["outputs"]]
    lines += changed_actions(page, found["actions"])
    for key in ("blocked", "held"):
        lines += _kept_back(page, key, found[key], reasons)
    lines += _carried_out(page, found)
    lines += _figures(page, found["figures"])
    lines += _deadlines(page, found)
    if not lines:
        yield from paragraph(page.say("no_changes"))
    yield from bullets(lines)
    yield from paragraph(_ignored(page))


def _change(page: Page, one: Json, reasons: Mapping[str, str]) -> Markdown:
    moved = page.say("change", **{"from": one["from_text"] or "?", "to": one["to_text"] or "?"})
    line = joined([strong((one["text"] or one["name"]) + page.say("colon")), moved], " ")
    return page.with_note(line, *_why(one, reasons))


def _why(one: Json, reasons: Mapping[str, str]) -> list[str]:
    return [reasons[rule] for rule in one["because"] if rule in reasons]


def changed_actions(page: Page, actions: Json) -> Iterator[Markdown]:
    for key in ("added", "dropped"):
        texts = joined(map(page.action, actions[key]), page.say("stop"))
        if texts:
            yield page.say(key) + page.say("colon") + texts


def _kept_back(page: Page, key: str, found: Json, reasons: Mapping[str, str]) -> Iterator[Markdown]:
    """A line for each action that is newly blocked or held with the reasons, and for each that no longer is."""
    added, dropped = KEPT_BACK[key]
    for one in found["added"]:
        yield _line(page, added, one["text"], *_why(one, reasons))
    for one in found["dropped"]:
        state = page.say(NOW[one["now"]])
        yield _line(page, dropped, one["text"], state, *_why(one, reasons))


def _line(page: Page, key: str, text: str, *notes: str) -> Markdown:
    """Several rules may have one text: each is said once."""
    said = page.with_note(text, *dict.fromkeys(notes))
    return joined([strong(page.say(key) + page.say("colon")), said], " ")


def _carried_out(page: Page, found: Json) -> Iterator[Markdown]:
    """What was done since, and a line for each action that is asked for again, with what asks for it."""
    texts = joined(map(page.action, found["done"]), page.say("stop"))
    if texts:
        yield page.say("carried_out") + page.say("colon") + texts
    for one in found["reopened"]:
        yield _line(page, "reopened", one["text"], *(again["text"] for again in one["because"]))


def _figures(page: Page, found: Sequence[Json]) -> Iterator[Markdown]:
    """The figures of the trend that are different, with the change in per cent."""
    for one in found:
        ends: dict[str, Piece] = {
            key: page.words.with_unit(one["name"], one[f"{key}_text"], one[key])
            for key in ("from", "to")
        }
        percent = one["percent"]
        grown = None if percent is None else page.say("percent", count=f"{percent:+,g}")
        moved = page.with_note(page.say("change", **ends), grown)
        yield joined([strong(one["text"] + page.say("colon")), moved], " ")


def _deadlines(page: Page, found: Json) -> Iterator[Markdown]:
    by_law = {one["code"] for one in page.answer["actions"] if page.keeps_its_date(one)}
    for one in found["deadlines"]:
        moved = [
            joined([page.say(key), _moved(page, one[moment], one["code"] in by_law)], " ")
            for key, moment in (("deadline_moved", "due_at"), ("approval_moved", "approve_by"))
            if one[moment]
        ]
        yield joined(
            [strong(one["text"] + page.say("colon")), joined(moved, page.say("stop"))], " "
        )
    if found["next_review"]:
        title = strong(page.say("review_moved") + page.say("colon"))
        yield joined([title, _moved(page, found["next_review"])], " ")


def _moved(page: Page, one: Json, by_law: bool = False) -> Markdown:
    """Only a deadline that is set by law shows a date that is past: where it was, if it was that, is left out."""
    say = page.moment if by_law else page.deadline
    to = say(one["to"]) or page.say("nothing")
    if page.is_due(one["from"]) and not by_law:
        return plain(to)
    return page.say("change", **{"from": say(one["from"]) or page.say("nothing")}, to=to)


def _ignored(page: Page) -> Markdown:
    said = (
        page.with_note(one["path"].removeprefix("previous."), one["text"])
        for one in page.answer["previous_ignored"]
    )
    return page.label("previous_ignored", joined(said, page.say("stop")))
