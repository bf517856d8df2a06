"""The moments of an answer are written in the zone that the request names, and nothing else of it changes."""

from __future__ import annotations

import http.client
import json
import re
import resource
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from schemas.scalars import parse_datetime
from tests.semantics.test_display_zones import WRITTEN, as_instants, leaves
from tests.server import Server, running

FACTS = {
    "harm": {"deaths": 1},
    "time": {
        "known_at": {"value": "2026-03-07T03:00:00Z", "measured_at": "2026-03-07T04:00:00Z"},
        "first_exposure": "2026-03-06T22:00:00Z",
    },
}
INSTANT = {
    "Z": "2026-03-08T06:30:00Z",
    "+08:00": "2026-03-08T14:30:00+08:00",
    "+0530": "2026-03-08T12:00:00+0530",
    "-05:00": "2026-03-08T01:30:00-05:00",
    "+00:00": "2026-03-08T06:30:00+00:00",
    "-00:00": "2026-03-08T06:30:00-00:00",
}
NEW_YORK = "America/New_York"


def body(offset: str, **more: Any) -> dict[str, Any]:
    return {"facts": FACTS, "as_of": INSTANT[offset], "explain": "full", "contingency": True} | more


def offsets(answer: Any) -> set[str]:
    """How the offsets of the moments in an answer are written."""
    return {found[2] for text in leaves(answer) if (found := WRITTEN.fullmatch(text))}


def test_moments_have_the_offset_of_as_of_and_a_named_zone_wins(server: Server) -> None:
    def answered(offset: str, **more: Any) -> Any:
        reply = server.post(body(offset, **more))
        assert reply.status == 200, reply.json
        return reply.json

    own = answered("Z")
    assert offsets(own) == {"+08:00"}
    for offset, written in (
        ("-00:00", {"+08:00"}),
        ("+08:00", {"+08:00"}),
        ("+0530", {"+05:30"}),
        ("-05:00", {"-05:00"}),
        ("+00:00", {"+00:00"}),
    ):
        answer = answered(offset)
        assert offsets(answer) == written
        assert _same(answer) == _same(own)
    for more, written in (
        ({"timezone": NEW_YORK}, {"-05:00", "-04:00"}),  # the clocks change half an hour later
        ({"timezone": "UTC"}, {"Z"}),
        ({"timezone": "Asia/Shanghai"}, {"+08:00"}),
        ({"timezone": None}, {"+05:30"}),
    ):
        answer = answered("+0530", **more)
        assert offsets(answer) == written
        assert _same(answer) == _same(own)


def _same(answer: Any) -> Any:
    return as_instants({**answer, "assessment_id": ""})


def test_a_report_has_the_moments_and_the_name_of_the_zone(server: Server) -> None:
    def lines(offset: str, **more: Any) -> str:
        headers = {"Content-Type": "application/json", "Accept": "text/markdown"}
        raw = json.dumps(body(offset, locale="en", **more)).encode()
        return server.request("POST", "/v1/assessments", raw, headers).body.decode()

    for text, moment, zone in (
        (lines("Z"), "2026-03-08 14:30", "Asia/Shanghai"),
        (lines("+08:00"), "2026-03-08 14:30", "Asia/Shanghai"),
        (lines("+0530"), "2026-03-08 12:00", "+05:30"),
        (lines("Z", timezone=NEW_YORK), "2026-03-08 01:30", NEW_YORK),
    ):
        assert moment in text
        assert re.search(rf"Times are .*{re.escape(zone)}", text), text[-300:]


def test_a_previous_answer_in_another_zone_changes_nothing(server: Server) -> None:
    """Its moments are the same instants, whatever offset they are written with."""
    parts = ("as_of", "outputs", "actions", "since")
    answers = []
    for zone in (None, NEW_YORK, "Asia/Kathmandu"):
        first = server.post(body("Z", timezone=zone)).json
        again = body("Z", timezone=NEW_YORK, previous={key: first[key] for key in parts})
        answers.append(server.post({**again, "as_of": "2026-03-09T12:00:00Z"}).json)
    assert _same(answers[0]) == _same(answers[1]) == _same(answers[2])
    assert {**answers[0], "assessment_id": ""} == {**answers[1], "assessment_id": ""}


def test_a_zone_costs_no_answer_where_no_file_can_be_opened(packs: Path) -> None:
    incident = {"facts": {}, "as_of": INSTANT["Z"]}
    with running(packs, packs.parent / "no_files", TOCSIN_WORKERS="1") as server:
        (worker,) = server.workers()
        limits = resource.prlimit(worker, resource.RLIMIT_NOFILE)
        with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)) as client:
            assert asked_on(client, incident)[0] == 200
            resource.prlimit(worker, resource.RLIMIT_NOFILE, (1, limits[1]))
            known = asked_on(client, {**incident, "timezone": NEW_YORK})
            unknown = asked_on(client, {**incident, "timezone": "Nowhere"})
        resource.prlimit(worker, resource.RLIMIT_NOFILE, limits)
    assert (known[0], known[1].get("as_of")) == (200, "2026-03-08T01:30:00-05:00")
    assert unknown[0] == 422


def asked_on(connection: http.client.HTTPConnection, incident: Any) -> tuple[int, Any]:
    """Status and answer, on a connection that stays open."""
    headers = {"Content-Type": "application/json"}
    connection.request("POST", "/v1/assessments", json.dumps(incident).encode(), headers)
    reply = connection.getresponse()
    return reply.status, json.loads(reply.read())


UNKNOWN = {
    "a misspelled name": ("Amerca/New_York", "did you mean 'America/New_York'?"),
    "small letters": ("america/new_york", "did you mean 'America/New_York'?"),
    "a city": ("Shanghai", "did you mean 'Asia/Shanghai'?"),
    "an abbreviation": ("CST", "for example"),
    "an offset": ("+08:00", "belongs to as_of"),
    "UTC and an offset": ("UTC+8", "belongs to as_of"),
    "a path": ("../../../etc/passwd", "for example"),
    "an absolute path": ("/etc/localtime", "for example"),
    "a path inside": ("Asia/../Asia/Shanghai", ""),
    "the zone of the machine": ("localtime", ""),
    "a list of zones": ("zone.tab", ""),
    "a folder": ("Asia", ""),
    "a line feed": ("Asia/Shanghai\n", ""),
    "no zone": ("Factory", ""),
    "nothing": ("", "for example"),
    "a number": (8, "for example"),
}


@pytest.mark.parametrize(("name", "hint"), UNKNOWN.values(), ids=UNKNOWN)
def test_an_unknown_zone_is_refused_with_a_hint(server: Server, name: Any, hint: str) -> None:
    reply = server.post(body("Z", timezone=name))
    assert reply.status == 422
    (error,) = reply.json["errors"]
    assert error["path"] == "timezone"
    assert hint in error["hint"]


def test_each_line_of_a_batch_has_its_own_zone(server: Server) -> None:
    lines = [body("+0530"), body("Z"), body("Z", timezone="Nowhere"), body("Z", timezone=NEW_YORK)]
    raw = b"\n".join(json.dumps(line).encode() for line in lines)
    headers = {"Content-Type": "application/x-ndjson"}
    reply = server.request("POST", "/v1/assessments/batch", raw, headers)
    first, second, third, fourth = map(json.loads, reply.body.splitlines())
    assert [offsets(one) for one in (first, second)] == [{"+05:30"}, {"+08:00"}]
    assert third["errors"][0]["path"] == "timezone"
    assert parse_datetime(fourth["as_of"]).isoformat() == "2026-03-08T01:30:00-05:00"
