"""Assesses a posted incident and writes its report in Markdown, in the requested language or in each, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import tzinfo
from typing import Any

from schemas.field_error import Ignored
from schemas.scalars import parse_datetime
from schemas.strict_json import Json
from service.asking.posted import Posted
from service.engine.words.joined_words import is_both, own_first
from service.reporting.changes import changes
from service.reporting.drafts import drafts
from service.reporting.known import details, doubtful, ignored, known
from service.reporting.markdown import Markdown, paragraph
from service.reporting.opening import first_page, now, situation, unknown, why
from service.reporting.page import Page
from service.reporting.plan import forbidden, held, plan
from service.reporting.profiles import Profile, brief, chat
from service.reporting.what_if import what_if
from service.serving.packs import Packs
from service.serving.served_pack import Assessment, ServedPack

PARTS = (
    first_page,
    situation,
    now,
    why,
    unknown,
    ignored,
    doubtful,
    changes,
    forbidden,
    held,
    plan,
    details,
    what_if,
    drafts,
    known,
)
"""The parts of a report. The most urgent come first."""
BETWEEN_LANGUAGES = "\n---\n\n"


def assessments(packs: Packs, posted: Posted, profile: Profile = "full") -> list[Assessment]:
    """What the report is written from: the assessment of what was posted, or one in each language, the pack's own first.

    A full report includes the contingency and the drafts unless the body says `contingency: false` or `drafts: false`.
    With `locale: both` the whole report is written once in each language, the pack's own first. Raises what `Packs.assess` raises.
    """
    read = packs.read(posted)
    incident, full = read.incident, profile == "full"
    asked = replace(
        incident,
        contingency=full and incident.contingency is not False,
        drafts=full and incident.drafts is not False,
    )
    locales = own_first(read.served.pack) if is_both(asked.locale or "") else [asked.locale]
    incidents = (replace(asked, locale=locale) for locale in locales)
    return [replace(read, incident=incident).assess() for incident in incidents]


def write_report(
    served: ServedPack,
    posted: Mapping[str, Any],
    answers: Mapping[str, Json],
    timezone: tzinfo | None = None,
    brand: str | None = None,
    profile: Profile = "full",
) -> str:
    """The report on these facts, once in each language that has an answer. Its moments are in this time zone or the pack's.

    `brand` gives the facts that were not posted.
    """
    as_of = parse_datetime(next(iter(answers.values()))["as_of"])
    facts = served.facts.load(posted, as_of, by_name=True)
    if brand is not None:
        facts = served.pack.brands[brand].under(facts)
    known = {
        name: facts.values[name] for name in served.pack.vocabulary.facts if name in facts.values
    }
    zone = timezone or served.pack.timezone
    wrong = Ignored(facts.errors, facts.mistakes)
    pages = [
        Page(served.pack, served.assessor.words(locale).in_zone(zone), answer, known, wrong)
        for locale, answer in answers.items()
    ]
    return _WRITERS[profile](pages)


def _full(pages: Sequence[Page]) -> str:
    return BETWEEN_LANGUAGES.join(
        _written([*(line for part in PARTS for line in part(page)), *_colophon(page)])
        for page in pages
    )


def _brief(pages: Sequence[Page]) -> str:
    return BETWEEN_LANGUAGES.join(_written(brief(page)) for page in pages)


_WRITERS: Mapping[Profile, Callable[[Sequence[Page]], str]] = {
    "full": _full,
    "brief": _brief,
    "chat": chat,
}


def _written(lines: Sequence[Markdown]) -> str:
    return "\n".join(lines).rstrip() + "\n"


def _colophon(page: Page) -> Iterator[Markdown]:
    """The pack's version and digest and the assessment's id, so that the report can be made again."""
    pack, answer = page.pack, page.answer
    yield from paragraph(
        page.say("times", zone=str(page.words.wording.timezone)),
        page.say(
            "made_by",
            pack=page.words.wording.say(pack.title),
            version=pack.version,
            digest=pack.digest[:12],
            answer=answer["assessment_id"],
        ),
    )
