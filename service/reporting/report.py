"""Assesses a posted incident and writes its report in Markdown, in the requested language or in each, one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from schemas.strict_json import Json
from service.engine.words.joined_words import own_first
from service.language.model import BOTH
from service.reporting.known import details, doubtful, known
from service.reporting.markdown import Markdown, paragraph
from service.reporting.opening import now, situation, unknown, why
from service.reporting.page import Page
from service.reporting.plan import forbidden, held, plan
from service.reporting.what_if import changes, what_if
from service.serving.packs import Packs
from service.serving.served_pack import ServedPack

PARTS = (
    situation,
    now,
    why,
    unknown,
    doubtful,
    changes,
    forbidden,
    held,
    plan,
    details,
    what_if,
    known,
)
"""The parts of a report. The most urgent come first."""
BETWEEN_LANGUAGES = "\n---\n\n"


def report(packs: Packs, body: Any, now: datetime, new_id: str) -> tuple[dict[str, Any], str]:
    """The assessment of a posted body, and its report.

    A report includes the contingency unless the body says `contingency: false`. With `locale: both` the
    whole report is written once in each language, the pack's own first. Raises what `Packs.assess` raises.
    """
    asked = _with_contingency(body)
    in_all = isinstance(asked, dict) and asked.get("locale") == BOTH
    first = packs.assess({**asked, "locale": None} if in_all else asked, now)
    first = {"assessment_id": new_id, **first}
    served = packs.find(first["pack"]["name"])
    own = served.pack.locale
    if not in_all:
        return first, written(served, asked["facts"], first, asked.get("locale") or own)
    pages = [written(served, asked["facts"], first, own)]
    for locale in own_first(served.pack)[1:]:
        other = {"assessment_id": new_id, **packs.assess({**asked, "locale": locale}, now)}
        pages.append(written(served, asked["facts"], other, locale))
    return first, BETWEEN_LANGUAGES.join(pages)


def _with_contingency(body: Any) -> Any:
    if isinstance(body, dict) and body.get("contingency") is None:
        return {**body, "contingency": True}
    return body


def written(served: ServedPack, posted: Mapping[str, Any], answer: Json, locale: str) -> str:
    """The report of an answer in this language to these facts."""
    facts = served.facts.load(posted)[0]
    page = Page(served.pack, served.assessor.words(locale), answer, facts)
    lines = [line for part in PARTS for line in part(page)] + list(_colophon(page))
    return "\n".join(lines).rstrip() + "\n"


def _colophon(page: Page) -> Iterator[Markdown]:
    """The pack's version and digest and the assessment's id, so that the report can be made again."""
    pack, answer = page.pack, page.answer
    yield from paragraph(
        page.say("times", zone=pack.timezone.key),
        page.say(
            "made_by",
            pack=page.words.wording.say(pack.title),
            version=pack.version,
            digest=pack.digest[:12],
            answer=answer["assessment_id"],
        ),
    )
