"""Packs, the OpenAPI document and the page have an ETag each: who has the newest version gets 304 without a body."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server import Server, running
from tests.waiting import eventually

PATHS = (
    *("/v1/packs", "/v1/packs/harbour", "/v1/packs/harbour?locale=en"),
    *("/v1/packs/harbour/facts", "/v1/packs/harbour/rules", "/openapi.json"),
)
PAGE = ("/docs", "/docs/docs.css", "/docs/docs.js")


@pytest.fixture(scope="module")
def harbour(packs: Path) -> Iterator[Server]:
    with running(packs, packs.parent / "log", TOCSIN_WORKERS="1") as server:
        yield server


def etag(server: Server, path: str) -> str:
    return server.get(path).headers["etag"]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", [*PATHS, *PAGE])
def test_who_has_the_newest_version_gets_304(harbour: Server, path: str, method: str) -> None:
    now = etag(harbour, path)
    for known in (now, f'"other", {now}', "*", now.removeprefix("W/")):
        reply = harbour.request(method, path, None, {"If-None-Match": known})
        assert (reply.status, reply.body, reply.headers["etag"]) == (304, b"", now)
        assert reply.headers["cache-control"] == "no-cache"
        assert not {"content-type", "content-length", "transfer-encoding"} & set(reply.headers)
    reply = harbour.request(method, path, None, {"If-None-Match": 'W/"other"'})
    assert (reply.status, reply.headers["etag"]) == (200, now)
    assert (reply.body != b"") is (method == "GET")


@pytest.mark.parametrize("path", [*PATHS, *PAGE])
def test_304_varies_by_what_the_answer_varies_by(harbour: Server, path: str) -> None:
    """RFC 9110, section 15.4.5."""
    for accepted in ("gzip", "identity"):
        headers = {"Accept-Encoding": accepted}
        whole = harbour.request("GET", path, None, headers)
        same = harbour.request(
            "GET", path, None, {**headers, "If-None-Match": whole.headers["etag"]}
        )
        assert (same.status, same.body) == (304, b"")
        assert same.headers.get("vary") == whole.headers.get("vary")
        assert "content-encoding" not in same.headers


def test_each_address_has_its_own_etag(harbour: Server) -> None:
    assert len({etag(harbour, path) for path in (*PATHS, *PAGE)}) == len(PATHS) + len(PAGE)


def test_the_connection_stays_open_after_304(harbour: Server) -> None:
    head = b"GET /v1/packs HTTP/1.1\r\nHost: x\r\nIf-None-Match: *\r\n\r\n"
    assert harbour.raw(head * 3).count(b"HTTP/1.1 304 ") == 3


def test_what_changes_all_the_time_and_what_fails_has_no_etag(harbour: Server) -> None:
    for path in ("/healthz", "/readyz", "/metrics", "/v1/packs/nowhere"):
        reply = harbour.request("GET", path, None, {"If-None-Match": "*"})
        assert reply.status in (200, 404)
        assert "etag" not in reply.headers


def test_a_changed_pack_has_another_etag(harbour: Server, packs: Path) -> None:
    before = {path: etag(harbour, path) for path in PATHS}
    file = packs / "harbour" / "pack.yaml"
    text = file.read_text("utf-8")
    changed = file.with_name("pack.new")
    changed.write_text(text.replace("en: Harbour", "en: Our harbour"), "utf-8")
    assert changed.read_text("utf-8") != text
    os.replace(changed, file)
    eventually(lambda: etag(harbour, "/v1/packs") != before["/v1/packs"])
    assert etag(harbour, "/v1/packs/harbour") != before["/v1/packs/harbour"]
