"""The same resource answers with JSON or with a report, depending on the Accept header."""

from __future__ import annotations

import json

import pytest

from tests.server import Reply, Server

BODY = json.dumps({"facts": {"harm": {"deaths": 2}}, "locale": "en"}).encode()
MARKDOWN = "text/markdown; charset=utf-8"
JSON = "application/json"
PROBLEM = "application/problem+json"
BRIEF = f"{MARKDOWN}; profile=brief"
CHAT = "text/plain; charset=utf-8; profile=chat"


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
        ("application/json; profile=brief", JSON),
        ("text/markdown; profile=full", f"{MARKDOWN}; profile=full"),
        ("text/markdown; profile=brief", BRIEF),
        ('text/markdown; charset=utf-8; Profile="Brief"', BRIEF),
        ("text/markdown; profile=chat", CHAT),
        ("text/plain; profile=chat", CHAT),
        ("text/plain", CHAT),
        ("text/markdown; profile=brief, text/markdown; profile=chat;q=0.9", BRIEF),
        ("text/markdown; profile=brief;q=0.8, text/markdown; profile=chat;q=0.9", CHAT),
        ("text/markdown; profile=brief, */*", BRIEF),
        ("text/markdown; profile=brief;q=0.5, application/json;q=0.9", JSON),
        ("text/markdown; profile=brief;q=0.5, text/markdown", MARKDOWN),
        ("text/markdown;q=0.5, text/markdown; profile=brief", BRIEF),
        ("text/markdown; profile=poster, application/json;q=0.1", JSON),
        ("text/markdown; profile=brief;q=0, text/markdown", MARKDOWN),
    ],
)
def test_the_media_type_that_accept_prefers_is_given(
    server: Server, accept: str | None, kind: str
) -> None:
    reply = post(server, accept)
    assert (reply.status, reply.headers["content-type"]) == (200, kind)
    assert "Accept" in reply.headers["vary"].split(", ")
    assert reply.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "accept",
    [
        "text/html",
        "application/json;q=0",
        "garbage",
        "image/*;q=1",
        "text/markdown; profile=poster",
        "text/plain; profile=brief",
        "text/markdown; profile=brief;q=0",
    ],
)
def test_an_accept_header_without_an_available_media_type_is_refused(
    server: Server, accept: str
) -> None:
    reply = post(server, accept)
    assert (reply.status, reply.headers["content-type"]) == (406, PROBLEM)
    assert reply.json["code"] == "not-acceptable"
    assert reply.json["detail"].endswith(
        "application/json, text/markdown, text/markdown; profile=full, "
        "text/markdown; profile=brief, text/markdown; profile=chat, text/plain; profile=chat"
    )
    assert "Accept" in reply.headers["vary"].split(", ")


def test_a_report_has_the_content_of_the_answer(server: Server) -> None:
    answer, text = post(server, JSON).json, post(server, "text/markdown").body.decode()
    assert text.startswith("# ")
    assert f"\n**{answer['verdict']}**\n" in text
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


def test_the_brief_is_the_beginning_and_the_chat_is_plain_and_short(server: Server) -> None:
    brief, chat = (
        post(server, f"text/markdown; profile={one}").body.decode() for one in ("brief", "chat")
    )
    assert brief.startswith("# ")
    assert len(brief.splitlines()) <= 42
    assert not chat.startswith("#")
    assert len(chat.encode()) <= 2000


def test_each_line_of_a_batch_may_be_a_report(server: Server) -> None:
    lines = BODY + b"\n" + b'{"facts": 3}\n'
    headers = {"Content-Type": "application/x-ndjson", "Accept": "application/jsonl; profile=chat"}
    reply = server.request("POST", "/v1/assessments/batch", lines, headers)
    assert (reply.status, reply.headers["content-type"]) == (200, "application/jsonl")
    told, wrong = map(json.loads, reply.body.splitlines())
    assert (told["profile"], told["line"]) == ("chat", 1)
    moment = json.dumps({**json.loads(BODY), "as_of": told["as_of"]}).encode()
    assert told["report"] == post(server, "text/plain", moment).body.decode()
    assert (wrong["status"], wrong["line"]) == (422, 2)
    headers["Accept"] = "application/x-ndjson; profile=poster"
    reply = server.request("POST", "/v1/assessments/batch", lines, headers)
    assert (reply.status, "profile=chat" in reply.json["detail"]) == (406, True)


def test_openapi_lists_the_media_types(server: Server) -> None:
    document = server.get("/openapi.json").json
    responses = document["paths"]["/v1/assessments"]["post"]["responses"]
    assert set(responses["200"]["content"]) == {JSON, "text/markdown", "text/plain"}
    assert "406" in responses
