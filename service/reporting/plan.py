"""The plan by deadline and by owner, the held actions, and the blocked actions with their lawful alternatives."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.strict_json import Json
from service.engine.answer.planning.next_hour import is_certain
from service.reporting.markdown import (
    Markdown,
    Piece,
    bullets,
    heading,
    joined,
    plain,
    strong,
    table,
)
from service.reporting.page import Page


def carried_out_by(page: Page, action: Json) -> Markdown:
    """The owner, the deputy, and the roles that must approve first."""
    agreed = approval(page, action)
    needed = page.say("approval_of", names=agreed) if agreed else ""
    return joined([owner(page, action), needed], page.say("stop"))


def owner(page: Page, action: Json) -> Markdown:
    if not action["owner"]:
        return page.say("nobody")
    deputy = action["deputy_text"]
    note = page.say("deputy", name=deputy) if deputy else None
    return page.with_note(action["owner_text"], note)


def approval(page: Page, action: Json) -> Markdown:
    names = page.listed(page.role(code) for code in action["approval"])
    by = action["approve_by"]
    until = (
        page.say("at_once") if page.is_due(by) else page.say("approve_by", moment=page.moment(by))
    )
    return page.with_note(names, until if by and not action["done"] else None)


def plan(page: Page) -> Iterator[Markdown]:
    actions = page.answer["actions"]
    if not actions:
        return
    yield from heading(2, page.say("plan"))
    yield from heading(3, page.say("by_deadline"))
    headings = [*map(page.say, ("number", "due", "action", "owner", "approval", "after"))]
    for title, group in _groups(page, actions):
        yield from heading(4, title) if title else ()
        yield from table(headings, (_row(page, action, actions) for action in group))
    yield from heading(3, page.say("by_owner"))
    yield from bullets(_by_owner(page))


def _groups(page: Page, actions: list[Json]) -> Iterator[tuple[str, list[Json]]]:
    """The actions of each group of the pack's annex that has some; last those of no group. Without groups all together."""
    groups = page.pack.brief.annex if page.pack.brief else ()
    grouped = {code for group in groups for code in group.kinds}
    for group in groups:
        if found := [action for action in actions if action["kind"] in group.kinds]:
            yield page.words.wording.say(group.text), found
    if rest := [action for action in actions if action["kind"] not in grouped]:
        yield page.say("annex_other") if groups else "", rest


def _row(page: Page, action: Json, actions: list[Json]) -> list[Piece]:
    numbers = {other["code"]: str(number) for number, other in enumerate(actions, start=1)}
    after = page.listed(numbers[code] for code in action["after"] if code in numbers)
    return [
        numbers[action["code"]],
        _due(page, action),
        page.with_note(action["text"], *_remarks(page, action)),
        owner(page, action),
        approval(page, action),
        after,
    ]


def _due(page: Page, action: Json) -> Markdown:
    return page.say("done") if action["done"] else page.due(action)


def _remarks(page: Page, action: Json) -> Iterator[Piece]:
    if _is_duty(action):
        yield action["ground"]
    if action["if"] is not None:
        yield action["if"]["text"]
    if action["due_unsure"]:
        yield page.say("due_unsure")
    if starts := action["starts_with"]:
        names = page.listed(page.name_of(one["fact"]) for one in starts)
        yield page.say("starts_with", names=names)
    if action["done_at"] and action["again_at"]:
        yield page.say("again", moment=page.moment(action["again_at"]))
    if every := action["every"]:
        yield page.say("every", span=page.span(every))
    if until := action["until"]:
        yield page.say("until", text=until)
    if action["inform"]:
        names = page.listed(page.role(code) for code in action["inform"])
        yield page.say("inform", names=names)


def _is_duty(action: Json) -> bool:
    """Whether a law stands behind it. What only may apply has the laws of every place that may, so it names none."""
    return action["statutory"] and is_certain(action)


def _by_owner(page: Page) -> Iterator[Markdown]:
    """Each owner with the numbers and texts of their actions."""
    owned: dict[str, list[str]] = {}
    for number, action in enumerate(page.answer["actions"], start=1):
        name = action["owner_text"] or page.say("nobody")
        owned.setdefault(name, []).append(joined([str(number), action["text"]], " "))
    for name, actions in owned.items():
        yield joined(
            [strong(plain(name) + page.say("colon")), joined(actions, page.say("stop"))], " "
        )


def held(page: Page) -> Iterator[Markdown]:
    """Held actions that wait for the same questions on the same ground share one row."""
    entries = page.answer["held"]
    if not entries:
        return
    yield from heading(2, page.say("held"))
    headings = [page.say("held_action"), page.say("held_until"), page.say("because")]
    grouped: dict[tuple[Markdown, str], list[str]] = {}
    for one in entries:
        grouped.setdefault((_until(page, one), one["ground"] or ""), []).append(one["text"])
    yield from table(
        headings, ([joined(texts, page.say("stop")), *why] for why, texts in grouped.items())
    )


def _until(page: Page, entry: Json) -> Markdown:
    """The questions whose answers free the action, and the actions that contradict it."""
    questions = [
        page.with_note(one["question"] or page.name_of(one["fact"]), one["ask_text"])
        for one in entry["questions"]
    ]
    names = page.listed(map(page.action, entry.get("opposites", ())))
    return joined([*questions, names and page.say("opposites", names=names)], page.say("stop"))


def forbidden(page: Page) -> Iterator[Markdown]:
    entries = page.answer["blocked"]
    if not entries:
        return
    yield from heading(2, page.say("forbidden"))
    headings = [page.say("forbidden_action"), page.say("instead"), page.say("because")]
    yield from table(headings, (_forbidden(page, one) for one in entries))


def _forbidden(page: Page, entry: Json) -> list[Piece]:
    reasons = {reason["rule"]: reason["text"] for reason in page.answer["reasons"]}
    why = [reasons[rule] for rule in entry["because"] if rule in reasons]
    instead = joined(map(page.action, entry["instead"]), page.say("stop"))
    return [entry["text"], instead, page.with_note(joined(why, page.say("stop")), entry["ground"])]
