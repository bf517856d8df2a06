"""Words ready to send, each with who approves it. They are quoted as they are, and stand near the end: most readers need only the plan."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.strict_json import Json
from service.engine.answer.planning.next_hour import is_certain
from service.reporting.markdown import Markdown, heading, joined, paragraph
from service.reporting.page import Page


def drafts(page: Page) -> Iterator[Markdown]:
    """The drafts with words, without those of actions that are done. Last those of actions that only an unknown fact decides."""
    actions = {action["code"]: action for action in page.answer["actions"]}
    found = [
        (one, is_certain(actions[one["code"]]))
        for one in page.answer.get("drafts", ())
        if one["text"] and not actions[one["code"]]["done"]
    ]
    if not found:
        return
    yield from heading(2, page.say("drafts"))
    yield from paragraph(page.say("drafts_note"))
    for draft, certain in sorted(found, key=lambda one: not one[1]):
        yield from _draft(page, draft, certain)


def _draft(page: Page, draft: Json, certain: bool) -> Iterator[Markdown]:
    name = draft["name"]
    yield from heading(3, name if certain else page.say("draft_if", name=name))
    said = [one["text"] for one in draft["sentences"] if one["text"]]
    yield Markdown("> ") + joined(said, page.words.wording.in_a_row(["", ""]))
    yield Markdown("")
    left = sum(one["why"] in ("not established", "may not be said") for one in draft["sentences"])
    names = page.listed(draft["approval_text"])
    yield from paragraph(
        page.say("draft_approval", names=names) if names else "",
        page.say("draft_left_out", count=str(left)) if left else "",
    )
