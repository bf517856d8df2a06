"""The rows of a brief about its course: the figures with their growth, how long it is known, and which rows are late."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from schemas.scalars import format_datetime
from service.asking.posted import Posted
from service.serving.packs import Packs
from tests.packs import default_pack
from tests.reporting.test_report import serving
from tests.rules.incidents import AS_OF

MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def packs() -> Packs:
    return serving(default_pack())


def rows(packs: Packs, known: timedelta, **more: Any) -> dict[str, Any]:
    """The lines of the brief by row, so long after we knew."""
    facts = {
        "harm": {"deaths": 1, "injuries": 14},
        "identity": {"sector": "catering", "jurisdiction": ["cn"]},
        "time": {"known_at": format_datetime(AS_OF - known)},
        "trend": {"mentions_24h": 5200, "mean_7d": 60},
    }
    body = {"facts": facts, "as_of": format_datetime(AS_OF), "locale": "en", **more}
    answer = packs.assess(Posted(body, AS_OF)).answer
    return {line["row"]: line for line in answer["brief"]["lines"]}


def test_the_trend_has_the_known_figures_with_their_growth(packs: Packs) -> None:
    trend = rows(packs, 35 * MINUTE)["trend"]
    assert trend["text"] == "Mentions, 24 h: 5,200; Mean of the seven days before: 60"
    assert trend["facts"] == ["trend.mentions_24h", "trend.mean_7d"]
    previous = {
        "as_of": format_datetime(AS_OF - 60 * MINUTE),
        "figures": {"trend.mentions_24h": 4000, "trend.mean_7d": 60, "trend.peak_24h": 9000},
    }
    trend = rows(packs, 35 * MINUTE, previous=previous)["trend"]
    assert trend["text"] == "Mentions, 24 h: 5,200 (+30 %); Mean of the seven days before: 60"


def test_in_the_first_hour_nothing_is_late(packs: Packs) -> None:
    told = rows(packs, 35 * MINUTE)
    assert told["late"]["text"] == "When we knew: 35 min ago"
    assert told["late"]["actions"] == []
    assert "now" in told["people"]["text"]


def test_later_the_rows_are_named_in_which_something_is_late(packs: Packs) -> None:
    told = rows(packs, 49 * 60 * MINUTE)
    late = told["late"]
    assert late["text"].startswith("When we knew: 49 h ago. These should be done, confirm each: 1-")
    assert late["facts"] == ["time.known_at"]
    assert "VICTIM_CARE" in late["actions"]
    for row in ("people", "word"):
        assert ", now: " in told[row]["text"]
        assert "OVERDUE" not in told[row]["text"]
    assert "OVERDUE" in told["duties"]["text"]
