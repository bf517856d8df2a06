"""Names that last: a former name of a fact, a value or an action is taken for the present one, and the answer tells it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from service.api.application import make_app
from service.authoring.check import check_pack
from service.config import Config
from tests.packs import PLAIN_FACTS, PLAIN_PACK, plain_pack

FACTS = PLAIN_FACTS.replace(
    "a.count: {type: integer,", "a.count: {type: integer, formerly: [a.number, old.number],"
).replace("values: [x, y, z]", "values: {x: {formerly: [ex]}, y: {}, z: {}}")
PACK = PLAIN_PACK.replace("high: {level: 1}", "high: {level: 1, formerly: [top]}")
RULES = """
rules:
  - {id: many, when: "a.count >= 3", then: {level: high, actions: FIRST}, because: {en: x}}
  - {id: kind, when: 'a.kind == "x"', then: {level: middle}, because: {en: x}}
"""
ACTIONS = "actions: {FIRST: {text: {en: First}, formerly: [START]}, SECOND: {text: {en: Second}}}"
AT = {"as_of": "2026-06-01T12:00:00Z"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    packs = tmp_path_factory.mktemp("packs")
    plain_pack(packs / "plain", RULES, facts=FACTS, pack=PACK, actions=ACTIONS)
    (packs / "plain" / "brands").mkdir()
    (packs / "plain" / "brands" / "acme.yaml").write_text("facts: {a: {kind: ex}}", "utf-8")
    return make_app(Config(packs=packs, state=tmp_path_factory.mktemp("state"))).test_client()


def post(client: FlaskClient, facts: Any, status: int = 200, **more: Any) -> Any:
    headers = {"Prefer": "handling=lenient"} if more.pop("lenient", False) else {}
    reply = client.post("/v1/assessments", json={"facts": facts, **(AT | more)}, headers=headers)
    assert reply.status_code == status, reply.data
    return json.loads(reply.data)


@pytest.mark.parametrize(
    ("facts", "path"),
    [
        ({"a": {"number": 3}}, "facts.a.number"),
        ({"old": {"number": 3}}, "facts.old.number"),
        ({"old": {"number": {"value": 3, "reported_by": "desk"}}}, "facts.old.number"),
    ],
)
def test_the_former_name_of_a_fact_is_taken_and_told(
    client: FlaskClient, facts: Any, path: str
) -> None:
    found = post(client, facts)
    assert found["level"]["code"] == "high"
    was = path.removeprefix("facts.")
    assert found["deprecated"] == [{"path": path, "was": was, "now": "a.count"}]


def test_the_former_value_of_a_fact_is_taken_and_told(client: FlaskClient) -> None:
    found = post(client, {"a": {"kind": "ex"}})
    assert found["level"]["code"] == "middle"
    assert found["deprecated"] == [{"path": "facts.a.kind", "was": "ex", "now": "x"}]
    by_envelope = post(client, {"a": {"kind": {"value": "ex"}}})["deprecated"]
    assert [one["path"] for one in by_envelope] == ["facts.a.kind.value"]


def test_an_answer_to_present_names_has_no_such_key(client: FlaskClient) -> None:
    assert "deprecated" not in post(client, {"a": {"count": 3, "kind": "x"}})


def test_a_fact_posted_under_both_names_is_refused_and_null_in_lenient_handling(
    client: FlaskClient,
) -> None:
    both = {"a": {"number": 3, "count": 3}}
    [error] = post(client, both, 422)["errors"]
    assert (error["path"], error["hint"]) == ("facts.a.number", "post 'a.count'")
    found = post(client, both, lenient=True)
    assert [one["path"] for one in found["ignored"]] == ["facts.a.number"]
    assert found["level"]["code"] == "low"
    assert found["at_worst"]["level"]["code"] == "high"


def test_a_mistake_is_at_the_name_that_was_posted(client: FlaskClient) -> None:
    [error] = post(client, {"a": {"number": "many"}}, 422)["errors"]
    assert (error["path"], error["code"]) == ("facts.a.number", "wrong-type")


@pytest.mark.parametrize("level", ["top", {"value": "top"}, {"code": "top"}])
def test_former_values_and_actions_of_a_previous_answer_are_no_changes(
    client: FlaskClient, level: Any
) -> None:
    before = {
        "as_of": "2026-06-01T11:00:00Z",
        "outputs": {"level": level},
        "actions": [{"code": "START"}],
        "responses": ["START"],
    }
    found = post(client, {"a": {"count": 3}}, previous=before)
    assert found["previous_ignored"] == []
    assert found["changes"]["outputs"] == []
    assert found["changes"]["actions"]["added"] == []
    assert {(one["was"], one["now"]) for one in found["deprecated"]} == {
        ("top", "high"),
        ("START", "FIRST"),
    }
    assert found["actions"][0]["done"] is True


def test_the_former_action_that_was_carried_out_is_taken_and_told(client: FlaskClient) -> None:
    done = [{"code": "START", "at": "2026-06-01T11:30:00Z"}]
    found = post(client, {"a": {"count": 3}}, done=done)
    assert found["actions"][0]["done"] is True
    assert found["deprecated"] == [{"path": "done[0].code", "was": "START", "now": "FIRST"}]


def test_a_brand_may_use_a_former_name_and_check_warns(client: FlaskClient, tmp_path: Path) -> None:
    assert post(client, {}, brand="acme")["level"]["code"] == "middle"
    plain_pack(tmp_path / "plain", RULES, facts=FACTS, pack=PACK, actions=ACTIONS)
    (tmp_path / "plain" / "brands").mkdir()
    (tmp_path / "plain" / "brands" / "acme.yaml").write_text("facts: {a: {kind: ex}}", "utf-8")
    (tmp_path / "plain" / "cases").mkdir()
    case = "{name: c, as_of: 2026-06-01, facts: {old: {number: 3}}, expect: {level: high}}"
    (tmp_path / "plain" / "cases" / "c.yaml").write_text(f"cases: [{case}]", "utf-8")
    _, problems = check_pack(tmp_path / "plain")
    assert [
        (one.severity, one.code, one.message) for one in problems if one.code != "unset-output"
    ] == [
        ("warning", "former-name-used", "facts.a.kind: 'ex' is called 'x' now"),
        ("warning", "former-name-used", "facts.old.number: 'old.number' is called 'a.count' now"),
    ]


def test_the_whole_answer_of_the_version_before_the_names_changed_says_the_same(
    tmp_path: Path,
) -> None:
    """What an action has seen, what is done though no rule asks for it, and the trend have names of the old version too."""
    again = ", due: 1h, again_when: [{changed: a.kind}, {changed: a.count}, {worse: level}]"
    rules = RULES.replace("actions: FIRST", "actions: [FIRST, SECOND]")
    now = (
        FACTS,
        PACK + "trend: [a.count]\n",
        rules,
        ACTIONS.replace("formerly: [START]", f"formerly: [START]{again}"),
    )
    names = {"a.count": "a.number", "high": "top", "FIRST": "START"}

    def former(text: str) -> str:
        text = text.replace(", formerly: [a.number, old.number]", "")
        for one in ("top", "ex", "START"):
            text = text.replace(f"formerly: [{one}], ", "").replace(f"formerly: [{one}]", "")
        text = text.replace(", }", "}").replace("{x: {}", "{ex: {}").replace('"x"', '"ex"')
        for name, was in names.items():
            text = text.replace(name, was)
        return text

    def served(name: str, version: tuple[str, ...]) -> FlaskClient:
        facts_file, pack, rules_file, actions = version
        (tmp_path / name).mkdir()
        folder = tmp_path / name / "plain"
        plain_pack(folder, rules_file, facts=facts_file, pack=pack, actions=actions)
        return make_app(Config(packs=folder.parent, state=tmp_path / "state")).test_client()

    old, new = served("old", tuple(map(former, now))), served("new", now)
    at = "2026-06-01T11:00:00Z"
    was = post(old, {"a": {"number": 4, "kind": "ex"}}, done=[{"code": "START", "at": at}])
    same = post(new, {"a": {"count": 4, "kind": "x"}}, done=[{"code": "FIRST", "at": at}])
    was_quiet = post(old, {"a": {"number": 1}}, done=[{"code": "START", "at": at}])
    same_quiet = post(new, {"a": {"count": 1}}, done=[{"code": "FIRST", "at": at}])
    assert [one["code"] for one in was_quiet["done_earlier"]] == ["START"]
    for before, present in ((was, same), (was_quiet, same_quiet)):
        for facts in ({"count": 4, "kind": "x"}, {"count": 5, "kind": "y"}, {"count": 1}):
            later: dict[str, Any] = {"as_of": "2026-06-01T14:00:00Z"}
            found = post(new, {"a": facts}, previous=before, **later)
            told = {one["was"] for one in found.pop("deprecated")}
            assert {"START", "a.number"} <= told
            expected = post(new, {"a": facts}, previous=present, **later)
            assert expected.pop("assessment_id") != found.pop("assessment_id")
            assert found == expected
            assert found["previous_ignored"] == []
