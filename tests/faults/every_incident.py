"""Asks a pack that loads for everything: answers and reports for many incidents in every language, its views, the document.

Only `rule-conflict` and `budget-exceeded` may take the place of an answer. Both engines must give the same bytes.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask
from jsonschema_rs import validator_for

from schemas.pack_views import PackSchema
from schemas.strict_json import read_json, write_json
from service.answering import answer, problem, report
from service.api.application import make_app
from service.api.documentation import openapi
from service.asking.posted import Posted
from service.authoring.description import describe
from service.config import Config
from service.language.model import Pack
from service.serving.packs import Packs
from service.serving.served_pack import ServedPack
from tests.faults.answers import JSON, MARKDOWN, PROBLEM, Answers
from tests.faults.fitting import with_fact
from tests.faults.generated.odd_values import ZONES
from tests.incidents import random_bodies
from tests.packs import HARBOUR
from tests.reporting.rendered import kinds

Body = Mapping[str, Any]
Draw = random.Random
NOW = datetime(2026, 6, 1, tzinfo=UTC)
ALLOWED = ("rule-conflict", "budget-exceeded")
AS_OF = [
    "0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "2026-06-01T00:00:00Z", "2026-06-01T09:00:00+08:00",
    "2026-06-02T00:00:00-12:00", "2026-07-01T00:00:00Z", "9999-12-31T23:59:59.999999Z",
]  # fmt: skip
"""In order: a previous answer is never later than the incident."""
HTML = {"html_block", "html_inline"}


def complaint(pack: Pack, seed: str, app: Flask) -> str:
    """What is wrong with what the pack gives, or "" if nothing is. Raises ReteError if the matcher cannot take the pack."""
    with (
        closing(ServedPack.of(pack, "both")) as one,
        closing(ServedPack.of(pack, "reference")) as other,
    ):
        both, reference = Packs({pack.name: one}, pack.name), Packs({pack.name: other}, pack.name)
        document = json.loads(_document(app, both))
        found = _views(pack) or _incidents(pack, both, reference, Answers(document), seed)
        return found or _documented(pack, document)


def _views(pack: Pack) -> str:
    for locale in (None, *pack.locales):
        wrong = PackSchema().validate(read_json(write_json(describe(pack, locale))))
        if wrong:
            return f"the view in {locale} has another shape: {wrong}"
    return ""


def application(state: Path) -> Flask:
    """The application that makes the OpenAPI document. Its own packs do not matter."""
    return make_app(Config(packs=HARBOUR.parent, pack="harbour", state=state, log_level="error"))


def _document(app: Flask, packs: Packs) -> bytes:
    with app.app_context():
        return openapi._document.__wrapped__(packs)


def _documented(pack: Pack, document: Mapping[str, Any]) -> str:
    """The document must allow an incident without facts."""
    schema = {"$ref": f"#/components/schemas/Incident-{pack.name}"}
    shape = validator_for({**schema, "components": document["components"]})
    error = next(shape.iter_errors({"facts": {}, "pack": pack.name}), None)
    return f"the document refuses an incident: {error.message}" if error else ""


def _incidents(pack: Pack, both: Packs, reference: Packs, answers: Answers, seed: str) -> str:
    previous: Body | None = None
    draw = Draw(seed)
    for body, accept in _bodies(draw, pack):
        asked = {**body, "previous": previous} if previous and draw.random() < 0.6 else body
        posted = Posted(asked, NOW, lenient=draw.random() < 0.3)
        status, kind, got = _answered(both, posted, accept)
        if (status, kind, got) != _answered(reference, posted, accept):
            return f"the engines differ: {posted}"
        wrong = _judged(answers, status, kind, got, accept, posted.lenient)
        if wrong:
            return f"{wrong}: {posted}"
        if (status, kind) == (200, JSON):
            previous = _sent_back(draw, json.loads(got))
    return ""


def _bodies(draw: Draw, pack: Pack) -> Iterator[tuple[Body, str]]:
    """For each language an incident without facts, and others with random and with extreme ones, as answers and reports."""
    plain = map(json.loads, random_bodies([pack], draw, len(pack.locales)))
    for place, as_of in enumerate(AS_OF):
        locale = pack.locales[place % len(pack.locales)]
        body: Body = {"facts": {}, "as_of": as_of, "locale": locale, **_requested(draw)}
        yield body, JSON
        yield _with_facts(draw, body, pack), draw.choice([JSON, JSON, MARKDOWN])
    for body, locale in zip(plain, pack.locales, strict=True):
        whole = {**body, "as_of": AS_OF[-1], "locale": locale, **_requested(draw)}
        yield whole, JSON
        yield whole, MARKDOWN


def _requested(draw: Draw) -> Body:
    zone = {"timezone": draw.choice(ZONES)} if draw.random() < 0.3 else {}
    explain = draw.choice(["full", "reasons"])
    return {"explain": explain, "contingency": draw.random() < 0.5, **zone}


def _with_facts(draw: Draw, body: Body, pack: Pack) -> Body:
    share, found = draw.random(), dict(body)
    for fact in pack.vocabulary.facts.values():
        if draw.random() < share:
            found = with_fact(draw, found, fact)
    return found


def _sent_back(draw: Draw, assessment: Mapping[str, Any]) -> Body:
    """The parts of an answer that a caller may send, or some of them."""
    parts = ("outputs", "actions", "since")
    chosen = parts if draw.random() < 0.7 else draw.sample(parts, draw.randint(0, 2))
    done = [one["code"] for one in assessment["actions"] if draw.random() < 0.3]
    sent = {key: assessment[key] for key in chosen}
    return {"as_of": assessment["as_of"], **sent, "responses": done}


def _answered(packs: Packs, posted: Posted, accept: str) -> tuple[int, str, bytes]:
    try:
        if accept == MARKDOWN:
            return 200, MARKDOWN, report(packs, posted).encode()
        return 200, JSON, write_json(answer(packs, posted))
    except Exception as error:
        told = problem(error)
        if told["code"] == "internal-error":
            raise
        return told["status"], PROBLEM, write_json(told)


def _judged(
    answers: Answers, status: int, kind: str, got: bytes, accept: str, lenient: bool
) -> str:
    if kind == PROBLEM:
        told = json.loads(got)
        if told["code"] in ALLOWED:
            return ""
        if (
            status == 422
            and not lenient
            and all(one["path"].startswith("facts.") for one in told["errors"])
        ):
            return ""
        return f"{status} {told}"
    if kind == MARKDOWN and HTML & set(kinds(got.decode())):
        return "the report has HTML"
    return answers.single(status, kind, got, accept)
