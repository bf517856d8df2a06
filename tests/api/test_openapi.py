"""The OpenAPI document generates clients: what an answer has is named, open to additions, and lists the codes of each pack."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema_rs import validator_for

from service.api.application import make_app
from service.api.documentation import openapi
from service.config import Config
from tests.faults.document import both_packs

SCHEMAS = "#/components/schemas/"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    folder = tmp_path_factory.mktemp("openapi")
    packs = both_packs(folder / "packs")
    return make_app(Config(packs=packs, pack="pr_crisis", state=folder)).test_client()


@pytest.fixture(scope="module")
def document(client: FlaskClient) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(client.get("/openapi.json").data)
    return found


@pytest.fixture(scope="module")
def schemas(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["components"]["schemas"]
    return found


def objects(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
    for inner in node.values() if isinstance(node, dict) else node:
        if isinstance(inner, dict | list):
            yield from objects(inner)


def references(node: Any) -> set[str]:
    return {
        part["$ref"].removeprefix(SCHEMAS)
        for part in objects(node)
        if str(part.get("$ref")).startswith(SCHEMAS)
    }


def reached(schemas: dict[str, Any], *names: str) -> set[str]:
    """These schemas and all to which they refer."""
    found: set[str] = set()
    new = set(names)
    while new:
        found |= new
        new = {other for name in new for other in references(schemas[name])} - found
    return found


def test_the_answer_of_each_pack_lists_the_codes_of_the_pack(schemas: dict[str, Any]) -> None:
    answer = schemas["Assessment-pr_crisis"]
    assert {"grade", "type", "stage", "warning"} <= set(answer["required"])
    grade = schemas["Lifted-pr_crisis.grade"]
    assert grade["properties"]["code"] == {"$ref": f"{SCHEMAS}pr_crisis.grade"}
    assert grade["required"] == ["code", "level", "text"]
    assert schemas["pr_crisis.grade"]["enum"] == ["red", "orange", "yellow", "blue", "none"]
    action = schemas["Action-pr_crisis"]["properties"]
    codes = {"$ref": f"{SCHEMAS}ActionCode-pr_crisis"}
    assert (action["code"], action["after"]["items"]) == (codes, codes)
    assert "SAFETY_NOTICE" in schemas["ActionCode-pr_crisis"]["enum"]
    assert schemas["PackIdentity-harbour"]["properties"]["name"]["const"] == "harbour"
    either = [
        {"$ref": f"{SCHEMAS}{name}-{pack}"}
        for name in ("Assessment", "LeanAssessment")
        for pack in ("harbour", "pr_crisis")
    ]
    assert schemas["Assessment"] == {"anyOf": either}


def test_a_lean_answer_has_the_same_keys_of_which_few_are_required(schemas: dict[str, Any]) -> None:
    whole, lean = schemas["Assessment-pr_crisis"], schemas["LeanAssessment-pr_crisis"]
    assert lean["properties"].keys() == whole["properties"].keys()
    assert set(lean["required"]) == {
        "assessment_id",
        "incident_id",
        "as_of",
        "pack",
        "previous_ignored",
    }
    action = schemas[lean["properties"]["actions"]["items"]["$ref"].removeprefix(SCHEMAS)]
    assert action["properties"] == schemas["Action-pr_crisis"]["properties"]
    assert "required" not in action


@pytest.mark.parametrize(
    ("fields", "is_allowed"),
    [
        (["grade", "actions.code"], True),
        ("grade,actions.code, outputs.impact", True),
        ("previous", True),
        ("", False),
        ([], False),
        ("grad", False),
        (["actions.cod"], False),
        (["verdict.text"], False),
    ],
)
def test_the_names_of_keys_are_those_of_the_pack(
    schemas: dict[str, Any], fields: Any, is_allowed: bool
) -> None:
    allowed = schemas["AnswerKeys-pr_crisis"]
    assert validator_for(allowed).is_valid(fields) is is_allowed


def test_what_is_no_longer_in_the_pack_is_any_text(schemas: dict[str, Any]) -> None:
    """A dropped action can be one that only the version of the previous answer had."""
    for name in ("DroppedAction", "Released"):
        assert schemas[name]["properties"]["code"] == {"type": "string"}


def test_answers_may_gain_keys_and_requests_may_not(schemas: dict[str, Any]) -> None:
    answers = reached(
        schemas, "Assessment", "AssessmentLine", "Problem", "ProblemLine", "ReportLine", "Pack"
    )
    assert len(answers) > 50
    assert not [name for name in answers if schemas[name].get("additionalProperties") is False]
    for pack in ("harbour", "pr_crisis"):
        posted = [f"Incident-{pack}", *(name for name in schemas if f"Facts-{pack}" in name)]
        assert all(schemas[name]["additionalProperties"] is False for name in posted)


def test_every_schema_is_used_and_each_enum_stands_once(
    document: dict[str, Any], schemas: dict[str, Any]
) -> None:
    assert reached(schemas, *references(document["paths"])) == set(schemas)
    enums = Counter(tuple(part["enum"]) for part in objects(schemas) if "enum" in part)
    assert [codes for codes, times in enums.items() if times > 1] == []
    named = {tuple(schema["enum"]) for schema in schemas.values() if "enum" in schema}
    assert set(enums) == named


def test_nothing_inside_of_a_schema_would_get_a_number_for_a_name(schemas: dict[str, Any]) -> None:
    """Generators number the objects and enums that stand inside of a union. What stands behind `if` they pass over."""
    plain = [
        {key: value for key, value in schema.items() if key not in ("if", "then", "else")}
        for schema in schemas.values()
    ]
    choices = [one for part in objects(plain) for one in part.get("anyOf", ())]
    assert len(choices) > 100
    assert [one for one in choices if one.get("type") == "object" or "enum" in one] == []
    assert not [part for part in objects(schemas) if isinstance(part.get("oneOf"), dict)]


def test_no_schema_has_a_key_of_its_own_name(schemas: dict[str, Any]) -> None:
    """Generated Python would use one variable for both."""
    for name, schema in schemas.items():
        own = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
        assert own not in schema.get("properties", {}), name


def test_a_schema_stands_after_those_to_which_it_refers(schemas: dict[str, Any]) -> None:
    """Generators that read the document once then know them."""
    place = {name: number for number, name in enumerate(schemas)}
    for name, schema in schemas.items():
        assert all(place[other] < place[name] for other in references(schema)), name


def test_marks_of_our_own_code_are_not_in_the_document(document: dict[str, Any]) -> None:
    own = {key for part in objects(document) for key in part if key.startswith("x-")}
    assert own == {"x-problems"}


def test_the_document_says_what_a_client_must_know_besides(document: dict[str, Any]) -> None:
    assert document["servers"][0]["url"] == "/"
    assert document["info"]["license"]["identifier"] == "Apache-2.0"
    assert {} in document["security"]
    assert set(document["paths"]["/metrics"]["get"]["responses"]["200"]["content"]) == {
        "text/plain"
    }
    batch = document["paths"]["/v1/assessments/batch"]["post"]
    assert "Retry-After" in batch["responses"]["503"]["headers"]
    lines = batch["responses"]["200"]["content"]["application/x-ndjson"]["schema"]
    assert references(lines["contentSchema"]) == {
        "AssessmentLine",
        "ProblemLine",
        "ReportLine",
    }
    facts = document["paths"]["/v1/packs/{name}/facts"]["get"]
    assert {"200", "304", "404", "422"} <= set(facts["responses"])
    assert "5.0" in document["components"]["schemas"]["Incident-pr_crisis"]["description"]


def test_the_document_is_the_same_each_time_it_is_made(client: FlaskClient) -> None:
    """It is made again when a pack changes: nothing of the packs before is left in it."""
    packs = client.application.extensions["tocsin"].packs
    with client.application.app_context():
        make = openapi._document.__wrapped__
        assert make(packs) == make(packs)
