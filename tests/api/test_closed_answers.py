"""An answer has the keys of its schema, and the lifted outputs and notices of its pack, and no others, at any depth."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from marshmallow import RAISE, Schema
from marshmallow.fields import Dict, Field, List, Nested

from schemas.assessment import REQUESTED_KEYS, REQUIRED_KEYS, AssessmentSchema
from service.authoring.cases import PARTS
from service.language.model import Case, Pack
from tests.faults.document import both_packs
from tests.packs import HARBOUR, loaded
from tests.server import ROOT, Server, running

SHAPE = AssessmentSchema()
ASKING: dict[frozenset[str], dict[str, Any]] = {
    frozenset(): {},
    frozenset({"explanation"}): {"explain": "full"},
    frozenset({"contingency"}): {"contingency": True},
    frozenset({"drafts"}): {"drafts": True},
    frozenset({"explanation", "contingency"}): {"explain": "full", "contingency": True},
}
"""The keys of a request that add keys to its answer."""


@pytest.fixture(scope="module")
def packs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = both_packs(tmp_path_factory.mktemp("packs"))
    log = tmp_path_factory.mktemp("server") / "log"
    with running(folder, log, TOCSIN_PACK="pr_crisis") as server:
        yield server


def bodies(folder: Path, *, each_in_every_way: bool) -> Iterator[tuple[set[str], bytes]]:
    """The pack's cases as requests, each with the top-level keys that its answer must have.

    Either each case in every language and with every choice of parts on request, or every fifteenth case in one of these ways in turn.
    """
    pack = loaded(folder, with_cases=True)
    ways = list(product(pack.locales, ASKING))
    for number, case in enumerate(pack.cases if each_in_every_way else pack.cases[::15]):
        for locale, asked in ways if each_in_every_way else [ways[number % len(ways)]]:
            body = {"pack": pack.name, "locale": locale, **_body(case, pack), **ASKING[asked]}
            keys = {*REQUIRED_KEYS, *asked, *pack.lifted, *pack.notices}
            yield keys, json.dumps(body, ensure_ascii=False).encode()


def _body(case: Case, pack: Pack) -> dict[str, Any]:
    body = {"facts": case.facts, "as_of": case.as_of.isoformat()}
    return body if case.previous is None else {**body, "previous": case.previous}


def wrong_keys(expected: set[str], answer: dict[str, Any]) -> set[str]:
    """Extra and missing top-level keys, and the top-level keys whose values do not fit the schema."""
    return expected ^ answer.keys() | SHAPE.validate(answer).keys() | _wrong_lifted(answer)


def _wrong_lifted(answer: dict[str, Any]) -> set[str]:
    """The lifted outputs, at the top and in `at_worst` and `at_best`, that do not have one of three sets of keys."""
    shapes = ({"code", "level", "text"}, {"code", "text"}, {"value", "text"})
    names = answer["at_worst"].keys()
    places = [answer, answer["at_worst"], answer["at_best"]]
    return {name for place in places for name in names if place[name].keys() not in shapes}


def _without_place(line: dict[str, Any]) -> dict[str, Any]:
    """What a single answer would have: a line also says where it belongs."""
    assert line.pop("line") > 0
    assert line.pop("request_id")
    return line


@pytest.mark.parametrize(
    ("folder", "each_in_every_way"), [(ROOT / "rules" / "pr_crisis", False), (HARBOUR, True)]
)
def test_answers_have_the_keys_of_their_schema_the_lifted_outputs_and_the_notices(
    packs: Server, folder: Path, each_in_every_way: bool
) -> None:
    asked = list(bodies(folder, each_in_every_way=each_in_every_way))
    lines = b"\n".join(body for _, body in asked)
    headers = {"Content-Type": "application/x-ndjson"}
    reply = packs.request("POST", "/v1/assessments/batch", lines, headers)
    answers = [_without_place(json.loads(line)) for line in reply.body.splitlines()]
    assert len(answers) == len(asked) >= 20
    pairs = zip(asked, answers, strict=True)
    assert [wrong for (keys, _), answer in pairs if (wrong := wrong_keys(keys, answer))] == []


@pytest.mark.parametrize("asked", ASKING, ids=lambda asked: " and ".join(sorted(asked)) or "plain")
def test_a_single_answer_has_these_keys_with_and_without_a_previous_answer(
    packs: Server, asked: frozenset[str]
) -> None:
    body: dict[str, Any] = {"facts": {"harm": {"deaths": 0}}, "incident_id": "a", **ASKING[asked]}
    keys = {*REQUIRED_KEYS, *asked, "grade", "type", "stage", "warning"}
    first = packs.post(body).json
    assert wrong_keys(keys, first) == set()
    body |= {"facts": {"harm": {"deaths": 1}}, "previous": {part: first[part] for part in PARTS}}
    second = packs.post(body).json
    assert second["changes"]["outputs"]
    assert wrong_keys(keys, second) == set()


def test_a_rise_of_mentions_is_seen_at_the_top_of_a_blue_answer_and_of_its_report(
    packs: Server,
) -> None:
    body = {"facts": {"trend": {"mentions_24h": 5120, "mean_7d": 213, "sd_7d": 40}}, "locale": "en"}
    answer = packs.post(body).json
    assert (answer["grade"]["code"], answer["provisional"]) == ("blue", True)
    assert answer["warning"] == {"code": "alarm", "level": 1, "text": "alarm"}
    assert "warning" not in {*answer["since"], *answer["at_worst"], *answer["at_best"]}
    assert "(not yet verified). Early warning: alarm. As far as known" in answer["verdict"]
    headers = {"Content-Type": "application/json", "Accept": "text/markdown"}
    report = packs.request("POST", "/v1/assessments", json.dumps(body).encode(), headers)
    lines = report.body.decode().splitlines()
    assert "early warning: alarm" in lines[0]
    told = "- **Early warning:** alarm (could change) · 5,120 mentions"
    assert [line for line in lines if line.startswith(told)]


def test_the_parts_on_request_are_the_keys_that_the_schema_does_not_require() -> None:
    """What is sent decides about `ignored` and `deprecated`: wrong facts in lenient handling, and former names."""
    assert set(REQUESTED_KEYS) == {
        "ignored",
        "deprecated",
        *(key for asked in ASKING for key in asked),
    }
    assert {*REQUIRED_KEYS, *REQUESTED_KEYS} == set(SHAPE.fields)


def test_only_the_top_level_of_an_answer_allows_further_keys() -> None:
    """So `validate` finds an extra key at any depth."""
    inner = list(schemas_inside(SHAPE))
    assert len(inner) > 20
    assert {type(schema).__name__ for schema in inner if schema.unknown != RAISE} == set()


def schemas_inside(schema: Schema) -> Iterator[Schema]:
    for field in schema.fields.values():
        for nested in _nested(field):
            yield nested
            yield from schemas_inside(nested)


def _nested(field: Field[Any] | None) -> Iterator[Schema]:
    match field:
        case Nested():
            yield field.schema
        case List():
            yield from _nested(field.inner)
        case Dict():
            yield from _nested(field.value_field)
