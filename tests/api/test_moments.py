"""Moments and numbers of a request: what no clock shows is refused with the right form, and null is unknown, never a moment."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.reporting.golden import UUID
from tests.server import Server

AS_OF = "2026-05-01T12:00:00+08:00"
NULL = "null means unknown"


def posted(place: str, moment: Any) -> dict[str, Any]:
    """A body with this moment at the place, which is the path of its field."""
    body: dict[str, Any] = {"facts": {}, "as_of": AS_OF}
    match place:
        case "as_of":
            return body | {"as_of": moment}
        case "previous.as_of":
            return body | {"previous": {"as_of": moment}}
        case "facts.time.known_at":
            return body | {"facts": {"time": {"known_at": moment}}}
    return body | {"facts": {"time": {"known_at": {"value": None, "measured_at": moment}}}}


PLACES = ("as_of", "previous.as_of", "facts.time.known_at", "facts.time.known_at.measured_at")
REFUSED: dict[str, tuple[Any, str]] = {
    "60 minutes": ("2026-04-01T00:00:00+08:60", "with minutes from 00 to 59"),
    "99 minutes": ("2026-04-01T00:00:00+05:99", "with minutes from 00 to 59"),
    "24 hours": ("2026-04-01T00:00:00+24:00", "from -23:59 to +23:59"),
    "60 minutes without a colon": ("2026-04-01T00:00:00+0860", "with minutes from 00 to 59"),
    "hours alone": ("2026-04-01T00:00:00+08", "write 2026-04-01T00:00:00+08:00"),
    "a local time": ("2026-04-01T09:30:00", "2026-04-01T09:30:00+08:00 for China"),
    "a local time with a space": ("2026-04-01 09:30", "2026-04-01T09:30:00Z for UTC"),
    "a date": ("2026-04-01", "2026-04-01T00:00:00+08:00 for China"),
    "seconds": (1775000000, "2026-03-31T23:33:20Z"),
    "seconds in a text": ("1775000000", "2026-03-31T23:33:20Z"),
    "seconds with a fraction": (1775000000.5, "2026-03-31T23:33:20.500000Z"),
    "milliseconds": (1775000000123, "2026-03-31T23:33:20.123000Z"),
    "milliseconds in a text": ("1775000000123", "2026-03-31T23:33:20.123000Z"),
    "a date in digits": (20260401, ""),
    "true": (True, ""),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(("moment", "hint"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_moment_is_refused_with_the_right_form(
    server: Server, place: str, moment: Any, hint: str
) -> None:
    reply = server.post(posted(place, moment))
    assert reply.status == 422, reply.json
    (error,) = reply.json["errors"]
    assert error["path"] == place
    assert error["code"] in ("bad-format", "wrong-type")
    assert hint in error["hint"]


@pytest.mark.parametrize("place", PLACES)
def test_an_offset_may_be_written_without_a_colon(server: Server, place: str) -> None:
    reply = server.post(posted(place, "2026-04-30T12:00:00+0800"))
    assert reply.status == 200, reply.json


UNLIKELY = {
    "the year 1": ("0001-01-01T00:00:00Z", "out-of-range"),
    "the year 1 before UTC": ("0001-01-01T00:00:00+08:00", "bad-format"),
    "the year 0": ("0000-00-00T00:00:00Z", "bad-format"),
    "the epoch": ("1970-01-01T00:00:00Z", "out-of-range"),
    "the epoch in China": ("1970-01-01T08:00:00+08:00", "out-of-range"),
    "zero": (0, "wrong-type"),
    "zero in a text": ("0", "bad-format"),
    "more than a day later": ("2026-05-02T12:00:01+08:00", "out-of-range"),
    "the end of time": ("9999-12-31T23:59:59Z", "out-of-range"),
}


@pytest.mark.parametrize("enveloped", [False, True])
@pytest.mark.parametrize(("moment", "code"), UNLIKELY.values(), ids=UNLIKELY)
def test_a_fact_is_not_the_moment_that_programs_write_for_none(
    server: Server, moment: Any, code: str, enveloped: bool
) -> None:
    value = {"value": moment} if enveloped else moment
    reply = server.post(posted("facts.time.known_at", value))
    assert reply.status == 422
    (error,) = reply.json["errors"]
    assert error["path"] == "facts.time.known_at" + ".value" * enveloped
    assert error["code"] == code
    assert NULL in error["hint"]


@pytest.mark.parametrize(
    "moment",
    [
        "1890-10-11T00:00:00Z",
        "1970-01-01T00:00:01Z",
        "1970-01-01T00:00:00+08:00",
        "2026-05-02T12:00:00+08:00",
    ],
)
def test_an_old_moment_and_one_of_the_next_day_are_facts(server: Server, moment: str) -> None:
    reply = server.post(posted("facts.time.known_at", moment))
    assert reply.status == 200, reply.json
    assert "time.known_at" in reply.json["clock"]["since"]


def test_without_as_of_facts_are_compared_with_the_present_moment(server: Server) -> None:
    facts = {"time": {"known_at": "2126-01-01T00:00:00Z"}}
    (error,) = server.post({"facts": facts}).json["errors"]
    assert (error["path"], error["code"]) == ("facts.time.known_at", "out-of-range")


def test_a_wrong_as_of_makes_no_fact_wrong(server: Server) -> None:
    facts = {"time": {"known_at": "2126-01-01T00:00:00Z"}}
    errors = server.post({"facts": facts, "as_of": "2126-01-01T00:00:00"}).json["errors"]
    assert [error["path"] for error in errors] == ["as_of"]


def test_a_group_that_is_null_is_unknown_like_its_facts(server: Server) -> None:
    """An absent fact has its assumption; a null one has none, by itself or in its group."""
    absent, group = (
        server.post({"facts": facts, "as_of": AS_OF}).json for facts in ({}, {"response": None})
    )
    assumed = [name for name in absent["assumed"] if name.startswith("response.")]
    assert assumed
    each = {"response": dict.fromkeys(name.removeprefix("response.") for name in assumed)}
    alone = server.post({"facts": each, "as_of": AS_OF}).json
    assert {**group, "assessment_id": ""} == {**alone, "assessment_id": ""}
    assert group["assumed"] == {
        name: value for name, value in absent["assumed"].items() if name not in assumed
    }


def test_a_group_must_be_an_object_or_null(server: Server) -> None:
    (error,) = server.post({"facts": {"harm": 0}}).json["errors"]
    assert (error["path"], error["code"]) == ("facts.harm", "wrong-type")


@pytest.mark.parametrize("written", ["9223372036854775808", "1" + "0" * 300])
def test_an_integer_beyond_int64_is_for_a_number_what_its_double_is(
    server: Server, written: str
) -> None:
    def provenance(number: str) -> Any:
        fact = f'{{"harm": {{"loss_cny": {{"value": {number}}}}}}}'
        reply = server.post(f'{{"facts": {fact}, "as_of": "{AS_OF}"}}'.encode())
        assert reply.status == 200, reply.json
        return reply.json["provenance"]

    assert provenance(written) == provenance(f"{float(written)!r}")


def test_an_integer_beyond_a_double_is_out_of_range(server: Server) -> None:
    reply = server.post({"facts": {"harm": {"loss_cny": 10**309}}})
    (error,) = reply.json["errors"]
    assert error["code"] == "out-of-range"


@pytest.mark.parametrize("number", ["1e-999", "-1e-400", "0.000001e-320", "0." + "0" * 400 + "1"])
def test_a_number_that_would_become_zero_is_refused_like_one_beyond_a_double(
    server: Server, number: str
) -> None:
    reply = server.post(f'{{"facts": {{"harm": {{"loss_cny": {number}}}}}}}'.encode())
    assert (reply.status, reply.json["code"]) == (400, "number-range")


@pytest.mark.parametrize("number", ["0e-999", "0.000", "-0.0", "5e-324", "1e-320"])
def test_zero_and_the_smallest_doubles_are_numbers(server: Server, number: str) -> None:
    reply = server.post(f'{{"facts": {{"harm": {{"loss_cny": {number}}}}}}}'.encode())
    assert reply.status in (200, 422)  # below zero is out of the fact's range
    assert reply.json.get("code") != "number-range"


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("zh-CN", "zh"),
        ("zh-Hans-CN", "zh"),
        ("zh_CN", "zh"),
        ("EN-us", "en"),
        ("ZH", "zh"),
        ("Both", "both"),
    ],
)
def test_a_locale_of_a_region_is_the_language_of_the_pack(
    server: Server, asked: str, language: str
) -> None:
    given, exact = (
        server.post({"facts": {}, "as_of": AS_OF, "locale": locale}).json
        for locale in (asked, language)
    )
    assert {**given, "assessment_id": ""} == {**exact, "assessment_id": ""}
    assert server.get(f"/v1/packs/pr_crisis?locale={asked}").json == (
        server.get(f"/v1/packs/pr_crisis?locale={language}").json
    )
    assert report(server, asked) == report(server, language)


def report(server: Server, locale: str) -> str:
    """The report without the id of its assessment."""
    headers = {"Content-Type": "application/json", "Accept": "text/markdown"}
    body = json.dumps({"facts": {}, "as_of": AS_OF, "locale": locale}).encode()
    reply = server.request("POST", "/v1/assessments", body, headers)
    return re.sub(UUID, "", reply.body.decode())


@pytest.mark.parametrize(
    "asked", ["fr", "z", "zhCN", "zh--CN", "-zh", "both-CN", "zh-", "*", "zh-CN;q=1"]
)
def test_any_other_locale_is_refused(server: Server, asked: str) -> None:
    reply = server.post({"facts": {}, "locale": asked})
    assert reply.status == 422
    assert reply.json["errors"][0]["path"] == "locale"
