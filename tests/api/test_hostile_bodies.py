"""To any bytes the server answers with a problem that is the caller's (4xx), and it continues."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.server import Server

HUGE = "x" * 5_000_000


def facts(text: str) -> bytes:
    return f'{{"facts": {text}}}'.encode()


BROKEN: dict[str, tuple[bytes, int, str]] = {
    "nothing": (b"", 400, "invalid-json"),
    "not JSON": (b"deaths=1", 400, "invalid-json"),
    "half of JSON": (b'{"facts": {', 400, "invalid-json"),
    "two documents": (b'{"facts": {}} {"facts": {}}', 400, "invalid-json"),
    "a trailing comma": (b'{"facts": {},}', 400, "invalid-json"),
    "a comment": (b'{"facts": {}} // fine', 400, "invalid-json"),
    "a byte order mark": (b'\xef\xbb\xbf{"facts": {}}', 400, "invalid-json"),
    "not UTF-8": (b'{"facts": {"source": {"first_post": "\xff\xfe"}}}', 400, "invalid-utf8"),
    "UTF-16": ('{"facts": {}}'.encode("utf-16"), 400, "invalid-utf8"),
    "deep lists": (b"[" * 100_000, 400, "too-deep"),
    "deep objects": (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, 400, "too-deep"),
    "33 levels": (facts("[" * 32 + "]" * 32), 400, "too-deep"),
    "duplicate keys": (facts('{"harm": {"deaths": 1, "deaths": 0}}'), 400, "duplicate-key"),
    "duplicate top keys": (b'{"facts": {}, "facts": {}}', 400, "duplicate-key"),
    "duplicate keys by escape": (
        facts('{"harm": {"deaths": 1, "d\\u0065aths": 0}}'),
        400,
        "duplicate-key",
    ),
    "NaN": (facts('{"harm": {"loss_cny": NaN}}'), 400, "invalid-json"),
    "Infinity": (facts('{"harm": {"loss_cny": -Infinity}}'), 400, "invalid-json"),
    "1e999": (facts('{"harm": {"loss_cny": 1e999}}'), 400, "number-range"),
    "a number of 5,000 digits": (
        facts('{"harm": {"deaths": %s}}' % ("9" * 5000)),
        400,
        "number-range",
    ),
    "a lone surrogate": (facts('{"source": {"first_post": "\\ud800"}}'), 400, "lone-surrogate"),
    "a lone surrogate as key": (facts('{"\\udfff": 1}'), 400, "lone-surrogate"),
    "NUL": (facts('{"source": {"first_post": "a\\u0000b"}}'), 400, "nul-character"),
    "a raw control character": (facts('{"source": {"first_post": "a\0b"}}'), 400, "invalid-json"),
    "5 MB of text": (facts(json.dumps({"source": {"first_post": HUGE}})), 413, "body-too-large"),
    "an array": (b"[]", 422, "invalid-request"),
    "a text": (b'"facts"', 422, "invalid-request"),
    "null": (b"null", 422, "invalid-request"),
    "no facts": (b"{}", 422, "invalid-request"),
    "facts null": (facts("null"), 422, "invalid-request"),
    "facts a list": (facts("[]"), 422, "invalid-request"),
    "10^30": (facts(json.dumps({"harm": {"deaths": 10**30}})), 422, "invalid-request"),
    "10,000 fields": (
        facts(json.dumps({f"f{n}": n for n in range(10_000)})),
        422,
        "invalid-request",
    ),
    "the engine's own keys": (facts('{"id": 1, "sid": "0", "$s": 1}'), 422, "invalid-request"),
    "the engine's own keys in a group": (
        facts('{"harm": {"id": 1, "sid": "sid-0", "$s": 1, "$m": {}}}'),
        422,
        "invalid-request",
    ),
    "an unknown pack": (b'{"facts": {}, "pack": "nope"}', 422, "invalid-request"),
    "an unknown language": (b'{"facts": {}, "locale": "tlh"}', 422, "invalid-request"),
    "a moment without offset": (
        b'{"facts": {}, "as_of": "2026-01-01T00:00:00"}',
        422,
        "invalid-request",
    ),
    "a list that is too long": (
        facts(json.dumps({"trend": {"keywords": ["x"] * 257}})),
        422,
        "invalid-request",
    ),
    "a text that is too long": (
        facts(json.dumps({"source": {"first_post": "字" * 4097}})),
        422,
        "invalid-request",
    ),
}


@pytest.mark.parametrize(("body", "status", "code"), BROKEN.values(), ids=BROKEN)
def test_a_broken_body_gets_a_problem(server: Server, body: bytes, status: int, code: str) -> None:
    reply = server.post(body)
    assert reply.headers["content-type"] == "application/problem+json"
    assert (reply.status, reply.json["status"], reply.json["code"]) == (status, status, code)
    assert server.get("/healthz").status == 200


WRONG: dict[str, tuple[Any, str, str, str]] = {
    "true for 1": ({"harm": {"deaths": True}}, "facts.harm.deaths", "wrong-type", ""),
    "a quoted number": ({"harm": {"deaths": "3"}}, "facts.harm.deaths", "wrong-type", "quotes"),
    "5.0 for an integer": ({"harm": {"deaths": 5.0}}, "facts.harm.deaths", "wrong-type", "decimal"),
    "1 for true": ({"harm": {"children": 1}}, "facts.harm.children", "wrong-type", ""),
    "yes for true": ({"harm": {"children": "yes"}}, "facts.harm.children", "wrong-type", ""),
    "a list for a text": (
        {"source": {"first_post": []}},
        "facts.source.first_post",
        "wrong-type",
        "",
    ),
    "a text for a list": (
        {"media": {"tiers": "wire"}},
        "facts.media.tiers",
        "wrong-type",
        "brackets",
    ),
    "below its least": ({"harm": {"deaths": -1}}, "facts.harm.deaths", "out-of-range", ""),
    "above its most": (
        {"social": {"negative_share": 1.01}},
        "facts.social.negative_share",
        "out-of-range",
        "",
    ),
    "an enum typo": (
        {"finding": {"claim": "confirmd"}},
        "facts.finding.claim",
        "not-allowed",
        "confirmed",
    ),
    "an enum typo in a list": (
        {"media": {"tiers": ["wire", "centrl"]}},
        "facts.media.tiers[1]",
        "not-allowed",
        "central",
    ),
    "an unknown fact": (
        {"harm": {"deathz": 1}},
        "facts.harm.deathz",
        "unknown-fact",
        "harm.deaths",
    ),
    "an unknown fact with the name of a key of errors": (
        {"harm": {"code": 1}},
        "facts.harm.code",
        "unknown-fact",
        "",
    ),
    "an unknown group": ({"ham": {"deaths": 1}}, "facts.ham", "unknown-fact", ""),
    "a dotted name": ({"harm.deaths": 1}, "facts.harm.deaths", "unknown-fact", "nested"),
    "no date": ({"time": {"known_at": "yesterday"}}, "facts.time.known_at", "bad-format", ""),
    "no offset": (
        {"time": {"known_at": "2026-01-01T00:00:00"}},
        "facts.time.known_at",
        "bad-format",
        "",
    ),
    "31 February": (
        {"time": {"known_at": "2026-02-31T00:00:00Z"}},
        "facts.time.known_at",
        "bad-format",
        "",
    ),
}


@pytest.mark.parametrize(("posted", "path", "code", "hint"), WRONG.values(), ids=WRONG)
def test_a_wrong_field_is_named_with_what_is_allowed(
    server: Server, posted: Any, path: str, code: str, hint: str
) -> None:
    reply = server.post({"facts": posted})
    assert reply.status == 422
    (error,) = reply.json["errors"]
    assert (error["path"], error["code"]) == (path, code)
    assert error["allowed"]
    assert hint in error["hint"]


def test_all_wrong_fields_are_named_at_once_in_the_order_posted(server: Server) -> None:
    body = {
        "as_of": "now",
        "facts": {"harm": {"injuries": "1", "deaths": True}, "x": {}},
        "fact": 1,
    }
    errors = server.post(body).json["errors"]
    assert [error["path"] for error in errors] == [
        "as_of",
        "fact",
        "facts.harm.injuries",
        "facts.harm.deaths",
        "facts.x",
    ]
    assert errors[1]["hint"] == "did you mean 'facts'?"


def test_no_problem_shows_internals_of_the_server(server: Server) -> None:
    for body, _, _ in BROKEN.values():
        text = server.post(body).body.decode()
        for word in ("Traceback", "marshmallow", "werkzeug", "flask", "durable", "/work", ".py"):
            assert word not in text


def test_broken_transfer_gets_an_answer_or_a_closed_connection_and_the_server_continues(
    server: Server,
) -> None:
    head = b"POST /v1/assessments HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    for tail in (
        b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n5\r\n{}",
        b"Content-Length: 100\r\n\r\n{}",
        b"Content-Length: -1\r\n\r\n{}",
        b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    ):
        said = server.raw(head + tail)
        assert said == b"" or said.startswith(b"HTTP/1.1 4"), said[:200]
    assert server.get("/healthz").status == 200
