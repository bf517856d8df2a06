"""The same resource answers with JSON or with a report, depending on the Accept header."""

from __future__ import annotations

import json

import pytest

from tests.server import Reply, Server

BODY = json.dumps({"facts": {"harm": {"deaths": 2}}, "locale": "en"}).encode()
MARKDOWN = "text/markdown; charset=utf-8"
JSON = "application/json"
PROBLEM = "application/problem+json"


def post(server: Server, accept: str | None, body: bytes = BODY) -> Reply:
    headers = {"Content-Type": "application/json"}
    if accept is not None:
        headers["Accept"] = accept
    return server.request("POST", "/v1/assessments", body, headers)


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (None, JSON),
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        ("application/json, text/markdown", JSON),
        ("text/markdown;q=0.5, application/json;q=0.9", JSON),
        ("application/json; charset=utf-8", JSON),
        ("text/markdown;q=0, */*", JSON),
        ("text/html, */*;q=0.1", JSON),
        ("text/markdown", MARKDOWN),
        ("TEXT/Markdown", MARKDOWN),
        ("text/markdown; charset=utf-8", MARKDOWN),
        ("text/markdown; variant=GFM", MARKDOWN),
        ("text/*", MARKDOWN),
        ("text/markdown, */*;q=0.1", MARKDOWN),
        ("application/json;q=0.5, text/markdown", MARKDOWN),
        ("application/json;q=0, */*", MARKDOWN),
        ("text/html, text/markdown;q=0.3", MARKDOWN),
    ],
)
def test_the_media_type_that_accept_prefers_is_given(
    server: Server, accept: str | None, kind: str
) -> None:
    reply = post(server, accept)
    assert (reply.status, reply.headers["content-type"]) == (200, kind)
    assert "Accept" in reply.headers["vary"].split(", ")
    assert reply.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("accept", ["text/html", "application/json;q=0", "garbage", "image/*;q=1"])
def test_an_accept_header_without_an_available_media_type_is_refused(
    server: Server, accept: str
) -> None:
    reply = post(server, accept)
    assert (reply.status, reply.headers["content-type"]) == (406, PROBLEM)
    assert reply.json["code"] == "not-acceptable"
    assert "application/json, text/markdown" in reply.json["detail"]
    assert "Accept" in reply.headers["vary"].split(", ")


def test_a_report_has_the_content_of_the_answer(server: Server) -> None:
    answer, text = post(server, JSON).json, post(server, "text/markdown").body.decode()
    assert text.startswith(f"# {answer['verdict']}\n")
    for action in answer["actions"]:
        assert f"{action['text']}" in text


def test_a_report_in_both_languages_is_one_after_the_other(server: Server) -> None:
    body = json.dumps({"facts": {"harm": {"deaths": 2}}, "locale": "both"}).encode()
    text = post(server, "text/markdown", body).body.decode()
    chinese, english = text.split("\n---\n")
    assert chinese.startswith("# Ⅰ级（红）声誉危机")
    assert english.strip().startswith("# Level I (red) reputation crisis")


def test_a_mistake_is_a_problem_whatever_is_accepted(server: Server) -> None:
    for body, status in (
        (b'{"facts": {"x": 1}}', 422),
        (b"{", 400),
        (b'{"facts": {}, "pack": "x"}', 422),
    ):
        reply = post(server, "text/markdown", body)
        assert (reply.status, reply.headers["content-type"]) == (status, PROBLEM)


def test_openapi_lists_both_media_types(server: Server) -> None:
    document = server.get("/openapi.json").json
    responses = document["paths"]["/v1/assessments"]["post"]["responses"]
    assert set(responses["200"]["content"]) == {JSON, "text/markdown"}
    assert "406" in responses
