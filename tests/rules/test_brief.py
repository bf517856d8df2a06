"""The pages of the default pack: those of four incidents are kept, and no random incident makes a page that breaks a promise."""

from __future__ import annotations

from typing import Any

import pytest

from service.answering import report
from service.asking.posted import Posted
from tests.packs import default_assessor, default_pack
from tests.rules.brief_pages import FOLDER, brief_of, incidents, page, written
from tests.rules.golden import packs
from tests.rules.incidents import AS_OF, Incidents
from tests.rules.plausible import plausible

MOST_LINES, MOST_CHARACTERS, MOST_WORDS, MOST_OF_A_TEXT = 40, 900, 450, 40
PROTECTING = {"VICTIM_CARE", "SAFETY_NOTICE", "SUSPEND_SERVICE", "STOP_SALE", "RECALL"}
NUMBER = 60


def test_the_pages_of_the_incidents_equal_the_kept_files() -> None:
    """After an intended change: python -m tests.rules.brief_pages."""
    made = dict(written())
    assert set(made) == set(FOLDER.iterdir())
    assert {path.name: path.read_text("utf-8") for path in made} == {
        path.name: text for path, text in made.items()
    }


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_every_random_incident_has_a_page_within_its_limits_with_every_duty(locale: str) -> None:
    assessor, incidents = default_assessor(), Incidents(default_pack(), seed=14)
    for number in range(NUMBER):
        drawn = plausible(incidents) if number % 2 else incidents.draw()
        answer = assessor.assess(drawn.facts, AS_OF, locale, previous=drawn.previous)
        told = answer["brief"]
        texts = [told["title"], *(line["text"] for line in told["lines"])]
        assert len(texts) <= MOST_LINES
        if locale == "zh":
            assert sum(not one.isspace() for text in texts for one in text) <= MOST_CHARACTERS
        else:
            assert sum(len(text.split()) for text in texts) <= MOST_WORDS
        assert not duties(answer) - on_the_page(told)
        assert all("\n" not in text for text in texts)


def duties(answer: dict[str, Any]) -> set[str]:
    """Without an open incident, duties that are not certain stand in the plan alone."""
    is_quiet = answer["grade"]["code"] == "none" or answer["stage"]["code"] == "concluded"
    return {
        entry["code"]
        for entry in answer["actions"]
        if not entry["done"]
        and (entry["statutory"] or entry["code"] in PROTECTING)
        and not (is_quiet and entry["if"] and not entry["if"]["asked"])
    }


def on_the_page(told: dict[str, Any], but: str = "") -> set[str]:
    return {code for line in told["lines"] if line["row"] != but for code in line["actions"]}


def test_a_posted_text_is_quoted_in_one_line_of_forty_characters_and_fills_no_placeholder() -> None:
    name, moments = incidents()[0]
    facts = dict(moments[0]["facts"])
    posted = "a\nb {grade} %s <b>[x](http://y.z)</b>" + "长" * 100
    facts["content"] = {"claim": posted}
    told = brief_of([{**moments[0], "facts": facts}], "en")
    quoted = ("a b {grade} %s <b>[x](http://y.z)</b>" + "长" * 100)[: MOST_OF_A_TEXT - 1] + "…"
    assert f"“{quoted}”" in told["title"]
    assert page(told).count("\n") < 2 * MOST_LINES, name


def test_what_is_done_is_not_on_the_page() -> None:
    _, moments = incidents()[0]
    assert "VERIFY_INTERNAL" in on_the_page(brief_of(moments, "en"))
    done = [{"code": "VERIFY_INTERNAL", "at": "2026-09-15T20:40:00+08:00"}]
    later = {**moments[0], "as_of": "2026-09-15T21:00:00+08:00", "done": done}
    told = brief_of([moments[0], later], "en")
    assert "VERIFY_INTERNAL" not in on_the_page(told, but="changes")
    assert any(line["row"] == "changes" for line in told["lines"])


def test_a_page_with_what_only_insiders_know_must_not_be_forwarded() -> None:
    found = {name: brief_of(moments, "zh")["forward"] for name, moments in incidents()}
    assert found == {
        "brief_1": True,
        "brief_2": True,
        "brief_3": True,
        "brief_3b": True,
        "brief_4": False,
    }


SMALL: dict[str, Any] = {
    "content": {"claim": "发错货", "topic": "quality"},
    "social": {"reach": 300},
    "identity": {"sector": "retail", "jurisdiction": ["cn"]},
}


def page_of_small(**more: Any) -> dict[str, dict[str, Any]]:
    moment = {"as_of": "2026-06-01T12:00:00+08:00", "facts": {**SMALL, **more}}
    return {line["row"]: line for line in brief_of([moment], "zh")["lines"]}


def test_a_small_complaint_has_one_thing_to_do_and_one_line_for_all_duties_in_doubt() -> None:
    told = page_of_small()
    asking = {row: line["actions"] for row, line in told.items() if line["actions"]}
    assert asking.keys() == {"those_who_ask", "in_the_plan"}
    assert asking["those_who_ask"] == ["REPLY_ONE_TO_ONE"]
    count = len(told["in_the_plan"]["actions"])
    assert told["in_the_plan"]["text"] == f"如适用：另有{count}项，见行动计划"
    assert {"REGULATOR_REPORT", "STOP_SALE"} <= set(told["in_the_plan"]["actions"])


@pytest.mark.parametrize(
    "more",
    [
        {"harm": {"alleged_injuries": 1}},
        {"harm": {"alleged_injuries": None}},
        {"harm": {"people_affected": 11}},
        {"harm": {"regulator_action": "inquiry"}},
        {"harm": {"medical_recall_class": "class_1"}},
        {"response": {"concealment_exposed": True}},
        {"media": {"mainstream_reports_24h": 1}},
        {"signal": {"regulator_call": True}},
        {"finding": {"claim": "confirmed", "foreknowledge": True}},
        {"trend": {"danger_word_authors_1h": 20}},
    ],
    ids=str,
)
def test_what_is_more_than_small_has_its_duties_in_doubt_in_rows(more: dict[str, Any]) -> None:
    told = page_of_small(**more)
    assert "in_the_plan" not in told
    assert any("如适用" in line["text"] for line in told.values())


def test_the_draft_of_a_duty_in_doubt_comes_last_and_says_so() -> None:
    facts = {
        "identity": {"sector": "food", "jurisdiction": ["cn"]},
        "harm": {"alleged_injuries": 3},
        "content": {"topic": "safety"},
    }
    text = report(packs(), Posted({"facts": facts, "locale": "zh"}, AS_OF))
    drafts = [line for line in text.split("待发文稿")[1].splitlines() if line.startswith("### ")]
    assert drafts[-1].startswith("### 如适用：")
    assert not any("如适用" in line for line in drafts[:-1])
