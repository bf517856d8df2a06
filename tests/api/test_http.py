"""HTTP as clients use it: compressed bodies and answers, other origins, query parameters, names of media types."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.server import Reply, Server, running

ASSESSMENTS, BATCH = "/v1/assessments", "/v1/assessments/batch"
JSON, NDJSON, JSONL = "application/json", "application/x-ndjson", "application/jsonl"
DESK, IPV6 = "https://desk.example.com", "http://[::1]:3000"
STORM = {"facts": {"wind": {"speed": 30}}}
MIB = 1024 * 1024


@pytest.fixture(scope="module")
def server(packs: Path) -> Iterator[Server]:
    settings = {"TOCSIN_WORKERS": "1", "TOCSIN_CORS_ORIGINS": f"{DESK}, {IPV6}"}
    with running(packs, packs.parent / "log", **settings) as started:
        yield started


def post(
    server: Server, body: Any, path: str = ASSESSMENTS, kind: str = JSON, **headers: str
) -> Reply:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return server.request("POST", path, raw, {"Content-Type": kind, **named})


def codes(reply: Reply) -> list[tuple[str, str]]:
    assert (reply.status, reply.json["code"]) == (422, "invalid-request"), reply.body
    return [(error["path"], error["code"]) for error in reply.json["errors"]]


# Compressed bodies


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "GZIP"])
def test_a_body_may_be_compressed(server: Server, coding: str) -> None:
    packed = gzip.compress(json.dumps(STORM).encode())
    reply = post(server, packed, Content_Encoding=coding)
    assert (reply.status, reply.json["alert"]["code"]) == (200, "storm")


def test_a_batch_may_be_compressed_in_several_pieces(server: Server) -> None:
    line = json.dumps(STORM).encode() + b"\n"
    packed = gzip.compress(line * 3 + line[:10]) + gzip.compress(line[10:])
    reply = post(server, packed, BATCH, NDJSON, Content_Encoding="gzip")
    assert [json.loads(one)["alert"]["code"] for one in reply.body.splitlines()] == ["storm"] * 4


@pytest.mark.parametrize(("path", "kind", "limit"), [(ASSESSMENTS, JSON, 1), (BATCH, NDJSON, 32)])
def test_the_limit_holds_for_the_unpacked_body(
    server: Server, path: str, kind: str, limit: int
) -> None:
    whole = json.dumps(STORM).encode().ljust(limit * MIB)
    taken = post(server, gzip.compress(whole, 1), path, kind, Content_Encoding="gzip")
    assert taken.status == 200
    refused = post(server, gzip.compress(whole + b" ", 1), path, kind, Content_Encoding="gzip")
    assert (refused.status, refused.json["code"]) == (413, "body-too-large")


def test_a_small_body_that_unpacks_to_very_much_is_refused(server: Server) -> None:
    bomb = gzip.compress(b" " * (64 * MIB), 9)
    assert len(bomb) < MIB
    reply = post(server, bomb, Content_Encoding="gzip")
    assert (reply.status, reply.json["code"]) == (413, "body-too-large")


PACKED = gzip.compress(json.dumps(STORM).encode())
WRONG = {
    "cut in its data": PACKED[:-12],
    "cut in its checksum": PACKED[:-2],
    "not compressed": json.dumps(STORM).encode(),
    "with another checksum": PACKED[:-8] + b"\0\0\0\0" + PACKED[-4:],
    "with more after it": PACKED + b"more",
    "empty": b"",
}


@pytest.mark.parametrize("body", WRONG.values(), ids=WRONG)
def test_wrong_gzip_is_refused(server: Server, body: bytes) -> None:
    for path, kind in ((ASSESSMENTS, JSON), (BATCH, NDJSON)):
        reply = post(server, body, path, kind, Content_Encoding="gzip")
        assert (reply.status, reply.json["code"]) == (400, "bad-request")


@pytest.mark.parametrize("coding", ["br", "zstd", "deflate", "gzip, gzip", "nonsense"])
def test_an_unknown_coding_is_refused_with_those_that_are_read(server: Server, coding: str) -> None:
    for path, kind in ((ASSESSMENTS, JSON), (BATCH, NDJSON)):
        reply = post(server, STORM, path, kind, Content_Encoding=coding)
        assert (reply.status, reply.json["code"]) == (415, "unsupported-media-type")
        assert reply.headers["accept-encoding"] == "gzip"


# Compressed answers


def test_an_answer_is_compressed_for_clients_that_accept_it(server: Server) -> None:
    plain = server.get("/openapi.json")
    packed = server.request("GET", "/openapi.json", headers={"Accept-Encoding": "gzip, br"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "Accept-Encoding" in plain.headers["vary"]
    assert "Accept-Encoding" in packed.headers["vary"]
    assert "content-encoding" not in plain.headers
    assert gzip.decompress(packed.body) == plain.body
    assert int(packed.headers["content-length"]) < len(plain.body) / 3


def test_a_batch_is_compressed_and_the_same(server: Server) -> None:
    draw = random.Random(5)
    speeds = [draw.randint(0, 40) for _ in range(2000)]
    body = b"\n".join(json.dumps({"facts": {"wind": {"speed": s}}, "as_of": "2026-01-01T00:00:00Z"}).encode() for s in speeds)  # fmt: skip
    plain = post(server, body, BATCH, NDJSON, X_Request_Id="same")
    packed = post(server, body, BATCH, NDJSON, X_Request_Id="same", Accept_Encoding="gzip")
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert len(server.log_lines("batch")) >= 2


@pytest.mark.parametrize("accepted", ["identity", "gzip;q=0", "br"])
def test_an_answer_is_not_compressed_for_other_clients(server: Server, accepted: str) -> None:
    reply = server.request("GET", "/openapi.json", headers={"Accept-Encoding": accepted})
    assert "content-encoding" not in reply.headers


def test_a_small_answer_is_not_compressed(server: Server) -> None:
    reply = server.request("GET", "/healthz", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in reply.headers


# Pages of other origins


def preflight(server: Server, origin: str, path: str = ASSESSMENTS) -> Reply:
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type, authorization, prefer",
    }
    return server.request("OPTIONS", path, headers=headers)


@pytest.mark.parametrize("origin", [DESK, IPV6, "HTTPS://desk.example.com"])
def test_a_named_origin_may_post(server: Server, origin: str) -> None:
    asked = preflight(server, origin)
    assert asked.status == 200
    assert asked.headers["access-control-allow-origin"] == origin
    assert "POST" in asked.headers["access-control-allow-methods"]
    allowed = asked.headers["access-control-allow-headers"].lower()
    assert all(name in allowed for name in ("content-type", "authorization", "prefer"))
    reply = post(server, STORM, Origin=origin)
    assert reply.headers["access-control-allow-origin"] == origin
    assert "X-Request-Id" in reply.headers["access-control-expose-headers"]
    assert "Retry-After" in reply.headers["access-control-expose-headers"]
    assert "access-control-allow-credentials" not in reply.headers
    assert "Origin" in reply.headers["vary"]


def test_a_page_of_a_named_origin_can_read_a_problem(server: Server) -> None:
    reply = post(server, b"{", Origin=DESK)
    assert (reply.status, reply.headers["access-control-allow-origin"]) == (400, DESK)


def test_a_page_of_a_named_origin_can_read_that_a_parameter_is_unknown(server: Server) -> None:
    """A browser shows no answer to a page if the preflight fails."""
    path = f"{ASSESSMENTS}?language=en"
    assert preflight(server, DESK, path).status == 200
    assert codes(post(server, STORM, path, Origin=DESK)) == [("?language", "unknown-parameter")]


OTHERS = [
    "https://desk.example.com.evil.example",
    "http://desk.example.com",
    "https://deskxexample.com",
    "http://1:3000",
    "null",
]


@pytest.mark.parametrize("origin", OTHERS)
def test_another_origin_gets_no_permission(server: Server, origin: str) -> None:
    for reply in (preflight(server, origin), post(server, STORM, Origin=origin)):
        assert "access-control-allow-origin" not in reply.headers


# Query parameters


def test_locale_and_pack_may_be_parameters(server: Server) -> None:
    body = {**STORM, "locale": "en", "pack": "harbour", "as_of": "2026-01-01T00:00:00Z"}
    plain = {key: body[key] for key in ("facts", "as_of")}
    for path in ("?locale=en&pack=harbour", "?locale=en", "?locale=en&pack=harbour&locale=en"):
        reply = post(server, plain, ASSESSMENTS + path)
        assert reply.json["verdict"] == post(server, body).json["verdict"]
    same = post(server, {**body, "locale": None}, f"{ASSESSMENTS}?locale=en")
    assert same.json["assessment_id"] == post(server, body).json["assessment_id"]
    lines = post(server, plain, f"{BATCH}?locale=en", NDJSON).body.splitlines()
    assert json.loads(lines[0])["verdict"] == post(server, body).json["verdict"]


def test_a_body_that_says_something_else_than_the_query_is_refused(server: Server) -> None:
    reply = post(server, {**STORM, "locale": "zh", "pack": 5}, f"{ASSESSMENTS}?locale=en&pack=x")
    assert codes(reply) == [("locale", "parameter-differs"), ("pack", "parameter-differs")]
    lines = post(server, {**STORM, "locale": "zh"}, f"{BATCH}?locale=en", NDJSON).body
    assert json.loads(lines)["errors"][0]["code"] == "parameter-differs"


def test_a_wrong_value_of_a_parameter_is_a_wrong_value_of_the_body(server: Server) -> None:
    assert codes(post(server, STORM, f"{ASSESSMENTS}?locale=xx")) == [("locale", "not-allowed")]
    assert codes(post(server, STORM, f"{ASSESSMENTS}?pack=ahrbour")) == [("pack", "unknown-pack")]


UNKNOWN = [
    ("POST", f"{ASSESSMENTS}?locales=en", "did you mean 'locale'?"),
    ("POST", f"{BATCH}?lenient=1", ""),
    ("GET", "/v1/packs?locale=en", ""),
    ("GET", "/v1/packs/harbour?lang=en", ""),
    ("HEAD", "/v1/packs?x", ""),
]


@pytest.mark.parametrize(("method", "path", "hint"), UNKNOWN)
def test_an_unknown_parameter_under_v1_is_refused(
    server: Server, method: str, path: str, hint: str
) -> None:
    reply = server.request(method, path, b"{}", {"Content-Type": JSON})
    assert reply.status == 422
    if method != "HEAD":
        name = path.partition("?")[2].partition("=")[0]
        assert codes(reply) == [(f"?{name}", "unknown-parameter")]
        assert reply.json["errors"][0]["hint"] == hint


def test_a_parameter_that_is_given_twice_is_refused(server: Server) -> None:
    reply = post(server, STORM, f"{ASSESSMENTS}?locale=en&locale=zh")
    assert codes(reply) == [("?locale", "parameter-twice")]


def test_at_most_100_unknown_parameters_are_listed(server: Server) -> None:
    many = "&".join(f"x{number}" for number in range(500))
    found = codes(post(server, STORM, f"{ASSESSMENTS}?{many}&locale=en&locale=zh"))
    assert found[0] == ("?locale", "parameter-twice")
    assert found[1:] == [(f"?x{number}", "unknown-parameter") for number in range(99)]


def test_other_addresses_ignore_parameters(server: Server) -> None:
    assert [server.get(f"{path}?x=1").status for path in ("/healthz", "/docs", "/metrics")] == [
        200
    ] * 3
    assert server.get("/v1/nothing?x=1").status == 404


# Spellings


@pytest.mark.parametrize(
    "path", ["/v1/packs/", "/v1/packs/harbour/", "/healthz/", "/docs/", "/openapi.json/"]
)
def test_a_slash_at_the_end_changes_nothing(server: Server, path: str) -> None:
    assert server.get(path).body == server.get(path.rstrip("/")).body


def test_a_batch_may_have_a_slash_at_its_end_and_its_whole_length(server: Server) -> None:
    line = json.dumps(STORM).encode().ljust(MIB // 2) + b"\n"
    assert post(server, line * 4, f"{BATCH}/", NDJSON).status == 200
    assert post(server, STORM, f"{ASSESSMENTS}/").status == 200


@pytest.mark.parametrize("kind", [JSON, "text/json", "text/json; charset=utf-8", "TEXT/JSON"])
def test_an_incident_has_one_of_two_media_types(server: Server, kind: str) -> None:
    assert post(server, STORM, kind=kind).status == 200


@pytest.mark.parametrize("kind", [NDJSON, JSONL, "application/ndjson"])
def test_a_batch_has_one_of_three_media_types(server: Server, kind: str) -> None:
    assert post(server, STORM, BATCH, kind).status == 200


ACCEPTED: Mapping[str | None, str] = {
    None: NDJSON,
    "*/*": NDJSON,
    "application/json": NDJSON,
    "application/json, text/plain, */*": NDJSON,
    "application/x-ndjson": NDJSON,
    "application/ndjson": "application/ndjson",
    "application/jsonl": JSONL,
    "application/jsonl, application/json;q=0.5": JSONL,
    "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2": NDJSON,
}


@pytest.mark.parametrize(("accept", "kind"), ACCEPTED.items())
def test_a_batch_gets_lines_under_the_name_that_it_accepts(
    server: Server, accept: str | None, kind: str
) -> None:
    named = {"Accept": accept} if accept else {}
    reply = post(server, STORM, BATCH, NDJSON, **named)
    assert (reply.status, reply.headers["content-type"]) == (200, kind)
    assert json.loads(reply.body)["alert"]["code"] == "storm"
    assert "Accept" in reply.headers["vary"].split(", ")
    assert reply.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("accept", ["text/markdown", "text/html", "application/json;q=0"])
def test_a_batch_has_no_other_form(server: Server, accept: str) -> None:
    reply = post(server, STORM, BATCH, NDJSON, Accept=accept)
    assert (reply.status, reply.json["code"]) == (406, "not-acceptable")


def test_the_accept_header_of_java_gets_an_answer(server: Server) -> None:
    java = "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"
    reply = post(server, STORM, Accept=java)
    assert (reply.status, reply.headers["content-type"]) == (200, JSON)
