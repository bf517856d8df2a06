"""The profiles of a report: the full report, the brief alone, and the brief as a text for chats.

A text for chats is plain text: WeCom, DingTalk, Feishu and Slack show it as it is, and nothing in it acts there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Literal, get_args

from schemas.strict_json import Json
from service.engine.answer.late import is_at_once
from service.reporting.markdown import Markdown, bullets, heading, visible
from service.reporting.page import Page

Profile = Literal["full", "brief", "chat"]
PROFILES: tuple[Profile, ...] = get_args(Profile)
MOST_BYTES = 2000
"""The most bytes of UTF-8 that a text for chats has: WeCom takes 2,048."""
CUT = "…"
BAR = " | "
MOST_ROWS = 5
"""The most actions in the brief of a pack that declares none."""
LINE_END = "\n"
_ACTIVE = str.maketrans({"<": "‹", ">": "›"})
"""Feishu and Slack take `<at …>`, `<!channel>` and `<https://…|text>` in a plain text for commands."""
_SCHEME = re.compile(r"(?<=\w):(?=//)")
_NAME_OF_HOST = re.compile(r"(?<=[^\W_])\.(?=[A-Za-z]{2,})")
JOINER = "\u200d"
_CONTINUES = re.compile("[\u200d\ufe0f\U0001f3fb-\U0001f3ff]")
"""A character that belongs to the one before it: a part of an emoji."""


def profile_named(name: str) -> Profile | None:
    return next((one for one in PROFILES if one == name), None)


def brief(page: Page) -> list[Markdown]:
    """The brief in Markdown, as a page of its own."""
    told = _told(page)
    return [*heading(1, told["title"]), *bullets(line["text"] for line in told["lines"])]


def _told(page: Page) -> Json:
    """The brief of the answer, or what a pack that declares none has to say: the verdict, what is to be done now, the next review."""
    found: Json | None = page.answer.get("brief")
    return found or {"title": _title(page), "lines": [*_due(page), *_review(page)]}


def _title(page: Page) -> str:
    colon = page.words.wording.say(page.pack.report["colon"])
    lifted = [page.name_of(name) + colon + page.answer[name]["text"] for name in page.pack.lifted]
    return page.answer["verdict"] or page.words.wording.word_list(lifted)


def _due(page: Page) -> Iterator[Json]:
    soon = [one["code"] for one in page.answer["next_hour"]][:MOST_ROWS]
    for action in page.answer["actions"]:
        if action["code"] in soon:
            parts = (action["owner_text"], _when(page, action), action["text"])
            yield _line(BAR.join(filter(None, parts)), action["code"])


def _when(page: Page, action: Json) -> str:
    """A deadline that is set by law keeps its date."""
    due, say = action["due_at"], page.words.wording.say
    if is_at_once(action) or (page.is_due(due) and not page.keeps_its_date(action)):
        return say(page.pack.report["at_once"])
    late = say(page.pack.report["overdue"]) if page.is_past(due) else ""
    return f"{page.moment(due)} {late}".strip()


def _review(page: Page) -> Iterator[Json]:
    if moment := page.moment(page.answer["next_review"]):
        yield _line(page.words.wording.say(page.pack.report["next_review"]) + " " + moment)


def _line(text: str, *actions: str) -> Json:
    return {"text": text, "page_only": False, "actions": actions}


@dataclass(frozen=True, slots=True)
class ChatLine:
    """`gives_way` says in which order lines are left out; a line without it never is, but it may be cut."""

    text: str
    gives_way: int | None = None

    @property
    def size(self) -> int:
        return size(self.text)


def chat(pages: Sequence[Page]) -> str:
    """The briefs for a chat, one in each language, in at most MOST_BYTES together."""
    wanted = [list(_lines(page)) for page in pages]
    between = len(LINE_END) * (len(pages) - 1)
    shares = shared([_total(lines) for lines in wanted], MOST_BYTES - between)
    texts = (
        fitted(lines, share, page.say("shortened"))
        for lines, share, page in zip(wanted, shares, pages, strict=True)
    )
    return LINE_END.join(texts)


def _lines(page: Page) -> Iterator[ChatLine]:
    """The title and the lines that may be forwarded."""
    told = _told(page)
    yield ChatLine(harmless(told["title"]))
    by_law = {action["code"] for action in page.answer["actions"] if action["statutory"]}
    for line in told["lines"]:
        if not line["page_only"]:
            stays = not by_law.isdisjoint(line["actions"])
            yield ChatLine(harmless(line["text"]), None if stays else _gives_way(page, line))


def _gives_way(page: Page, line: Json) -> int | None:
    """The order that the pack declares; without one, first what asks for nothing to be done."""
    if page.pack.brief is None:
        return None if line["actions"] else 0
    rows = page.pack.brief.gives_way
    return rows.index(line["row"]) if line["row"] in rows else None


def harmless(text: str) -> str:
    """The text in one line of visible characters, without anything that a chat takes for a command or an address to open."""
    line = " ".join("".join(map(visible, text)).split()).translate(_ACTIVE)
    return _NAME_OF_HOST.sub("[.]", _SCHEME.sub("[:]", line))


def fitted(lines: Sequence[ChatLine], limit: int, shortened: str) -> str:
    """The lines in at most `limit` bytes.

    Where they are longer, lines that give way are left out in their order, the last of equal ones first. If that is not
    enough, the longest lines are cut at their ends, so that each one stays. The last line then says that something is missing.
    """
    if _total(lines) <= limit:
        return _written([line.text for line in lines])
    room = limit - size(shortened) - 1
    kept = list(lines)
    giving_way = [(line.gives_way, line) for line in reversed(lines) if line.gives_way is not None]
    for _, line in sorted(giving_way, key=itemgetter(0)):
        if _total(kept) > room:
            kept.remove(line)
    shares = shared([line.size for line in kept], room - len(kept))
    texts = [cut(line.text, share) for line, share in zip(kept, shares, strict=True)]
    return _written([*filter(None, texts), shortened])


def _written(texts: Sequence[str]) -> str:
    return "".join(text + LINE_END for text in texts)


def _total(lines: Sequence[ChatLine]) -> int:
    return sum(line.size + 1 for line in lines)


def shared(sizes: Sequence[int], room: int) -> list[int]:
    """How much of `room` each one gets: the small ones all they need, the others equal parts of the rest."""
    shares, left = list(sizes), max(room, 0)
    waiting = sorted(range(len(sizes)), key=sizes.__getitem__)
    for position, one in enumerate(waiting):
        shares[one] = min(sizes[one], left // (len(waiting) - position))
        left -= shares[one]
    return shares


def cut(text: str, limit: int) -> str:
    """The text in at most `limit` bytes, with `…` at its end if it was longer. No character loses its accents or a part of an emoji."""
    if size(text) <= limit:
        return text
    room = limit - size(CUT)
    if room < 0:
        return ""
    kept = text.encode()[:room].decode(errors="ignore")
    while kept and (_continues(text[len(kept)]) or kept[-1] == JOINER):
        kept = kept[:-1]
    return kept.rstrip() + CUT


def _continues(character: str) -> bool:
    """Whether it belongs to the character before it."""
    return unicodedata.combining(character) > 0 or bool(_CONTINUES.match(character))


def size(text: str) -> int:
    return len(text.encode())
