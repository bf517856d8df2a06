"""The previous answer in a request: the parts of an answer can be sent back unchanged. Mistakes in them are reported by path."""

from __future__ import annotations

from typing import Any

import pytest

from tests.server import Server

FACTS = {"facts": {"harm": {"injuries": 3}, "social": {"hot_listed": False}}}
PARTS = ("as_of", "outputs", "actions", "since")


def later(server: Server, **changes: Any) -> Any:
    first = server.post({**FACTS, "as_of": "2026-01-01T10:00:00Z"}).json
    previous = {key: first[key] for key in PARTS} | changes
    return server.post({**FACTS, "as_of": "2026-01-01T12:00:00Z", "previous": previous})


def codes_done(reply: Any) -> list[str]:
    return [entry["code"] for entry in reply.json["actions"] if entry["done"]]


def test_the_parts_of_an_answer_can_be_sent_back_unchanged(server: Server) -> None:
    reply = later(server, responses=["COLLECT_SOURCE"])
    assert reply.status == 200
    assert reply.json["changes"]["actions"]["added"] == []
    assert codes_done(reply) == ["COLLECT_SOURCE"]


def due_at(reply: Any, code: str) -> str:
    due: str = next(one["due_at"] for one in reply.json["actions"] if one["code"] == code)
    return due


def test_actions_sent_back_without_deadlines_keep_them(server: Server) -> None:
    """The previous answer is of 10:00, and no fact says when the incident became known."""
    for named in ("COLLECT_SOURCE", {"code": "COLLECT_SOURCE"}):
        assert due_at(later(server, actions=[named]), "COLLECT_SOURCE") == (
            "2026-01-01T19:00:00+08:00"
        )
    none = [{"code": "COLLECT_SOURCE", "due_at": None}]
    assert due_at(later(server, actions=none), "COLLECT_SOURCE") == "2026-01-01T21:00:00+08:00"


@pytest.mark.parametrize(
    "responses", [[], ["COLLECT_SOURCE"]], ids=["not sent again", "sent again"]
)
def test_an_action_that_was_done_in_the_previous_answer_stays_done(
    server: Server, responses: list[str]
) -> None:
    second = later(server, responses=["COLLECT_SOURCE"]).json
    fed_back = {key: second[key] for key in PARTS} | {"responses": responses}
    third = server.post({**FACTS, "as_of": "2026-01-01T14:00:00Z", "previous": fed_back})
    assert codes_done(third) == ["COLLECT_SOURCE"]
    assert "COLLECT_SOURCE" not in third.json["clock"]["overdue"]


@pytest.mark.parametrize(
    ("changes", "path", "code"),
    [
        ({"as_of": "yesterday"}, "previous.as_of", "bad-format"),
        ({"as_of": None}, "previous.as_of", "bad-format"),
        ({"facts": {}}, "previous.facts", "unknown-key"),
        ({"outputs": []}, "previous.outputs", "wrong-type"),
        ({"outputs": {"grade": "scarlet"}}, "previous.outputs.grade", "not-allowed"),
        ({"outputs": {"grade": {"value": 7}}}, "previous.outputs.grade", "wrong-type"),
        ({"actions": [7]}, "previous.actions[0]", "wrong-type"),
        (
            {"actions": [{"code": "A", "due_at": "soon"}]},
            "previous.actions[0].due_at",
            "bad-format",
        ),
        ({"actions": [{"code": "A", "done": 1}]}, "previous.actions[0].done", "wrong-type"),
        ({"responses": ["COLECT_SOURCE"]}, "previous.responses[0]", "not-allowed"),
        ({"responses": "COLLECT_SOURCE"}, "previous.responses", "wrong-type"),
        ({"since": {"grade": 1}}, "previous.since.grade", "bad-format"),
    ],
)
def test_each_mistake_is_reported_at_its_path(
    server: Server, changes: dict[str, Any], path: str, code: str
) -> None:
    reply = later(server, **changes)
    assert reply.status == 422
    assert [(error["path"], error["code"]) for error in reply.json["errors"]] == [(path, code)]


def test_a_previous_answer_that_is_not_an_object_is_refused(server: Server) -> None:
    reply = server.post({**FACTS, "previous": "red"})
    assert (reply.status, reply.json["errors"][0]["path"]) == (422, "previous")


def test_a_previous_answer_may_have_outputs_and_actions_that_no_longer_exist(
    server: Server,
) -> None:
    reply = later(server, outputs={"mood": "sour"}, actions=["SING"])
    assert reply.status == 200
    dropped = reply.json["changes"]["actions"]["dropped"]
    assert dropped == [{"code": "SING", "text": "SING", "now": "gone"}]
