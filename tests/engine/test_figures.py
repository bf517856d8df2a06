"""An answer echoes the known figures of the pack's trend, and tells how they differ from those of the previous answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from schemas.previous import Figure, Previous
from service.asking.posted import Posted
from service.engine.assess import Assessor
from tests.packs import HARBOUR, PLAIN_PACK, loaded, plain_pack
from tests.reporting.golden import packs

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
MEASURED = "2026-05-01T11:30:00Z"
SPEED = "wind.speed"


def answered(facts: Any, **more: Any) -> Any:
    body = {"facts": facts, "timezone": "Etc/UTC", "locale": "en", **more}
    return packs().assess(Posted(body, NOW)).answer


def change(before: float, now: float) -> Any:
    facts = {"wind": {"speed": now}}
    previous = {"as_of": MEASURED, "figures": {SPEED: before}}
    return answered(facts, previous=previous)["changes"]["figures"]


def test_the_known_figures_of_the_trend_are_echoed_with_the_moment_of_their_measurement() -> None:
    speed = {"value": 30.5, "measured_at": MEASURED, "reported_by": "mast"}
    figures = answered({"wind": {"gusts": 4, "speed": speed}})["figures"]
    assert figures == {
        SPEED: {"text": "Wind speed", "value": 30.5, "measured_at": MEASURED},
        "wind.gusts": {"text": "Gusts an hour", "value": 4, "measured_at": None},
    }
    assert list(figures) == [SPEED, "wind.gusts"]


def test_what_is_unknown_or_only_assumed_is_no_figure() -> None:
    assert "ships.inside" in loaded(HARBOUR).trend
    answer = answered({"wind": {"speed": None}})
    assert answer["assumed"] == {"ships.inside": 0}
    assert answer["figures"] == {}
    assert answered({"ships": {"inside": 0}})["figures"]["ships.inside"]["value"] == 0


def test_a_figure_of_one_page_is_none_of_all_and_is_not_compared() -> None:
    facts = {"wind": {"speed": {"value": 80, "scope": "page"}, "gusts": 4}}
    previous = {"as_of": MEASURED, "figures": {SPEED: 5200, "wind.gusts": 3}}
    answer = answered(facts, previous=previous)
    assert list(answer["figures"]) == ["wind.gusts"]
    assert [one["name"] for one in answer["changes"]["figures"]] == ["wind.gusts"]


@pytest.mark.parametrize(
    ("before", "now", "direction", "percent"),
    [
        (20, 30, "up", 50.0),
        (30, 20, "down", -33.3),
        (0, 20, "up", None),
        (20, 0, "down", -100.0),
        (5e-324, 150, "up", None),
    ],
)
def test_a_change_has_its_direction_and_its_per_cent(
    before: float, now: float, direction: str, percent: float | None
) -> None:
    (one,) = change(before, now)
    assert (one["from"], one["to"]) == (before, now)
    assert (one["direction"], one["percent"]) == (direction, percent)


def test_the_same_figure_and_a_figure_that_one_answer_lacks_are_no_change() -> None:
    assert change(30, 30.0) == []
    previous = {"as_of": MEASURED, "figures": {"wind.gusts": 3}}
    assert answered({"wind": {"speed": 3}}, previous=previous)["changes"]["figures"] == []


def test_the_per_cent_of_a_negative_figure_have_the_sign_of_the_direction(tmp_path: Path) -> None:
    pack = plain_pack(tmp_path / "pack", "rules: []", pack=f"{PLAIN_PACK}\ntrend: [a.share]")
    previous = Previous(NOW, figures={"a.share": Figure(-10)})
    for now, percent in ((-15, -50.0), (5, 150.0)):
        answer = Assessor(pack, "reference").assess({"a.share": now}, NOW, "en", previous=previous)
        assert [one["percent"] for one in answer["changes"]["figures"]] == [percent]


def test_the_moments_of_both_measurements_are_told() -> None:
    earlier = NOW - timedelta(hours=2)
    sent = {"value": 20, "measured_at": earlier.isoformat()}
    previous = {"as_of": MEASURED, "figures": {SPEED: sent}}
    speed = {"value": 25, "measured_at": MEASURED}
    (one,) = answered({"wind": {"speed": speed}}, previous=previous)["changes"]["figures"]
    assert one["from_measured_at"] == "2026-05-01T10:00:00Z"
    assert one["to_measured_at"] == MEASURED
