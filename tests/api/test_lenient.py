"""`Prefer: handling=lenient`: a wrong fact costs no alarm. It counts as null, and the answer, the report, the log and a metric tell of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from service.api.requests.prefer import preferred_handling
from tests.server import Reply, Server

AS_OF = "2026-03-01T12:00:00+08:00"
LENIENT = {"Prefer": "handling=lenient"}
BATCH = "/v1/assessments/batch"
THREE_DEATHS = {"harm": {"deaths": 3}, "social": {"hot_rank": 51}}
NEITHER: dict[str, Any] = {}


def ask(
    server: Server, body: Any, headers: Mapping[str, str] = LENIENT, path: str = "/v1/assessments"
) -> Reply:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return server.request("POST", path, raw, {"Content-Type": "application/json", **headers})


def assess(server: Server, facts: Any, headers: Mapping[str, str] = LENIENT) -> Any:
    reply = ask(server, {"facts": facts, "as_of": AS_OF, "locale": "en"}, headers)
    assert reply.status == 200, reply.body
    return reply.json


def without(answer: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in answer.items() if key not in keys}


def test_a_rank_beyond_the_hot_list_does_not_silence_three_deaths(server: Server) -> None:
    body = {"facts": THREE_DEATHS, "as_of": AS_OF, "locale": "en"}
    strict, lenient = ask(server, body, NEITHER), ask(server, body)
    assert (strict.status, lenient.status) == (422, 200)
    assert lenient.json["grade"]["code"] == "red"
    assert lenient.json["ignored"] == strict.json["errors"]
    assert [error["path"] for error in strict.json["errors"]] == ["facts.social.hot_rank"]
    assert "preference-applied" not in strict.headers
    assert lenient.headers["preference-applied"] == "handling=lenient"
    assert {"Accept", "Prefer"} <= {*lenient.headers["vary"].split(", ")}


UNREADABLE = {
    "NaN": ("growth_1h_pct", b"NaN", "NaN", "invalid-json"),
    "a number beyond a double": ("growth_1h_pct", b"1e999", "1e999", "number-range"),
    "a number that becomes 0": ("growth_1h_pct", b"1e-999", "1e-999", "number-range"),
    "a text cut in an emoji": ("keywords", rb'["ok", "\ud83d"]', "\ufffd", "lone-surrogate"),
    "a NUL character": ("keywords", rb'["a\u0000b"]', "a\ufffdb", "nul-character"),
}


@pytest.mark.parametrize(("fact", "written", "got", "code"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_number_or_text_that_cannot_be_read_does_not_silence_three_deaths(
    server: Server, fact: str, written: bytes, got: str, code: str
) -> None:
    def body(facts: bytes, more: bytes = b"") -> bytes:
        return b'{"as_of": "%s", "locale": "en", "facts": {"harm": {"deaths": 3}%s}%s}' % (
            AS_OF.encode(),
            facts,
            more,
        )

    wrong = body(b', "trend": {"%s": %s}' % (fact.encode(), written))
    null = ask(server, body(b', "trend": {"%s": null}' % fact.encode())).json
    strict, lenient = ask(server, wrong, NEITHER), ask(server, wrong)
    assert (strict.status, strict.json["code"], lenient.status) == (400, code, 200)
    assert lenient.json["grade"]["code"] == "red"
    assert without(lenient.json, "assessment_id", "ignored") == without(
        null, "assessment_id", "ignored"
    )
    (told,) = lenient.json["ignored"]
    assert (told["code"], told["got"]) == (code, got)
    assert told["path"].startswith(f"facts.trend.{fact}")
    batch = ask(server, wrong, {**LENIENT, "Content-Type": "application/x-ndjson"}, BATCH)
    assert without(batch.json, "line", "request_id") == lenient.json
    report = ask(server, wrong, {**LENIENT, "Accept": "text/markdown"})
    assert report.status == 200
    assert b"Wrong, so counted as unknown" in report.body
    elsewhere = ask(server, body(b"", b', "previous": {"as_of": %s}' % written))
    assert (elsewhere.status, elsewhere.json["code"]) == (400, code)


def test_the_id_tells_unreadable_values_from_each_other_and_from_what_they_look_like(
    server: Server,
) -> None:
    values = (b'"NaN"', b"NaN", b"Infinity", rb'"\ud83d"', rb'"\ud83e"', rb'"\ufffd"', b"1e999")
    found = {
        ask(
            server,
            b'{"facts": {"source": {"first_post": %s}}, "as_of": "%s"}' % (one, AS_OF.encode()),
        ).json["assessment_id"]
        for one in values
    }
    assert len(found) == len(values)


def test_a_wrong_fact_gives_the_answer_of_a_null(server: Server) -> None:
    wrong = assess(server, THREE_DEATHS)
    null = assess(server, {"harm": {"deaths": 3}, "social": {"hot_rank": None}})
    assert null["ignored"] == []
    assert without(wrong, "assessment_id", "ignored") == without(null, "assessment_id", "ignored")


def test_nothing_is_assumed_for_a_wrong_fact(server: Server) -> None:
    absent = assess(server, {})
    assert "finding.accounts_conflict" in absent["assumed"]
    for wrong in (
        {"finding": {"accounts_conflict": "no"}},
        {"finding": "none"},
        {"finding.accounts_conflict": False},
    ):
        answer = assess(server, wrong)
        assert "finding.accounts_conflict" not in answer["assumed"]
        assert len(answer["ignored"]) == 1


def test_a_wrong_moment_of_measurement_costs_no_firm_alarm(server: Server) -> None:
    deaths = {"value": 3, "measured_at": "yesterday"}
    answer = assess(server, {"harm": {"deaths": deaths}})
    assert answer["grade"]["code"] == "red"
    assert answer["provenance"]["harm.deaths"]["measured_at"] is None
    assert [one["path"] for one in answer["ignored"]] == ["facts.harm.deaths.measured_at"]


def test_without_wrong_facts_the_lenient_answer_is_the_strict_one_and_says_that_it_is_lenient(
    server: Server,
) -> None:
    facts = {"harm": {"deaths": 3}}
    strict, lenient = assess(server, facts, NEITHER), assess(server, facts)
    assert lenient["ignored"] == []
    assert lenient["assessment_id"] != strict["assessment_id"]
    assert without(lenient, "ignored", "assessment_id") == without(strict, "assessment_id")
    said = assess(server, facts, {"Prefer": "handling=strict"})
    assert said == strict


@pytest.mark.parametrize(
    "wrong",
    [
        {"previous": {"as_of": AS_OF, "outputs": {"grade": "pink"}}},
        {"previous": 3},
        {"as_of": "yesterday"},
        {"locale": "xx"},
        {"pack": "nowhere"},
        {"explain": "much"},
        {"fact": {}},
        {"facts": []},
        {"facts": None},
    ],
    ids=str,
)
def test_only_facts_are_handled_leniently(server: Server, wrong: dict[str, Any]) -> None:
    reply = ask(server, {"facts": THREE_DEATHS, **wrong})
    assert (reply.status, reply.json["code"]) == (422, "invalid-request")
    assert {error["path"].split(".")[0] for error in reply.json["errors"]} == {*wrong}
    assert reply.headers["preference-applied"] == "handling=lenient"


@pytest.mark.parametrize("broken", [b'{"facts": {}', b'{"facts": {"a": 1, "a": 1}}', b"NaN"])
def test_broken_json_stays_an_error(server: Server, broken: bytes) -> None:
    assert ask(server, broken).status == 400


def test_the_report_says_what_was_wrong(server: Server) -> None:
    body = {"facts": {**THREE_DEATHS, "sea": {"state<": 3}}, "locale": "both"}
    text = ask(server, body, {**LENIENT, "Accept": "text/markdown"}).body.decode()
    for heading, name in (
        ("Wrong, so counted as unknown", "Best rank on a hot list"),
        ("有误，按未知处理", "热搜最高排名"),
    ):
        part = text.split(f"## {heading}\n")[1].split("\n## ")[0]
        assert f"| {name} | 51 |" in part
        assert "| sea | an object |" in part
    assert "## Wrong" not in ask(
        server, {"facts": {}, "locale": "en"}, {**LENIENT, "Accept": "text/markdown"}
    ).body.decode("utf-8")


def test_a_batch_is_lenient_for_each_of_its_lines_and_log_and_metric_count_the_mistakes(
    server: Server,
) -> None:
    before = _ignored(server)
    lines = [
        {"facts": THREE_DEATHS},
        {"facts": {}},
        {"facts": {"harm": {"deaths": "3", "injuries": "1"}}},
        {"facts": 3},
    ]
    body = b"\n".join(json.dumps(line).encode() for line in lines)
    reply = ask(
        server,
        body,
        {**LENIENT, "Content-Type": "application/x-ndjson"},
        "/v1/assessments/batch",
    )
    answers = [json.loads(line) for line in reply.body.splitlines()]
    assert [len(one.get("ignored", "none")) for one in answers] == [1, 0, 2, len("none")]
    assert answers[3]["code"] == "invalid-request"
    assert reply.headers["preference-applied"] == "handling=lenient"
    assert _ignored(server) == before + 3
    batches = [line for line in server.log_lines("batch") if "ignored" in line]
    assert batches[-1]["ignored"] == 3


def _ignored(server: Server) -> float:
    found = [
        line for line in server.metrics().splitlines() if line.startswith("tocsin_ignored_facts")
    ]
    return sum(float(line.rpartition(" ")[2]) for line in found)


def test_the_log_has_the_number_of_ignored_mistakes_and_none_of_their_values(
    server: Server,
) -> None:
    assess(server, {"harm": {"deaths": "several-dead"}, "sea": 1})
    line = server.log_lines("request")[-1]
    assert line["ignored"] == 2
    assert "several-dead" not in json.dumps(line)


def test_several_headers_are_one_list(server: Server) -> None:
    body = json.dumps({"facts": THREE_DEATHS}).encode()
    head = (
        "POST /v1/assessments HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\n"
        f'Content-Length: {len(body)}\r\nPrefer: respond-async, note="a, handling=strict"\r\n'
        'pReFeR: HANDLING = "Lenient" ;why=alarm\r\nPrefer: handling=strict\r\n\r\n'
    )
    answer = server.raw(head.encode() + body)
    assert answer.startswith(b"HTTP/1.1 200")
    assert b"Preference-Applied: handling=lenient" in answer


@pytest.mark.parametrize(
    ("headers", "handling"),
    [
        ([], None),
        ([""], None),
        (["handling=lenient"], "lenient"),
        (["handling=strict"], "strict"),
        (["Handling=LENIENT"], "lenient"),
        (['handling="lenient"'], "lenient"),
        (['handling = "len\\ient"'], "lenient"),
        (["handling=lenient; a; b=c"], "lenient"),
        ([" ,, wait=10, handling=lenient,"], "lenient"),
        (["wait=10", "handling=lenient"], "lenient"),
        (["handling=strict, handling=lenient"], "strict"),
        (["handling=lenient", "handling=strict"], "lenient"),
        (["handling=kind, handling=lenient"], None),
        (["handling, handling=lenient"], None),
        (['handling=""'], None),
        (["wait=10; handling=lenient"], None),
        (["handling-lenient"], None),
        (['note="handling=strict, ", handling=lenient'], "lenient"),
        (['note="a, handling=lenient"'], None),
        (['note="\\", handling=lenient'], None),
        (['handling="lenient'], None),
        (["handling=lenient strict"], None),
    ],
)
def test_prefer_is_read_as_rfc_7240_says(headers: list[str], handling: str | None) -> None:
    assert preferred_handling(headers) == handling
