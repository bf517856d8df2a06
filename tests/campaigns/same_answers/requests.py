"""The requests that both trees answer: each incident in all forms of a request, and requests for the rest of the API."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import IO

from tests.campaigns.same_answers.incidents import DEFAULT, Body, Posted, has_a_moment

ASSESS, BATCH = "/v1/assessments", "/v1/assessments/batch"
JSON, NDJSON, MARKDOWN = "application/json", "application/x-ndjson", "text/markdown"
LINES_OF_A_BATCH = 50
EVERYTHING: Body = {"explain": "full", "contingency": True}


@dataclass(frozen=True, slots=True)
class Request:
    """`body` is text in which surrogates stand for the bytes that are not UTF-8, so that JSON can hold it."""

    name: str
    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""


def write(requests: Iterable[Request], file: IO[str]) -> int:
    """Writes one line for each request. Each has an id, because problems repeat it and it would be random otherwise."""
    number = 0
    for number, request in enumerate(requests, start=1):
        headers = {**request.headers, "X-Request-Id": f"same-answers-{number}"}
        line = asdict(request) | {"number": number, "headers": headers}
        file.write(json.dumps(line) + "\n")
    return number


def of_incident(number: int, posted: Posted) -> Iterator[Request]:
    """In each language the answer, the answer with explanation and contingency, and the report. In one language two more forms."""
    for locale in posted.locales:
        yield _assess(posted, JSON, {"locale": locale})
        yield _assess(posted, JSON, {"locale": locale, **EVERYTHING})
        yield _assess(posted, MARKDOWN, {"locale": locale})
    locale = posted.locales[number % len(posted.locales)]
    yield _assess(posted, JSON, {"locale": locale, "explain": "full"})
    yield _assess(posted, MARKDOWN, {"locale": locale, "contingency": False})


def _assess(posted: Posted, accept: str, more: Body) -> Request:
    body = json.dumps({**posted.body, **more}, ensure_ascii=False)
    headers = {"Content-Type": JSON, "Accept": accept}
    return Request(f"{posted.name} {dict(more)}", "POST", ASSESS, headers, body)


def of_damaged(bodies: Iterable[bytes]) -> Iterator[Request]:
    for number, body in enumerate(bodies):
        headers = {"Content-Type": JSON, "Accept": MARKDOWN if number % 7 == 0 else JSON}
        yield Request(f"damaged body {number}", "POST", ASSESS, headers, _text(body))


def batches(bodies: Iterable[bytes]) -> Iterator[Request]:
    lines: list[bytes] = []
    for number, body in enumerate(filter(has_a_moment, bodies), start=1):
        lines.append(body)
        if len(lines) == LINES_OF_A_BATCH:
            yield _batch(f"batch up to {number}", b"\n".join(lines))
            lines.clear()
    yield _batch("the last batch", b"\r\n\r\n".join(lines))


def _batch(name: str, body: bytes, headers: Mapping[str, str] | None = None) -> Request:
    return Request(name, "POST", BATCH, headers or {"Content-Type": NDJSON}, _text(body))


def _text(body: bytes) -> str:
    return body.decode("utf-8", "surrogateescape")


def rest_of_the_api() -> Iterator[Request]:
    """The documents `GET /v1/packs/{name}`, `/openapi.json` and `/docs` are left out."""
    for path in (
        *("/healthz", "/readyz", "/v1/packs", "/v1/packs/none", "/v1/nothing", "/v2"),
        *(f"/v1/packs/{DEFAULT}?locale=xx", ASSESS, BATCH),
    ):
        yield Request(f"GET {path}", "GET", path)
    for method in ("PUT", "DELETE", "PATCH"):
        yield Request(f"{method} {ASSESS}", method, ASSESS)
        yield Request(f"{method} /v1/packs", method, "/v1/packs")
    yield from _refused_headers()
    for body in (
        "",
        " ",
        "null",
        "[]",
        '"facts"',
        "{}",
        '{"facts": {}, "locale": "xx"}',
        "{",
        "1e999",
    ):
        yield Request(f"body {body!r}", "POST", ASSESS, {"Content-Type": JSON}, body)
    yield Request("1 MiB", "POST", ASSESS, {"Content-Type": JSON}, " " * (1024 * 1024 + 1))
    for name, lines in (
        ("empty", b""),
        ("empty lines", b"\n\r\n \n"),
        ("too many", b"\n" * 10_001),
    ):
        yield _batch(f"batch: {name}", lines)
    yield _batch("batch as JSON", b"{}", {"Content-Type": JSON})


def _refused_headers() -> Iterator[Request]:
    body = json.dumps({"facts": {}, "as_of": "2026-06-01T12:00:00+08:00"})
    for headers in (
        {},
        {"Content-Type": "text/plain"},
        {"Content-Type": f"{JSON}; charset=latin-1"},
        {"Content-Type": f"{JSON}; charset=UTF-8"},
        {"Content-Type": JSON, "Content-Encoding": "gzip"},
        {"Content-Type": JSON, "Accept": "application/xml"},
        {"Content-Type": JSON, "Accept": "text/*"},
        {"Content-Type": JSON, "Accept": f"{MARKDOWN};q=0.5, {JSON};q=0.4"},
        {"Content-Type": JSON, "Accept": f"{MARKDOWN};q=0, */*"},
    ):
        yield Request(f"headers {headers}", "POST", ASSESS, headers, body)


def as_posted(posted: Posted) -> bytes:
    return json.dumps(posted.body, ensure_ascii=False).encode()


def all_requests(incidents: Iterable[Posted], damaged_bodies: Iterable[bytes]) -> Iterator[Request]:
    """Each incident is also in a batch, with damaged bodies between the incidents."""
    bodies: list[bytes] = []
    yield from rest_of_the_api()
    for number, posted in enumerate(incidents):
        yield from of_incident(number, posted)
        bodies.append(as_posted(posted))
    wrong = list(damaged_bodies)
    yield from of_damaged(wrong)
    yield from batches(_mixed(bodies, wrong))


def _mixed(many: list[bytes], few: list[bytes]) -> list[bytes]:
    step = -(-len(many) // (len(few) or 1))
    mixed = [[*many[place * step : (place + 1) * step], body] for place, body in enumerate(few)]
    return [body for part in mixed for body in part] + many[len(few) * step :]
