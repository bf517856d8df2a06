"""Contingencies that random packs do not cover: large figures, bounds, moments, texts, and the forecast with its limits."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from schemas.assessment import AssessmentSchema
from schemas.scalars import INT64_MAX, parse_datetime
from service.engine.assess import Assessor
from service.language.model import Pack
from tests.packs import HARBOUR, PLAIN_PACK, copy_of_harbour, loaded, plain_pack
from tests.semantics.random_packs import text_of

AS_OF = parse_datetime("2026-05-01T12:00:00+08:00")
GROWTH = "growth: {rate: wind.speed, of: [wind.gusts, ships.inside], hours: [6, 12, 24]}"
ASK = {"id": "ask.horn", "when": 'at_least(alert, "gale")', "then": {"actions": "SOUND_HORN"}}


def harbour(folder: Path, *rules: dict[str, Any], growth: str = GROWTH) -> Pack:
    """The harbour pack with a contingency and no rules but these."""
    because = {"because": {"en": "row", "zh": "行"}}
    written = json.dumps({"rules": [rule | because for rule in rules]})
    about = (HARBOUR / "pack.yaml").read_text("utf-8")
    declared = (
        f"contingency: {{output: alert, {growth}}}\n"
        if growth
        else "contingency: {output: alert}\n"
    )
    changes = {
        "10_alert.yaml": written,
        "20_guards.yaml": "rules: []\n",
        "pack.yaml": about + declared,
    }
    return loaded(copy_of_harbour(folder, changes))


def storm(when: Any, number: int = 0) -> dict[str, Any]:
    return {"id": f"alert.storm.n{number}", "when": when, "then": {"alert": "storm"}}


def contingency(pack: Pack, facts: dict[str, Any], locale: str = "en") -> dict[str, Any]:
    answer = Assessor(pack).assess(facts, AS_OF, locale, contingency=True)
    assert (
        AssessmentSchema(only=["contingency"]).validate(
            {"contingency": json.loads(json.dumps(answer["contingency"]))}
        )
        == {}
    )
    found: dict[str, Any] = answer["contingency"]
    return found


def changes_to(contingency: dict[str, Any], value: str) -> dict[str, Any] | None:
    ways = [*contingency["worse"], *contingency["better"]]
    (way,) = [way for way in ways if way["value"] == value]
    return way["changes"] and {change["fact"]: change["to"] for change in way["changes"]}


def test_what_keeps_the_worst_value_alone_keeps_it_whatever_else_becomes_known(
    tmp_path: Path,
) -> None:
    """A derived fact without a value, here by a division by zero, can get one, also if it stays unknown here."""
    text = {"text": {"en": "x"}}
    declared = {
        "facts": {
            "f.a": {**text, "type": "integer"},
            "f.k": {**text, "type": "boolean", "lever": "up"},
            "f.m": {**text, "type": "boolean"},
        },
        "derived": {"d.x": {**text, "type": "integer", "value": "6 / f.a"}},
    }
    rules = [
        {"id": name, "when": when, "then": {"level": "high"}, "because": {"en": name}}
        for name, when in (("r.one", "!has(d.x) && f.k"), ("r.two", "f.m"))
    ]
    about = PLAIN_PACK + "contingency: {output: level}\n"
    pack = plain_pack(tmp_path, text_of({"rules": rules}), pack=about, facts=text_of(declared))
    found = contingency(pack, {"f.a": 0, "f.k": True, "f.m": True})
    assert found["kept_up_by"] == []


ROWS: dict[str, tuple[str, dict[str, Any], dict[str, Any] | None]] = {
    "a border at the end of what a fact can be": (
        "wind.speed >= 150.0",
        {"wind.speed": 12.5},
        {"wind.speed": 150.0},
    ),
    "a border beyond what a fact can be": ("wind.speed > 150.0", {"wind.speed": 12.5}, None),
    "between two borders that lie close": (
        "wind.speed > 25.0 && wind.speed < 25.001",
        {"wind.speed": 12.5},
        {"wind.speed": 25.0001},
    ),
    "the nearer of two sides": ("wind.gusts != 3", {"wind.gusts": 3}, {"wind.gusts": 2}),
    "no side below the least": ("wind.gusts != 0", {"wind.gusts": 0}, {"wind.gusts": 1}),
    "a whole number against a fraction": ("wind.gusts > 3.5", {"wind.gusts": 1}, {"wind.gusts": 4}),
    "a derived fact": ("wind.force >= 50.0", {"wind.speed": 12.5}, {"wind.speed": 25.5}),
    "a square": ("wind.speed * wind.speed > 400.0", {"wind.speed": 9.0}, {"wind.speed": 20.1}),
    "equality by arithmetic": ("wind.gusts * 2 == 14", {"wind.gusts": 3}, {"wind.gusts": 7}),
    "two facts against each other": (
        "wind.gusts > ships.inside",
        {"wind.gusts": 3, "ships.inside": 900},
        {"ships.inside": 2},
    ),
    "a border far away": (
        "wind.gusts - ships.inside > 4000000000",
        {"wind.gusts": 3},
        {"wind.gusts": 4000000001},
    ),
    "a member that a condition asks for": (
        'ships.flags.exists(flag, flag == "pa")',
        {"ships.flags": ("cn",)},
        {"ships.flags": ["cn", "pa"]},
    ),
    "a member too many": ("size(ships.names) == 0", {"ships.names": ("Ark",)}, {"ships.names": []}),
    "a text that a loop compares with": (
        'ships.names.exists(name, name == "Bee")',
        {"ships.names": ()},
        {"ships.names": ["Bee"]},
    ),
    "a moment": (
        'watch.started < timestamp("2026-04-30T00:00:00Z")',
        {"watch.started": AS_OF},
        {"watch.started": "2026-04-30T07:59:59+08:00"},
    ),
    "a duration": (
        'watch.shift <= duration("4h")',
        {"watch.shift": timedelta(hours=9)},
        {"watch.shift": "4h"},
    ),
    "time that passes is no change": ("watch.hours >= 4.0", {"watch.started": AS_OF}, None),
    "what is known stays known": ("!has(wind.gusts)", {"wind.gusts": 3}, None),
    "what is unknown stays unknown": ("wind.gusts >= 3", {}, None),
    "null is unknown": ("ships.inside >= 3", {"ships.inside": None}, None),
    "an assumed fact is known": ("ships.inside >= 3", {}, {"ships.inside": 3}),
    "two where one cannot": (
        "gate.closed && wind.gusts >= 5",
        {"gate.closed": False, "wind.gusts": 2},
        {"gate.closed": True, "wind.gusts": 5},
    ),
    "two that only count together": (
        "wind.gusts + ships.inside >= 10 && wind.gusts <= 6 && ships.inside <= 6",
        {"wind.gusts": 0, "ships.inside": 0},
        {"wind.gusts": 5, "ships.inside": 5},
    ),
    "two, where it is asked whether one is known": (
        "has(wind.gusts) && wind.gusts >= 5 && gate.closed",
        {"gate.closed": False, "wind.gusts": 2},
        {"wind.gusts": 5, "gate.closed": True},
    ),
    "three are too many": (
        "gate.closed && wind.gusts >= 5 && ships.inside >= 1",
        {"gate.closed": False, "wind.gusts": 2},
        None,
    ),
    "one great change rather than two small ones": (
        "wind.gusts >= 900 || (gate.closed && ships.inside >= 1)",
        {"gate.closed": False, "wind.gusts": 2},
        {"wind.gusts": 900},
    ),
    "of equal changes the one of the first fact": (
        "gate.closed || ships.inside >= 1",
        {"gate.closed": False},
        {"ships.inside": 1},
    ),
}


@pytest.mark.parametrize(("when", "facts", "change"), ROWS.values(), ids=ROWS)
def test_the_smallest_change_is(
    tmp_path: Path, when: str, facts: dict[str, Any], change: dict[str, Any] | None
) -> None:
    pack = harbour(tmp_path, storm(when))
    assert changes_to(contingency(pack, facts), "storm") == change


def test_a_change_through_strata_has_facts_texts_and_actions(tmp_path: Path) -> None:
    heavy = {"id": "load.heavy", "when": "wind.gusts >= 40", "then": {"load": 60}}
    pack = harbour(tmp_path, heavy, storm("load >= 50"), ASK)
    found = contingency(pack, {"wind.gusts": 7}, "zh")
    assert (found["output"], found["value"], found["better"]) == ("alert", "calm", [])
    assert [way["value"] for way in found["worse"]] == ["gale", "storm"]
    assert found["worse"][1] == {
        "value": "storm",
        "text": "风暴",
        "changes": [
            {
                "fact": "wind.gusts",
                "text": "每小时阵风次数",
                "from": 7,
                "from_text": "7",
                "to": 40,
                "to_text": "40",
            }
        ],
        "actions": {"added": ["SOUND_HORN"], "dropped": []},
    }
    assert found["worse"][0]["changes"] is None


def test_a_change_that_makes_a_guard_block_the_action_adds_no_action(tmp_path: Path) -> None:
    guard = {"id": "guard.gate", "when": "wind.gusts >= 5", "then": {"blocked": ["SOUND_HORN"]}}
    pack = harbour(tmp_path, storm("wind.gusts >= 5"), ASK, guard)
    (_, way) = contingency(pack, {"wind.gusts": 2})["worse"]
    assert way["changes"]
    assert way["actions"] == {"added": [], "dropped": []}


def test_a_change_that_makes_rules_conflict_is_left_out(tmp_path: Path) -> None:
    crews = [
        {"id": f"crew.{crew}", "when": when, "then": {"crew": crew}}
        for crew, when in (("day", "always"), ("night", "wind.gusts >= 5"))
    ]
    pack = harbour(tmp_path, storm("wind.gusts >= 5 || ships.inside >= 90"), *crews)
    found = contingency(pack, {"wind.gusts": 4})
    assert changes_to(found, "storm") == {"ships.inside": 90}


def test_changes_to_better_values_are_listed_too(tmp_path: Path) -> None:
    pack = harbour(tmp_path, storm("wind.gusts >= 5"), storm("gate.closed", 1), ASK)
    found = contingency(pack, {"wind.gusts": 8, "gate.closed": True})
    assert (found["value"], found["worse"]) == ("storm", [])
    assert changes_to(found, "calm") == {"wind.gusts": 4, "gate.closed": False}
    assert found["better"][1]["actions"] == {"added": [], "dropped": ["SOUND_HORN"]}


def test_figures_grow_by_compound_interest_and_the_clock_runs_on(tmp_path: Path) -> None:
    pack = harbour(tmp_path, storm("wind.gusts >= 300"), storm("watch.hours >= 20.0", 1), ASK)
    facts = {"wind.speed": 10.0, "wind.gusts": 100, "watch.started": AS_OF}
    ahead = contingency(pack, facts)["forecast"]
    assert [(one["hours"], one["as_of"][:13]) for one in ahead] == [
        (6, "2026-05-01T18"),
        (12, "2026-05-02T00"),
        (24, "2026-05-02T12"),
    ]
    assert [one["facts"] for one in ahead] == [
        {"wind.gusts": 177},
        {"wind.gusts": 314},
        {"wind.gusts": 985},
    ]
    assert [one["value"] for one in ahead] == ["calm", "storm", "storm"]
    assert [one["text"] for one in ahead] == ["Calm", "Storm", "Storm"]
    assert ahead[1]["actions"] == {"added": ["SOUND_HORN"], "dropped": []}


def test_the_clock_alone_can_make_it_worse(tmp_path: Path) -> None:
    pack = harbour(tmp_path, storm("watch.hours >= 20.0"))
    facts = {"wind.speed": 1.0, "wind.gusts": 0, "watch.started": AS_OF}
    ahead = contingency(pack, facts)["forecast"]
    assert [(one["facts"], one["value"]) for one in ahead] == [
        ({}, "calm"),
        ({}, "calm"),
        ({}, "storm"),
    ]


def test_growth_stops_at_the_limits_of_a_fact_and_of_the_calendar(tmp_path: Path) -> None:
    growth = "growth: {rate: wind.speed, of: [wind.gusts, wind.speed], hours: [8760]}"
    pack = harbour(tmp_path, storm("wind.gusts >= 5"), growth=growth)
    assessor = Assessor(pack)
    late = parse_datetime("9999-12-31T00:00:00+08:00")
    answer = assessor.assess({"wind.speed": 150.0, "wind.gusts": 3}, late, "en", contingency=True)
    (ahead,) = answer["contingency"]["forecast"]
    assert ahead["facts"] == {"wind.gusts": INT64_MAX}
    assert ahead["as_of"].startswith("9999-12-31T23:59:59")
    assert ahead["value"] == "storm"


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"wind.gusts": 3}, "rate-unknown"),
        ({"wind.gusts": 3, "wind.speed": 0.0}, "no-growth"),
        ({"wind.speed": 5.0, "ships.inside": None}, "figures-unknown"),
    ],
)
def test_no_forecast_says_why(tmp_path: Path, facts: dict[str, Any], why: str) -> None:
    found = contingency(harbour(tmp_path, storm("wind.gusts >= 5")), facts)
    assert (found["forecast"], found["no_forecast"]) == ([], why)


def test_a_pack_need_not_declare_growth(tmp_path: Path) -> None:
    found = contingency(harbour(tmp_path, storm("wind.gusts >= 5"), growth=""), {"wind.gusts": 3})
    assert (found["forecast"], found["no_forecast"]) == ([], "growth-undeclared")
    assert changes_to(found, "storm") == {"wind.gusts": 5}


def test_a_forecast_in_which_rules_conflict_has_no_value(tmp_path: Path) -> None:
    crews = [
        {"id": f"crew.{crew}", "when": when, "then": {"crew": crew}}
        for crew, when in (("day", "always"), ("night", "wind.gusts >= 150"))
    ]
    pack = harbour(tmp_path, storm("wind.gusts >= 200"), *crews)
    first, *_ = contingency(pack, {"wind.speed": 10.0, "wind.gusts": 100})["forecast"]
    assert (first["value"], first["text"]) == (None, "unknown")
    assert first["actions"] == {"added": [], "dropped": []}


def test_a_pack_that_declares_no_contingency_has_none() -> None:
    answer = Assessor(loaded(HARBOUR)).assess({}, AS_OF, "en", contingency=True)
    assert answer["contingency"] is None


def test_an_answer_has_no_contingency_unless_asked_for(tmp_path: Path) -> None:
    pack = harbour(tmp_path, storm("wind.gusts >= 5"))
    facts = {"wind.gusts": 3}
    plain, more = (
        Assessor(pack).assess(facts, AS_OF, "en", contingency=asked) for asked in (False, True)
    )
    assert "contingency" not in plain
    assert {**plain, "contingency": more["contingency"]} == more
