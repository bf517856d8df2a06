"""A fact that is a moment may have bounds in its pack. Each replaces the limit that facts have without it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from schemas.components import Components
from schemas.fact_json_schema import facts_json_schema
from schemas.facts import FactsSchema
from schemas.scalars import parse_datetime
from service.authoring.check import check_pack
from service.authoring.description import describe
from service.engine.contingency.amounts import allowed
from service.language.model import Pack
from tests.packs import HARBOUR, copy_of_harbour, loaded

AS_OF = parse_datetime("2026-05-01T12:00:00+08:00")
STARTED = "watch.started: {type: datetime,"


def pack_with(folder: Path, bounds: str) -> Pack:
    facts = (HARBOUR / "facts.yaml").read_text("utf-8")
    return loaded(copy_of_harbour(folder, {"facts.yaml": facts.replace(STARTED, STARTED + bounds)}))


def errors(pack: Pack, moment: str) -> list[Any]:
    return FactsSchema(pack.vocabulary).load({"watch": {"started": moment}}, AS_OF).errors


LIMITS = {
    "a planned date": ("max: 2028-01-01,", "2027-12-31T16:00:00Z", "2027-12-31T16:00:01Z"),
    "a declared end before as_of": (
        'max: "2026-04-01T00:00:00Z",',
        "2026-04-01T00:00:00Z",
        "2026-04-01T00:00:01Z",
    ),
    "a least moment": ("min: 2020-01-01,", "2019-12-31T16:00:00Z", "2019-12-31T15:59:59Z"),
    "a least moment before the epoch": (
        "min: 1900-01-01,",
        "1970-01-01T00:00:00Z",
        "0001-01-01T00:00:00Z",
    ),
    "a least moment leaves the latest": (
        "min: 2020-01-01,",
        "2026-05-02T12:00:00+08:00",
        "2026-05-02T12:00:01+08:00",
    ),
    "a latest moment leaves the earliest": (
        "max: 2100-01-01,",
        "1970-01-01T00:00:01Z",
        "1970-01-01T00:00:00Z",
    ),
}


@pytest.mark.parametrize(("bounds", "taken", "refused"), LIMITS.values(), ids=LIMITS)
def test_a_bound_is_included_and_what_lies_beyond_it_is_refused(
    tmp_path: Path, bounds: str, taken: str, refused: str
) -> None:
    pack = pack_with(tmp_path, bounds)
    assert errors(pack, taken) == []
    (error,) = errors(pack, refused)
    assert (error.path, error.code) == ("facts.watch.started", "out-of-range")
    assert "null means unknown" in error.hint
    fact = pack.vocabulary.facts["watch.started"]
    assert allowed(fact, parse_datetime(taken), AS_OF)
    assert not allowed(fact, parse_datetime(refused), AS_OF)


def test_without_bounds_a_fact_is_no_moment_that_programs_write_for_none() -> None:
    pack = loaded(HARBOUR)
    refused = (
        "0001-12-31T23:59:59Z",
        "1970-01-01T08:00:00+08:00",
        "2026-05-02T12:00:00.000001+08:00",
    )
    for moment in refused:
        assert [error.code for error in errors(pack, moment)] == ["out-of-range"], moment
    for moment in (
        "0002-01-01T00:00:00Z",
        "1970-01-01T08:00:00.000001+08:00",
        "2026-05-02T12:00:00+08:00",
    ):
        assert errors(pack, moment) == []


def test_all_facts_of_a_group_that_is_null_are_null() -> None:
    """So that no assumption takes their place, also in a group of groups."""
    schema = FactsSchema(loaded(HARBOUR).vocabulary)
    names = [name for name in schema.vocabulary.facts if name.startswith("ships.")]
    assert schema.load({"ships": None}).values == dict.fromkeys(names)


def test_bounds_are_shown_to_authors_and_callers(tmp_path: Path) -> None:
    pack = pack_with(tmp_path, "min: 2020-01-01, max: 2028-01-01,")
    (view,) = (one for one in describe(pack, "en")["facts"] if one["name"] == "watch.started")
    bounds = ("2020-01-01T00:00:00+08:00", "2028-01-01T00:00:00+08:00")
    assert (view["min"], view["max"]) == bounds
    (error,) = errors(pack, "2030-01-01T00:00:00Z")
    assert all(bound in error.allowed for bound in bounds)
    schemas: dict[str, Any] = {}
    facts_json_schema("harbour", pack.vocabulary, Components(schemas))
    about = schemas["Facts-harbour.watch"]["properties"]["started"]["description"]
    assert all(bound in about for bound in bounds)


def test_a_comparison_that_the_bounds_of_a_moment_decide_is_a_warning(tmp_path: Path) -> None:
    pack_with(tmp_path, "max: 2028-01-01,")
    folder = next(path.parent for path in tmp_path.rglob("10_alert.yaml"))
    rules = folder / "10_alert.yaml"
    text = rules.read_text("utf-8")
    changed = "when: watch.started > timestamp('2029-01-01T00:00:00Z')"
    rules.write_text(text.replace("when: wind.speed >= 25", changed, 1), "utf-8")
    found = [problem for problem in check_pack(folder)[1] if problem.code == "outside-bounds"]
    assert [problem.message for problem in found] == [
        "watch.started is declared from None to 2028-01-01T00:00:00+08:00: the result is always the same"
    ]
