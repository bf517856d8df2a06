"""A fact may say where it comes from. Rules read only its value, and that counts unless the pack says when it does not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from schemas.assessment import AssessmentSchema
from schemas.strict_json import Json
from tests.packs import plain_pack
from tests.server import Server, running

FACTS = """
facts:
  a.count: {type: integer, min: 0, stale_after: 1d, text: {en: Count, zh: 数量}}
  a.names: {type: list, of: string, text: {en: Names, zh: 名称}}
  a.seen: {type: datetime, stale_after: 90m, text: {en: Seen, zh: 所见}}
  a.views: {type: integer, min: 0, stale_after: 6h, unknown_if: [old, page, disputed], assume: 7, text: {en: Views, zh: 浏览量}, question: {en: "How many views?", zh: 浏览量多少？}}
  b.flag: {type: boolean, assume: true, text: {en: Flag, zh: 标志}}
"""
RULES = """
rules:
  - {id: many, when: "a.count >= 3", then: {level: high}, because: "{a.count} of them"}
  - {id: viewed, when: "a.views >= 1000", then: {level: high}, because: "{a.views} views"}
"""
AS_OF = "2026-05-02T12:00:00Z"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("rules")
    plain_pack(folder / "plain", RULES, facts=FACTS)
    with running(folder, tmp_path_factory.mktemp("server") / "log") as started:
        yield started


def answer_to(server: Server, facts: Any) -> dict[str, Any]:
    reply = server.post({"facts": facts, "as_of": AS_OF})
    assert reply.status == 200, reply.body
    assert AssessmentSchema().validate(reply.json) == {}
    answer: dict[str, Any] = reply.json
    return answer


def provenance_of_count(server: Server, **about: Any) -> dict[str, Any]:
    answer = answer_to(server, {"a": {"count": {"value": 3, **about}}})
    found: dict[str, Any] = answer["provenance"]["a.count"]
    return found


def test_rules_read_the_value_and_nothing_else_of_an_envelope(server: Server) -> None:
    about = {
        "reported_by": "desk",
        "measured_at": "2020-01-01T00:00:00Z",
        "disputed": True,
        "scope": "page",
    }
    bare = answer_to(server, {"a": {"count": 3}, "b": {"flag": False}})
    told = answer_to(
        server, {"a": {"count": {"value": 3, **about}}, "b": {"flag": {"value": False}}}
    )
    changing = ("assessment_id", "provenance")
    assert {key: told[key] for key in told if key not in changing} == {
        key: bare[key] for key in bare if key not in changing
    }
    assert told["level"]["code"] == "high"


def test_provenance_is_in_the_answer_in_the_order_of_the_vocabulary(
    server: Server,
) -> None:
    told = answer_to(
        server,
        {
            "b": {"flag": {"value": True}},
            "a": {
                "seen": "2026-05-02T11:00:00Z",
                "count": {
                    "value": 3,
                    "reported_by": "the desk",
                    "measured_at": "2026-05-02T14:30:00+08:00",
                    "disputed": True,
                },
            },
        },
    )
    assert list(told["provenance"].items()) == [
        (
            "a.count",
            {
                "text": "Count",
                "value": 3,
                "reported_by": "the desk",
                "measured_at": "2026-05-02T06:30:00Z",
                "age_hours": 5.5,
                "old": False,
                "disputed": True,
                "scope": "all",
                "unknown_because": [],
                "brand": None,
            },
        ),
        (
            "b.flag",
            {
                "text": "Flag",
                "value": True,
                "reported_by": None,
                "measured_at": None,
                "age_hours": None,
                "old": False,
                "disputed": False,
                "scope": "all",
                "unknown_because": [],
                "brand": None,
            },
        ),
    ]


def test_facts_posted_without_envelopes_have_no_provenance(server: Server) -> None:
    assert answer_to(server, {"a": {"count": 3}})["provenance"] == {}


@pytest.mark.parametrize(
    ("measured_at", "age_hours", "old"),
    [
        ("2026-05-01T12:00:00Z", 24.0, False),
        ("2026-05-01T11:59:59.999999Z", 24.0, True),
        ("2026-05-02T11:56:00Z", 0.1, False),
        ("2026-05-02T12:01:00Z", 0.0, False),
        ("2026-05-02T13:30:00Z", -1.5, False),
        ("0001-01-01T00:00:00Z", 17753700.0, True),
    ],
)
def test_a_figure_is_old_when_measured_longer_ago_than_its_author_allows(
    server: Server, measured_at: str, age_hours: float, old: bool
) -> None:
    told = provenance_of_count(server, measured_at=measured_at)
    assert (told["age_hours"], told["old"]) == (age_hours, old)
    assert str(told["age_hours"]) == str(age_hours)


def test_a_figure_without_a_limit_or_without_a_moment_is_never_old(server: Server) -> None:
    assert provenance_of_count(server, reported_by="desk")["old"] is False
    names = {"value": ["x"], "measured_at": "1999-01-01T00:00:00Z"}
    told = answer_to(server, {"a": {"names": names}})["provenance"]["a.names"]
    assert (told["old"], told["value"]) == (False, ["x"])


def test_a_null_in_an_envelope_counts_as_left_out(server: Server) -> None:
    null = provenance_of_count(
        server, reported_by=None, measured_at=None, disputed=None, scope=None
    )
    assert null == provenance_of_count(server)


@pytest.mark.parametrize(
    ("about", "because"),
    [
        ({"measured_at": "2026-05-02T05:59:59Z"}, ["old"]),
        ({"scope": "page"}, ["page"]),
        ({"disputed": True}, ["disputed"]),
        (
            {"disputed": True, "scope": "page", "measured_at": "2020-01-01T00:00:00Z"},
            ["old", "page", "disputed"],
        ),
        ({"measured_at": "2026-05-02T06:00:00Z", "scope": "all", "disputed": False}, []),
    ],
)
def test_a_value_counts_as_unknown_for_the_reasons_that_the_pack_gives(
    server: Server, about: Json, because: list[str]
) -> None:
    counted = answer_to(server, {"a": {"count": 0, "views": {"value": 1500, **about}}})
    as_null = answer_to(server, {"a": {"count": 0, "views": None if because else 1500}})
    told = counted["provenance"]["a.views"]
    assert (told["value"], told["unknown_because"]) == (1500, because)
    changing = ("assessment_id", "provenance")
    assert {key: counted[key] for key in counted if key not in changing} == {
        key: as_null[key] for key in as_null if key not in changing
    }
    asked = [one["question"] for one in counted["unknowns"]]
    assert asked == (["How many views?"] if because else [])
    assert counted["assumed"] == {"b.flag": True}, "nothing takes the place of a posted value"


def test_a_wrong_word_about_a_value_never_makes_it_count(server: Server) -> None:
    """In lenient handling: what was meant could be the reason for which the pack counts it as unknown."""
    body = {"facts": {"a": {"views": {"value": 5, "scope": "pge"}}}, "as_of": AS_OF}
    headers = {"Content-Type": "application/json", "Prefer": "handling=lenient"}
    reply = server.request("POST", "/v1/assessments", json.dumps(body).encode(), headers)
    assert [one["fact"] for one in reply.json["unknowns"]] == ["a.count", "a.views"]
    assert reply.json["ignored"][0]["path"] == "facts.a.views.scope"


def test_a_value_of_null_is_unknown_in_an_envelope_too(server: Server) -> None:
    told = answer_to(server, {"a": {"count": {"value": None, "reported_by": "desk"}}})
    assert told["unknowns"][0]["fact"] == "a.count"
    assert told["provenance"]["a.count"]["value"] is None
    assert answer_to(server, {"b": {"flag": {"value": None}}})["assumed"] == {"a.views": 7}


WRONG: dict[str, tuple[Any, str, str, str]] = {
    "no offset": (
        {"value": 1, "measured_at": "2026-01-01T00:00:00"},
        "measured_at",
        "bad-format",
        "RFC 3339",
    ),
    "a number for a moment": ({"value": 1, "measured_at": 5}, "measured_at", "bad-format", "RFC"),
    "an empty reporter": ({"value": 1, "reported_by": ""}, "reported_by", "wrong-type", "1 to 200"),
    "a long name": (
        {"value": 1, "reported_by": "x" * 201},
        "reported_by",
        "wrong-type",
        "1 to 200",
    ),
    "a list of names": ({"value": 1, "reported_by": ["x"]}, "reported_by", "wrong-type", "a text"),
    "1 for scope": ({"value": 1, "scope": 1}, "scope", "wrong-type", "all, page"),
    "another scope": ({"value": 1, "scope": "pages"}, "scope", "not-allowed", "all, page"),
    "1 for disputed": ({"value": 1, "disputed": 1}, "disputed", "wrong-type", "true or false"),
    "a typo": ({"value": 1, "measured": None}, "measured", "unknown-key", "measured_at"),
    "a key called code": ({"value": 1, "code": "x"}, "code", "unknown-key", "one of value"),
    "no value": ({"reported_by": "desk"}, "value", "missing", "the fact's value"),
    "nothing": ({}, "value", "missing", "the fact's value"),
    "a wrong value": ({"value": "3"}, "value", "wrong-type", "a whole number"),
    "a value too small": ({"value": -1}, "value", "out-of-range", "at least 0"),
    "an envelope in an envelope": ({"value": {"value": 1}}, "value", "wrong-type", "whole number"),
}


@pytest.mark.parametrize(("posted", "key", "code", "allowed"), WRONG.values(), ids=WRONG)
def test_a_mistake_in_an_envelope_is_named_with_what_is_allowed(
    server: Server, posted: Any, key: str, code: str, allowed: str
) -> None:
    reply = server.post({"facts": {"a": {"count": posted}}})
    assert reply.status == 422
    (error,) = reply.json["errors"]
    assert (error["path"], error["code"]) == (f"facts.a.count.{key}", code)
    assert allowed in error["allowed"]


def test_all_mistakes_in_envelopes_are_named_at_once(server: Server) -> None:
    facts = {
        "a": {
            "count": {"measured_at": "now", "value": 1.5, "disputed": "no"},
            "names": {"value": ["x", 1]},
        },
        "b": {"flag": {"reported_by": 7}},
    }
    errors = server.post({"facts": facts}).json["errors"]
    assert [error["path"] for error in errors] == [
        "facts.a.count.measured_at",
        "facts.a.count.value",
        "facts.a.count.disputed",
        "facts.a.names.value[1]",
        "facts.b.flag.value",
        "facts.b.flag.reported_by",
    ]


def test_a_mistyped_key_gets_a_hint(server: Server) -> None:
    posted = {"value": 1, "reportedby": "desk"}
    (error,) = server.post({"facts": {"a": {"count": posted}}}).json["errors"]
    assert error["hint"] == "did you mean 'reported_by'?"


def test_a_group_is_not_an_envelope(server: Server) -> None:
    (error, *_) = server.post({"facts": {"a": {"value": 1}}}).json["errors"]
    assert (error["path"], error["code"]) == ("facts.a.value", "unknown-fact")


def test_the_view_of_a_pack_has_the_age_from_which_a_figure_is_old(server: Server) -> None:
    facts = server.get("/v1/packs/plain").json["facts"]
    limits = {fact["name"]: fact.get("stale_after") for fact in facts}
    del limits["a.views"]
    assert limits == {"a.count": "24h", "a.names": None, "a.seen": "1h30m", "b.flag": None}
    assert facts[3]["unknown_if"] == ["old", "page", "disputed"]
    schema = server.get("/openapi.json").json["components"]["schemas"]["Facts-plain.a"]
    seen = schema["properties"]["seen"]
    assert seen["description"].endswith("Old when measured more than 1h30m ago")
