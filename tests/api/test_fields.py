"""Some keys of the answer alone, asked for over HTTP: in the body, in the query, in a batch."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.api.test_drafts import FIRST_HOUR, post
from tests.server import Server

ALWAYS = ["assessment_id", "incident_id", "as_of", "pack", "previous_ignored"]


def test_the_query_or_the_body_says_which_keys_are_wanted(server: Server) -> None:
    whole = post(server, FIRST_HOUR).json
    asked = post(server, {**FIRST_HOUR, "fields": "grade, actions.code"}).json
    assert sorted(asked) == sorted([*ALWAYS, "grade", "actions"])
    assert asked["grade"] == whole["grade"]
    assert asked["actions"] == [{"code": one["code"]} for one in whole["actions"]]
    as_list = post(server, {**FIRST_HOUR, "fields": ["grade", "actions.code"]}).json
    assert {**as_list, "assessment_id": ""} == {**asked, "assessment_id": ""}
    in_query = post(server, FIRST_HOUR, "?fields=grade, actions.code".replace(" ", "%20"))
    assert in_query.json == asked
    (line,) = post(server, FIRST_HOUR, "?fields=grade", "/batch").body.splitlines()
    assert sorted(json.loads(line)) == sorted([*ALWAYS, "grade", "line", "request_id"])


def test_what_was_not_taken_is_always_told(server: Server) -> None:
    body = {**FIRST_HOUR, "facts": {"harm": {"deaths": "one"}}}
    told = post(server, body, "?fields=grade", Prefer="handling=lenient").json
    assert [one["path"] for one in told["ignored"]] == ["facts.harm.deaths"]


@pytest.mark.parametrize(
    ("fields", "message", "hint"),
    [
        ("grad", "is not a key of an answer", "did you mean 'grade'?"),
        (["actions.cod"], "is not a key in 'actions'", "did you mean 'actions.code'?"),
        ("verdict.text", "'verdict' has no keys to choose from", ""),
        ("drafts", "has 'drafts', which the request does not ask for", 'send "drafts": true too'),
        ("outputs.gradee", "is not a key in 'outputs'", "did you mean 'outputs.grade'?"),
    ],
)
def test_a_name_that_no_answer_has_is_refused_with_a_hint(
    server: Server, fields: Any, message: str, hint: str
) -> None:
    reply = post(server, {**FIRST_HOUR, "fields": fields})
    (error,) = reply.json["errors"]
    assert (reply.status, error["path"], error["message"]) == (422, "fields", message)
    assert hint in error["hint"]


@pytest.mark.parametrize("fields", [[], "", 1, {"grade": True}, ["grade", 1], "grade,,type", ["a" * 201]])  # fmt: skip
def test_what_is_no_list_of_names_is_refused(server: Server, fields: Any) -> None:
    reply = post(server, {**FIRST_HOUR, "fields": fields})
    (error,) = reply.json["errors"]
    assert (reply.status, error["path"], error["code"]) == (422, "fields", "wrong-type")


def test_all_mistakes_of_a_request_are_told_at_once(server: Server) -> None:
    body = {**FIRST_HOUR, "facts": {"harm": {"deaths": "one"}}, "fields": "grad"}
    errors = post(server, body).json["errors"]
    assert [one["path"] for one in errors] == ["facts.harm.deaths", "fields"]


def test_a_report_is_whole(server: Server) -> None:
    for media_type in ("text/markdown", "text/plain", "text/markdown; profile=brief"):
        reply = post(server, {**FIRST_HOUR, "fields": "grade"}, Accept=media_type)
        (error,) = reply.json["errors"]
        assert (reply.status, error["path"]) == (422, "fields")


def test_the_keys_for_previous_have_a_name(server: Server) -> None:
    lean = post(server, FIRST_HOUR, "?fields=previous").json
    again = post(server, {**FIRST_HOUR, "previous": lean})
    assert again.status == 200
    assert again.json["previous_ignored"] == []
    assert again.json["changes"]["outputs"] == []


def test_a_lean_answer_without_its_outputs_cannot_be_sent_back(server: Server) -> None:
    lean = post(server, FIRST_HOUR, "?fields=actions").json
    reply = post(server, {**FIRST_HOUR, "previous": lean})
    (error,) = reply.json["errors"]
    assert (reply.status, error["path"], error["code"]) == (422, "previous.outputs", "missing")
    assert "no grade or type or stage" in error["message"]
    assert '"fields": "previous"' in error["hint"]
