"""The default pack's forecast never exceeds the possible values of its figures, even with extreme growth."""

from __future__ import annotations

from tests.packs import default_assessor, default_pack
from tests.rules.incidents import AS_OF


def test_every_growing_figure_has_a_maximum() -> None:
    contingency = default_pack().contingency
    assert contingency is not None
    assert contingency.growth is not None
    facts = [default_pack().vocabulary.facts[name] for name in contingency.growth.of]
    assert [fact.name for fact in facts if fact.maximum is None] == []


def test_a_forecast_of_a_day_of_extreme_growth_stops_at_the_maximum() -> None:
    told = {"trend.growth_1h_pct": 200.0, "social.reach": 100}
    answer = default_assessor().assess(told, AS_OF, "en", contingency=True)
    ahead = answer["contingency"]["forecast"]
    assert (
        ahead[-1]["facts"]["social.reach"]
        == default_pack().vocabulary.facts["social.reach"].maximum
    )
