"""`"brand"` in a request: what the pack knows of a brand lies under what is posted, and counts as posted."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from service.api.application import make_app
from service.config import Config
from service.language.files.pack_files import read_files
from tests.packs import copy_of_harbour
from tests.server import ROOT

ASSESSMENTS = "/v1/assessments"
BRANDS = {
    "north": """
text: {en: North quay, zh: 北码头}
timezone: America/New_York
locale: zh
facts:
  wind: {from: sea, gusts: {value: 6, reported_by: mast, measured_at: "2026-01-01T00:00:00Z"}}
  ships: {inside: 7}
""",
    "south": "facts: {}",
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    packs = tmp_path_factory.mktemp("packs")
    harbour = copy_of_harbour(packs)
    (harbour / "brands").mkdir()
    for name, text in BRANDS.items():
        (harbour / "brands" / f"{name}.yaml").write_text(text, "utf-8")
    shutil.rmtree(harbour / "cases")
    return make_app(Config(packs=packs, state=tmp_path_factory.mktemp("state"))).test_client()


def post(client: FlaskClient, body: dict[str, Any], **headers: str) -> Any:
    return json.loads(client.post(ASSESSMENTS, json=body, headers=headers).data)


def asked(**more: Any) -> dict[str, Any]:
    return {"facts": {}, "as_of": "2026-06-01T12:00:00Z", "brand": "north", **more}


def test_what_the_pack_knows_of_a_brand_counts_as_posted_and_is_said_so(
    client: FlaskClient,
) -> None:
    found = post(client, asked())
    assert "ships.inside" not in found["assumed"]
    assert set(found["provenance"]) == {"wind.gusts", "wind.from", "ships.inside"}
    gusts = found["provenance"]["wind.gusts"]
    assert (gusts["value"], gusts["reported_by"], gusts["brand"]) == (6, "mast", "north")
    assert found["provenance"]["ships.inside"]["brand"] == "north"
    plain = post(client, {**asked(), "brand": None})
    assert plain["provenance"] == {}
    assert plain["assumed"] == {"ships.inside": 0}


def test_the_same_facts_posted_give_the_same_answer(client: FlaskClient) -> None:
    facts = {"wind": {"from": "sea", "gusts": 6}, "ships": {"inside": 7}}
    same = {"locale": "en", "timezone": "UTC"}
    by_brand = post(client, asked(**same))
    by_post = post(client, asked(**same, facts=facts, brand="south"))
    for key in ("outputs", "actions", "held", "unknowns", "at_worst", "assumed", "reasons"):
        assert by_brand[key] == by_post[key], key


@pytest.mark.parametrize("facts", [{"ships": {"inside": None}}, {"ships": None}])
def test_a_posted_fact_replaces_the_brands_also_if_it_is_null(
    client: FlaskClient, facts: dict[str, Any]
) -> None:
    found = post(client, asked(facts=facts))
    assert set(found["provenance"]) == {"wind.gusts", "wind.from"}
    assert "ships.inside" not in found["assumed"]
    other = post(client, asked(facts={"ships": {"inside": {"value": 2, "reported_by": "pilot"}}}))
    assert other["provenance"]["ships.inside"]["brand"] is None


def test_a_fact_sent_wrong_is_null_and_not_the_brands(client: FlaskClient) -> None:
    wrong = asked(facts={"ships": {"inside": "many"}})
    found = post(client, wrong, Prefer="handling=lenient")
    assert [one["path"] for one in found["ignored"]] == ["facts.ships.inside"]
    assert "ships.inside" not in {**found["provenance"], **found["assumed"]}


@pytest.mark.parametrize(
    ("more", "as_of"),
    [
        ({}, "2026-06-01T08:00:00-04:00"),
        ({"brand": "south"}, "2026-06-01T20:00:00+08:00"),
        ({"as_of": "2026-06-01T17:30:00+05:30"}, "2026-06-01T17:30:00+05:30"),
        ({"timezone": "Europe/Paris"}, "2026-06-01T14:00:00+02:00"),
    ],
)
def test_moments_are_in_the_zone_of_the_request_else_of_the_brand_else_of_the_pack(
    client: FlaskClient, more: dict[str, Any], as_of: str
) -> None:
    assert post(client, asked(**more))["as_of"] == as_of


def test_the_language_is_that_of_the_request_else_of_the_brand_else_of_the_pack(
    client: FlaskClient,
) -> None:
    def words(**more: Any) -> str:
        unknown = post(client, asked(**more))["unknowns"]
        return next(str(one["text"]) for one in unknown if one["fact"] == "wind.speed")

    assert (words(), words(brand="south")) == ("风速", "Wind speed")
    assert (words(locale="en"), words(brand="south", locale="zh")) == ("Wind speed", "风速")


def test_an_unknown_brand_is_refused_with_those_that_there_are(client: FlaskClient) -> None:
    reply = client.post(ASSESSMENTS, json=asked(brand="nort", facts={"wind": {"sped": 1}}))
    first, second = json.loads(reply.data)["errors"]
    assert reply.status_code == 422
    assert (first["path"], first["code"]) == ("brand", "unknown-brand")
    assert first["allowed"] == "one of north, south"
    assert first["hint"] == "did you mean 'north'?"
    assert second["path"] == "facts.wind.sped"


def test_a_line_of_a_batch_and_a_report_know_the_brand(client: FlaskClient) -> None:
    line = json.dumps(asked()).encode()
    with client.post(
        "/v1/assessments/batch", data=line, content_type="application/x-ndjson"
    ) as reply:
        answers = reply.data.splitlines()
    assert json.loads(answers[0])["provenance"]["ships.inside"]["brand"] == "north"
    report = client.post(
        ASSESSMENTS, json=asked(locale="en"), headers={"Accept": "text/markdown"}
    ).text
    assert "| Ships inside | 7 | record of the brand north |" in report
    assert "| Gusts an hour | 6 | mast |" in report


def test_the_brand_is_part_of_the_id(client: FlaskClient) -> None:
    ids = {post(client, asked(brand=name))["assessment_id"] for name in ("north", "south", None)}
    assert len(ids) == 3


def test_the_brands_of_a_pack_have_addresses_that_can_be_asked_conditionally(
    client: FlaskClient,
) -> None:
    reply = client.get("/v1/packs/harbour/brands?locale=en")
    north, south = json.loads(reply.data)["brands"]
    gusts = {"value": 6, "reported_by": "mast", "measured_at": "2026-01-01T00:00:00Z"}
    assert north == {
        "name": "north",
        "text": "North quay",
        "timezone": "America/New_York",
        "locale": "zh",
        "facts": {"wind": {"from": "sea", "gusts": gusts}, "ships": {"inside": 7}},
    }
    assert south == {"name": "south", "facts": {}}
    one = json.loads(client.get("/v1/packs/harbour/brands/north?locale=en").data)
    assert one["brand"] == north
    again = client.get(
        "/v1/packs/harbour/brands?locale=en", headers={"If-None-Match": reply.headers["ETag"]}
    )
    assert again.status_code == 304
    assert client.get("/v1/packs/harbour/brands/west").status_code == 404


def test_a_change_of_a_brand_is_a_new_version_of_the_pack(tmp_path: Path) -> None:
    folder = tmp_path / "pr_crisis"
    shutil.copytree(ROOT / "rules" / "pr_crisis", folder)
    before = read_files(folder).digest()
    (folder / "brands" / "other.yaml").write_text("facts: {}", "utf-8")
    assert read_files(folder).digest() != before
