"""A report shows the sources of facts, the contingency and the forecast if the answer has them."""

from __future__ import annotations

from typing import Any

from service.answering import answer
from service.asking.posted import Posted
from service.reporting.report import write_report
from tests.reporting.golden import NOW, STORM, packs
from tests.reporting.rendered import kinds, words

CONTINGENCY: dict[str, Any] = {
    "output": "alert",
    "value": "gale",
    "worse": [
        {
            "value": "storm",
            "text": "Storm",
            "changes": [
                {
                    "fact": "wind.speed",
                    "text": "Wind speed",
                    "from": 20,
                    "from_text": "20",
                    "to": 25,
                    "to_text": "25",
                }
            ],
            "actions": {"added": ["CALL_CREW"], "dropped": []},
        }
    ],
    "better": [
        {
            "value": "calm",
            "text": "Calm",
            "changes": None,
            "actions": {"added": [], "dropped": ["SOUND_HORN"]},
        }
    ],
    "kept_up_by": [],
    "without_effect": [],
    "forecast": [
        {
            "hours": 6,
            "facts": {"wind.speed": 26.5},
            "value": "storm",
            "text": "Storm",
            "actions": {"added": ["CALL_CREW"], "dropped": ["SOUND_HORN"]},
        }
    ],
}
PROVENANCE = {
    "ships.flagship": {
        "text": "Flagship",
        "value": "Ever Given",
        "reported_by": "<b>pilot</b> | [x](http://evil.example)",
        "measured_at": "2026-05-01T10:30:00+08:00",
        "age_hours": 1.5,
        "old": True,
        "disputed": True,
    }
}


def report_with(**more: Any) -> str:
    serving = packs()
    given = answer(serving, Posted({**STORM, "locale": "en"}, NOW))
    return write_report(serving.find(None), STORM["facts"], {"en": {**given, **more}})


def part(text: str, heading: str) -> str:
    return text.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]


def test_changes_to_worse_or_better_values_are_listed_with_the_actions_that_follow() -> None:
    text = part(report_with(contingency=CONTINGENCY), "What if")
    assert "**Alert becomes Storm if:** Wind speed 20 m/s → 25 m/s. New: Call the crew" in text
    assert "**Alert becomes Calm if:** no small change leads there" in text
    assert "Sound the horn" not in text.split("### It goes on as now")[0]


def test_the_forecast_has_the_hours_the_facts_and_the_value() -> None:
    text = part(report_with(contingency=CONTINGENCY), "What if").split("### It goes on as now")[1]
    assert "**in 6 h:** Alert Storm (Wind speed 26.5 m/s)" in text
    assert "New: Call the crew. No longer asked for: Sound the horn" in text


def test_forecasts_without_a_change_share_one_line_without_figures() -> None:
    """The alert stays the same, so that the figures are of no interest."""
    same = {"value": "storm", "text": "Storm", "actions": {"added": [], "dropped": []}}
    forecast = [{"hours": hours, "facts": {"wind.speed": 9.9}, **same} for hours in (6, 12, 24)]
    text = part(report_with(contingency={**CONTINGENCY, "forecast": forecast}), "What if")
    assert "- **in 6, 12, 24 h:** Alert stays Storm, the plan as it is\n" in text + "\n"
    assert "9.9" not in text


def test_actions_in_a_list_are_separated_by_semicolons_because_they_can_have_commas() -> None:
    both = {"added": ["SOUND_HORN", "CALL_CREW"], "dropped": []}
    worse = {**CONTINGENCY["worse"][0], "actions": both}
    text = part(report_with(contingency={**CONTINGENCY, "worse": [worse]}), "What if")
    assert "New: Sound the horn; Call the crew" in text


def test_without_a_contingency_there_is_no_such_heading() -> None:
    assert "What if" not in report_with(contingency=None)


def test_the_source_and_the_age_of_a_fact_are_in_its_row() -> None:
    text = report_with(provenance=PROVENANCE)
    assert "**disputed** **old**" in part(text, "Disputed, old or partial")
    assert "1.5 h ago" in part(text, "What we know")
    assert "<b>pilot</b> | [x](http://evil.example)" in words(text)
    assert not {"link_open", "html_inline"} & set(kinds(text))


def test_values_that_were_not_searched_are_named() -> None:
    cut = {**CONTINGENCY, "worse": [], "not_searched": ["storm"]}
    text = part(report_with(contingency=cut), "What if")
    assert "Not searched, because the search takes too many steps: Storm." in text
    assert "It gets worse" not in text
