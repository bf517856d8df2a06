"""The previous answer in a request: whole or short, of this version or of another. Nothing in it is dropped in silence."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.previous_forms import shortest
from tests.server import Server

FACTS = {"facts": {"harm": {"injuries": 3}, "social": {"hot_listed": False}}}
PARTS = ("as_of", "outputs", "actions", "since")
EARLIER, LATER = "2026-01-01T10:00:00Z", "2026-01-01T12:00:00Z"


@pytest.fixture(scope="module")
def first(server: Server) -> Any:
    """The whole answer that is sent back."""
    return server.post({**FACTS, "as_of": EARLIER, "incident_id": "rust"}).json


def later(server: Server, **changes: Any) -> Any:
    first = server.post({**FACTS, "as_of": EARLIER}).json
    previous = {key: first[key] for key in PARTS} | changes
    return server.post({**FACTS, "as_of": LATER, "previous": previous})


def after(server: Server, previous: Any, **more: Any) -> Any:
    return server.post({**FACTS, "as_of": LATER, "previous": previous, **more})


def errors(reply: Any) -> list[tuple[str, str]]:
    assert reply.status == 422, reply.json
    return [(error["path"], error["code"]) for error in reply.json["errors"]]


def ignored(reply: Any) -> list[tuple[str, str]]:
    assert reply.status == 200, reply.json
    return [(one["path"], one["reason"]) for one in reply.json["previous_ignored"]]


def codes_done(reply: Any) -> list[str]:
    return [entry["code"] for entry in reply.json["actions"] if entry["done"]]


def test_the_parts_of_an_answer_can_be_sent_back_unchanged(server: Server) -> None:
    reply = later(server, responses=["VERIFY_INTERNAL"])
    assert reply.status == 200
    assert reply.json["changes"]["actions"]["added"] == []
    assert codes_done(reply) == ["VERIFY_INTERNAL"]


def due_at(reply: Any, code: str) -> str:
    due: str = next(one["due_at"] for one in reply.json["actions"] if one["code"] == code)
    return due


def test_actions_sent_back_without_deadlines_keep_them(server: Server) -> None:
    """The previous answer is of 10:00, and no fact says when the incident became known."""
    for named in ("VERIFY_INTERNAL", {"code": "VERIFY_INTERNAL"}):
        assert due_at(later(server, actions=[named]), "VERIFY_INTERNAL") == (
            "2026-01-01T19:00:00+08:00"
        )
    none = [{"code": "VERIFY_INTERNAL", "due_at": None}]
    assert due_at(later(server, actions=none), "VERIFY_INTERNAL") == "2026-01-01T21:00:00+08:00"


@pytest.mark.parametrize(
    "responses", [[], ["VERIFY_INTERNAL"]], ids=["not sent again", "sent again"]
)
def test_an_action_that_was_done_in_the_previous_answer_stays_done(
    server: Server, responses: list[str]
) -> None:
    second = later(server, responses=["VERIFY_INTERNAL"]).json
    fed_back = {key: second[key] for key in PARTS} | {"responses": responses}
    third = server.post({**FACTS, "as_of": "2026-01-01T14:00:00Z", "previous": fed_back})
    assert codes_done(third) == ["VERIFY_INTERNAL"]
    assert "VERIFY_INTERNAL" not in third.json["clock"]["overdue"]


@pytest.mark.parametrize(
    ("changes", "path", "code"),
    [
        ({"as_of": "yesterday"}, "previous.as_of", "bad-format"),
        ({"as_of": None}, "previous.as_of", "bad-format"),
        ({"facts": {}}, "previous.facts", "unknown-key"),
        ({"verdict": "calm"}, "previous.verdict", "unknown-key"),
        ({"outputs": []}, "previous.outputs", "wrong-type"),
        ({"outputs": {"grade": "scarlet"}}, "previous.outputs.grade", "not-allowed"),
        ({"outputs": {"grade": {"value": 7}}}, "previous.outputs.grade", "wrong-type"),
        ({"outputs": {"grade": None}}, "previous.outputs.grade", "wrong-type"),
        ({"outputs": {"grade": {"level": 1}}}, "previous.outputs.grade", "wrong-type"),
        (
            {"outputs": {"grade": {"value": "red", "code": "blue"}}},
            "previous.outputs.grade",
            "wrong-type",
        ),
        ({"outputs": {"mood": "sour"}}, "previous.outputs.mood", "unknown-key"),
        ({"outputs": {"actions": ["MONITOR"]}}, "previous.outputs", "not-allowed"),
        ({"outputs": {"impact": "red", "grade": {}}}, "previous.outputs.grade", "wrong-type"),
        ({"actions": [7]}, "previous.actions[0]", "wrong-type"),
        (
            {"actions": [{"code": "MONITOR", "due_at": "soon"}]},
            "previous.actions[0].due_at",
            "bad-format",
        ),
        (
            {"actions": [{"code": "MONITOR", "approve_by": "soon"}]},
            "previous.actions[0].approve_by",
            "bad-format",
        ),
        (
            {"actions": [{"code": "MONITOR", "done": 1}]},
            "previous.actions[0].done",
            "wrong-type",
        ),
        ({"actions": ["MONITOR", "MONITOR"]}, "previous.actions[1]", "not-allowed"),
        ({"responses": [7]}, "previous.responses[0]", "wrong-type"),
        ({"responses": "VERIFY_INTERNAL"}, "previous.responses", "wrong-type"),
        ({"since": {"grade": 1}}, "previous.since.grade", "bad-format"),
        ({"blocked": {}}, "previous.blocked", "wrong-type"),
        ({"held": [{}]}, "previous.held[0]", "wrong-type"),
        ({"next_review": "soon"}, "previous.next_review", "bad-format"),
        ({"pack": "pr_crisis"}, "previous.pack", "wrong-type"),
        ({"pack": {"digest": 7}}, "previous.pack.digest", "wrong-type"),
        ({"incident_id": 7}, "previous.incident_id", "wrong-type"),
        ({"assessment_id": 7}, "previous.assessment_id", "wrong-type"),
    ],
)
def test_each_mistake_is_reported_at_its_path(
    server: Server, changes: dict[str, Any], path: str, code: str
) -> None:
    assert errors(later(server, **changes)) == [(path, code)]


def test_a_previous_answer_that_is_not_an_object_is_refused(server: Server) -> None:
    reply = server.post({**FACTS, "previous": "red"})
    assert (reply.status, reply.json["errors"][0]["path"]) == (422, "previous")


@pytest.mark.parametrize("form", [{"code": "red"}, {"value": "red"}, "red"])
def test_a_red_incident_stays_red_in_each_form_of_its_grade(server: Server, form: Any) -> None:
    """Facts that are blue by themselves, two hours after red: a grade goes down by one step, after 72 hours."""
    facts = {"harm": {"injuries": 0}}
    previous = {"as_of": EARLIER, "outputs": {"grade": form}}
    body = {"facts": facts, "as_of": LATER, "previous": previous}
    assert server.post(body).json["grade"]["code"] == "red"
    cut = {"assessment_id": "a", "as_of": EARLIER, "grade": form}
    assert server.post({**body, "previous": cut}).json["grade"]["code"] == "red"


def test_the_whole_answer_is_taken_as_it_came_and_means_the_same_as_the_short_form(
    server: Server,
) -> None:
    for locale in ("zh", "en", "both"):
        asked = {"locale": locale, "explain": "full", "contingency": True}
        whole = server.post({**FACTS, "as_of": EARLIER, **asked}).json
        by_whole, by_short = after(server, whole).json, after(server, shortest(whole)).json
        assert by_whole.pop("assessment_id") != by_short.pop("assessment_id")
        assert by_whole == by_short
        assert by_whole["previous_ignored"] == []


def test_the_short_form_is_a_tenth_of_the_answer(first: Any) -> None:
    """docs/api.md has the two sizes."""
    sizes = [
        len(json.dumps(form, ensure_ascii=False, separators=(",", ":")).encode())
        for form in (first, shortest(first))
    ]
    assert sizes[1] * 5 < sizes[0], sizes


UNKNOWN = {
    "outputs": {"grade": "red", "mood": "sour", "impact": "scarlet"},
    "since": {"mood": EARLIER},
    "actions": ["SING"],
    "blocked": ["DANCE"],
    "held": [{"code": "REST"}],
    "responses": ["VERIFY_INTENAL"],
    "figures": {"trend.noise": 7},
}


def test_what_another_version_of_the_pack_had_is_passed_over_and_told(
    server: Server, first: Any
) -> None:
    """So a reload never refuses a running incident. Without a digest the version is not known."""
    for pack in (None, {"name": "pr_crisis", "digest": "0" * 64}):
        reply = after(server, {"as_of": EARLIER, "pack": pack, **UNKNOWN})
        assert ignored(reply) == [
            ("previous.outputs.impact", "unknown-value"),
            ("previous.outputs.mood", "unknown-output"),
            ("previous.since.mood", "unknown-output"),
            ("previous.actions[0]", "unknown-action"),
            ("previous.responses[0]", "unknown-action"),
            ("previous.blocked[0]", "unknown-action"),
            ("previous.held[0]", "unknown-action"),
            ("previous.figures.trend.noise", "unknown-figure"),
        ]
        assert reply.json["previous_ignored"][0]["got"] == "scarlet"
        assert reply.json["previous_ignored"][0]["text"] == "本版规则没有此取值，按未知处理"
        assert reply.json["grade"]["code"] == "red"
        dropped = reply.json["changes"]["actions"]["dropped"]
        assert dropped == [{"code": "SING", "text": "SING", "now": "gone"}]
        assert reply.json["changes"]["blocked"]["dropped"] == [
            {"code": "DANCE", "text": "DANCE", "now": "gone", "because": []}
        ]


def test_what_this_version_of_the_pack_cannot_have_said_is_a_mistake(
    server: Server, first: Any
) -> None:
    reply = after(server, {"as_of": EARLIER, "pack": first["pack"], **UNKNOWN})
    assert errors(reply) == [
        ("previous.outputs.mood", "unknown-key"),
        ("previous.outputs.impact", "not-allowed"),
        ("previous.since.mood", "unknown-key"),
        ("previous.actions[0]", "not-allowed"),
        ("previous.responses[0]", "not-allowed"),
        ("previous.blocked[0]", "not-allowed"),
        ("previous.held[0]", "not-allowed"),
        ("previous.figures.trend.noise", "unknown-key"),
    ]
    assert reply.json["errors"][4]["hint"] == "did you mean 'VERIFY_INTERNAL'?"


def test_keys_that_no_answer_has_are_told_and_never_refuse_a_whole_answer(
    server: Server, first: Any
) -> None:
    actions = [{**action, "dew_at": None} for action in first["actions"][:1]]
    whole = {**first, "responces": ["VERIFY_INTERNAL"], "actions": actions}
    assert sorted(ignored(after(server, whole))) == [
        ("previous.actions[0].dew_at", "unknown-key"),
        ("previous.responces", "unknown-key"),
    ]


def test_many_ignored_parts_are_counted_and_hide_no_mistake(server: Server, first: Any) -> None:
    many = {f"key{number}": 1 for number in range(150)}
    reply = after(server, {**first, **many})
    assert len(ignored(reply)) == 101
    last = reply.json["previous_ignored"][-1]
    assert (last["path"], last["reason"], last["got"]) == ("previous", "more", 50)
    wrong = {**first, **many, "responses": ["NOPE"]}
    assert errors(after(server, wrong)) == [("previous.responses[0]", "not-allowed")]


def test_the_previous_answer_must_be_about_the_same_incident_by_the_same_pack(
    server: Server, first: Any
) -> None:
    other = after(server, first, incident_id="dust")
    assert errors(other) == [("previous.incident_id", "not-allowed")]
    assert after(server, first, incident_id="rust").status == 200
    assert after(server, first).status == 200
    harbour = {**first, "pack": {**first["pack"], "name": "harbour"}}
    assert after(server, harbour).status == 200
    named = after(server, harbour, pack="pr_crisis")
    assert errors(named) == [("previous.pack.name", "not-allowed")]


def test_a_previous_answer_may_be_a_minute_later_than_the_moment_that_was_sent(
    server: Server, first: Any
) -> None:
    for as_of, late in (("2026-01-01T09:59:00Z", False), ("2026-01-01T09:58:59.999Z", True)):
        reply = server.post({**FACTS, "as_of": as_of, "previous": first})
        assert (reply.status == 422) == late
        if late:
            assert errors(reply) == [("previous.as_of", "out-of-range")]
        else:
            assert reply.json["as_of_from_previous"] is False


def test_if_our_clock_is_behind_the_previous_moment_counts_as_now(
    server: Server, first: Any
) -> None:
    previous = {**first, "as_of": "2099-01-01T00:00:00Z"}
    reply = server.post({**FACTS, "previous": previous, "locale": "en"})
    assert reply.json["as_of"] == "2099-01-01T08:00:00+08:00"
    assert reply.json["as_of_from_previous"] is True
    now = server.post({**FACTS, "previous": first})
    assert now.json["as_of_from_previous"] is False
    body = json.dumps({**FACTS, "previous": previous, "locale": "en"}).encode()
    headers = {"Content-Type": "application/json", "Accept": "text/markdown"}
    report = server.request("POST", "/v1/assessments", body, headers).body.decode()
    assert "(the moment of the previous answer, because this server's clock is behind)" in report


def test_done_is_told_in_lines_and_lenient_handling_too_and_comes_back_by_a_new_point(
    server: Server,
) -> None:
    known = {"time": {"known_at": "2026-01-01T01:00:00Z"}, "harm": {"injuries": 14}}
    calm = {"facts": {**known, "trend": {"new_points": []}}, "as_of": EARLIER}
    done = [{"code": "HOLDING_STATEMENT", "at": "2026-01-01T09:00:00Z"}]
    wrong = [{"code": "PAID_DELETION", "at": EARLIER}]
    lines = [{**calm, "done": done}, {**calm, "done": wrong}]
    sent = "".join(json.dumps(line) + "\n" for line in lines)
    headers = {"Prefer": "handling=lenient", "Content-Type": "application/x-ndjson"}
    reply = server.request("POST", "/v1/assessments/batch", sent.encode(), headers)
    first, refused = (json.loads(line) for line in reply.body.splitlines())
    assert [one["path"] for one in refused["errors"]] == ["done[0].code"]
    assert first["assessment_id"] != server.post(calm).json["assessment_id"]
    assert "HOLDING_STATEMENT" not in first["clock"]["overdue"]
    news = {**known, "trend": {"new_points": ["they knew"]}}
    again = server.post({"facts": news, "as_of": LATER, "previous": shortest(first), "done": done})
    assert [one["code"] for one in again.json["changes"]["reopened"]] == ["HOLDING_STATEMENT"]
    assert "HOLDING_STATEMENT" not in codes_done(again)
    assert "HOLDING_STATEMENT" not in again.json["clock"]["overdue"]
