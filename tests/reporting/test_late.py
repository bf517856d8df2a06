"""What is late is `now`: texts show no past date of a deadline, unless a law set it; the JSON keeps every date."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from schemas.scalars import format_datetime
from service.answering import answer, report
from service.asking.posted import Posted
from service.reporting.profiles import PROFILES
from service.serving.packs import Packs
from tests.packs import PLAIN_PACK, default_pack, plain_pack
from tests.previous_forms import shortest
from tests.reporting.golden import NOW
from tests.reporting.test_report import serving
from tests.rules.incidents import AS_OF, Incidents
from tests.rules.promised_texts import moments_in, past_deadlines
from tests.rules.wrong_facts import posted

HOUR = timedelta(hours=1)
ACTIONS = """
roles: {boss: {text: {en: The boss}}}
actions:
  ANSWER: {text: {en: Answer them}, due: {from: a.seen, within: 1h}}
  REPORT: {text: {en: Report it}, statutory: true, due: {from: a.seen, within: 1h}}
  AGREE: {text: {en: Agree}, due: {from: a.seen, within: 2h}, approval: [boss], approve_before: 30m}
  PLAN: {text: {en: Plan}, due: {from: a.seen, within: 90h}, approval: [boss], approve_before: 1h}
"""
RULES = "rules: [{id: ask, when: always, then: {actions: [ANSWER, REPORT, AGREE, PLAN]}, because: {en: asked}}]"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("late")


def written(
    folder: Path, ago: timedelta, more: str = "clock: [a.seen]", actions: str = ACTIONS, **body: Any
) -> str:
    """The report on something seen so long `ago`, by a pack with `more` in its pack.yaml."""
    packs = serving(plain_pack(folder / "pack", RULES, actions=actions, pack=PLAIN_PACK + more))
    seen = format_datetime(NOW - ago)
    return report(packs, Posted({"facts": {"a": {"seen": seen}}, **body}, NOW))


def now(text: str) -> list[str]:
    part = text.split("## Do now", 1)[1].split("\n## ", 1)[0]
    return [line for line in part.splitlines()[1:] if line]


@pytest.mark.parametrize("minutes", [1, 35, 59])
def test_minutes_are_counted_from_the_moment_and_not_from_rounded_hours(
    folder: Path, minutes: int
) -> None:
    text = written(folder, timedelta(minutes=minutes))
    assert f"Seen: {minutes} min ago" in text


def test_a_past_deadline_is_now_unless_a_law_set_it(folder: Path) -> None:
    late, *listed = now(written(folder, 49 * HOUR))
    assert late == "Seen: 49 h ago. These should be done, confirm each: 1-3."
    assert listed == [
        "1. now · **Answer them** · no owner yet",
        "2. 04-29 04:00 **OVERDUE** · **Report it** · no owner yet",
        "3. now · **Agree** · no owner yet; approval of The boss (now)",
    ]


def test_a_deadline_that_has_just_come_is_now_but_not_late(folder: Path) -> None:
    lines = now(written(folder, HOUR))
    assert lines[0] == "1. now · **Answer them** · no owner yet"
    assert not any("should be done" in line for line in lines)


def test_what_is_due_at_once_is_late_only_after_an_hour(folder: Path) -> None:
    at_once = ACTIONS.replace(
        "REPORT: {text: {en: Report it}, statutory: true, due: {from: a.seen, within: 1h}}",
        "REPORT: {text: {en: Report it}, statutory: true, due: {from: a.seen, within: 0m}}",
    )
    for ago, late in (
        (timedelta(minutes=35), []),
        (HOUR, []),
        (HOUR * 1.01, ["Seen: 1 h ago. These should be done, confirm each: 1-2."]),
    ):
        lines = now(written(folder, ago, actions=at_once))
        assert [line for line in lines if "should be done" in line] == late
        assert any(line.endswith("now · **Report it** · no owner yet") for line in lines)


def test_only_what_is_late_is_named_and_what_is_done_is_not(folder: Path) -> None:
    late = now(written(folder, HOUR * 1.5))[0]
    assert late == "Seen: 1 h ago. These should be done, confirm each: 1-2."
    previous = {"as_of": format_datetime(NOW - HOUR), "responses": ["REPORT"]}
    late, *listed = now(written(folder, HOUR * 0.5 + HOUR * 3, previous=previous))
    assert late == "Seen: 3 h ago. These should be done, confirm each: 1-2."
    assert [line.split(" · ")[1] for line in listed] == ["**Answer them**", "**Agree**"]


def test_without_a_known_moment_of_the_clock_the_line_says_only_what_is_late(folder: Path) -> None:
    late = now(written(folder, 2 * HOUR, more=""))[0]
    assert late == "These should be done, confirm each: 1-2."


def test_a_pack_can_say_it_otherwise(folder: Path) -> None:
    own = "\nclock: [a.seen]\nreport: {headings: {at_once: {en: at once}, late_since: {en: 'Known for {span}: '}}}"
    late, first, *_ = now(written(folder, 0.2 * HOUR + HOUR, own))
    assert late.startswith("Known for 1 h: ")
    assert first.startswith("1. at once · ")


def test_a_moved_deadline_shows_no_date_that_is_past(folder: Path) -> None:
    soon = format_datetime(NOW + HOUR)
    before = {
        "as_of": format_datetime(NOW - HOUR),
        "actions": [{"code": code, "due_at": soon} for code in ("ANSWER", "REPORT")],
    }
    text = written(folder, 49 * HOUR, previous=before)
    assert "- **Answer them:** New deadline 05:00 → now" in text
    assert "- **Report it:** New deadline 05:00 → 04-29 04:00" in text


def texts(packs: Packs, body: Any, locale: str) -> Iterator[str]:
    """Everything that people read of the answer to this body."""
    for profile in PROFILES:
        yield report(packs, Posted({**body, "locale": locale}, NOW), profile=profile)


def test_no_text_of_a_random_answer_shows_a_past_date_of_a_deadline_that_no_law_set() -> None:
    pack, chance, seen = default_pack(), random.Random(14), 0
    packs, incidents = serving(pack), Incidents(default_pack(), 14)
    now = AS_OF + 30 * HOUR
    for number in range(40):
        before = posted(incidents.draw().facts)
        first = answer(packs, Posted({"facts": before, "as_of": format_datetime(AS_OF)}, AS_OF))
        facts = before if chance.random() < 0.5 else posted(incidents.draw().facts)
        body = {"facts": facts, "as_of": format_datetime(now), "contingency": False}
        body |= {"previous": shortest(first)} if number % 4 else {}
        forbidden = past_deadlines(
            default_pack().timezone, answer(packs, Posted(body, NOW)), format_datetime(AS_OF)
        )
        seen += bool(forbidden)
        for text in texts(packs, body, ("zh", "en", "both")[number % 3]):
            assert sorted(forbidden & moments_in(text)) == [], text
    assert seen >= 20
