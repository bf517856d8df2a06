"""Do now lists the overdue actions and those due within the hour: the first of the catalogue; the others are counted."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest

from schemas.scalars import format_datetime
from service.answering import report
from service.asking.posted import Posted
from service.reporting.opening import MOST_NOW
from tests.packs import plain_pack
from tests.reporting.golden import NOW
from tests.reporting.test_report import serving

HOUR = timedelta(hours=1)
LISTED = r"^\d+\. (?:[0-9: ()-]+|(now) )· \*\*(.*?)\*\*"
COUNTS = 12
"""The number of counting tasks. They are late in the catalogue, but due before the other actions."""
ACTIONS = "actions:\n" + "\n".join(
    [
        "  TELL: {text: {en: Tell them}, due: {from: a.seen, within: 2h}}",
        "  ASK: {text: {en: Ask}, due: {from: a.seen, within: 3h}, after: [READ]}",
        "  READ: {text: {en: Read}, due: {from: a.seen, within: 3h}}",
        *(
            f"  COUNT_{n}: {{text: {{en: Count {n}}}, due: {{from: a.seen, within: 1h}}}}"
            for n in range(COUNTS)
        ),
        "  LATE: {text: {en: Late}, due: {from: a.seen, within: 2h}}",
    ]
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("do_now")


def do_now(folder: Path, hours: float, asked: str) -> tuple[list[str], str]:
    """The listed actions, each with `now` or without, and the text below them, `hours` after the incident was seen."""
    rules = (
        f"rules: [{{id: ask, when: always, then: {{actions: [{asked}]}}, because: {{en: asked}}}}]"
    )
    packs = serving(plain_pack(folder / "pack", rules, actions=ACTIONS))
    seen = format_datetime(NOW - timedelta(hours=hours))
    text = report(packs, Posted({"facts": {"a": {"seen": seen}}}, NOW))
    part = do_now_of(text)
    rest = [line for line in part.splitlines()[1:] if line and not line[0].isdigit()]
    rest = [line for line in rest if "should be done" not in line]
    return listed_now(text), " ".join(rest)


def do_now_of(text: str) -> str:
    return text.split("## Do now")[1].split("## ")[0]


def listed_now(text: str) -> list[str]:
    """The actions listed under Do now, each with `now` or without."""
    listed = re.findall(LISTED, do_now_of(text), re.MULTILINE)
    return [" ".join(filter(None, one)) for one in listed]


COUNTING = ", ".join(f"COUNT_{n}" for n in range(COUNTS))


def test_actions_that_are_overdue_longer_do_not_displace_the_first_of_the_catalogue(
    folder: Path,
) -> None:
    listed, _ = do_now(folder, 2.5, f"{COUNTING}, TELL")
    assert listed[:2] == ["now Tell them", "now Count 0"]
    assert len(listed) == MOST_NOW == 10


def test_the_actions_not_listed_are_counted_as_overdue_or_due_within_the_hour(folder: Path) -> None:
    assert do_now(folder, 2.5, f"{COUNTING}, TELL")[1] == "Also overdue: 3, see the plan."
    assert do_now(folder, 0.5, f"{COUNTING}, TELL")[1] == (
        "Also due within the hour: 2, see the plan."
    )


def test_an_action_not_yet_due_is_listed_if_it_is_among_the_first_of_the_catalogue(
    folder: Path,
) -> None:
    """It comes after the overdue actions. The actions that are left out are counted as overdue."""
    listed, rest = do_now(folder, 1.5, f"{COUNTING}, TELL")
    assert listed == [*(f"now Count {n}" for n in range(9)), "Tell them"]
    assert rest == "Also overdue: 3, see the plan."


def test_overdue_and_coming_actions_that_are_left_out_are_both_counted(folder: Path) -> None:
    listed, rest = do_now(folder, 1.5, f"{COUNTING}, LATE")
    assert listed == [f"now Count {n}" for n in range(10)]
    assert rest == "Also overdue: 2, see the plan. Also due within the hour: 1, see the plan."


def test_the_order_between_actions_is_kept(folder: Path) -> None:
    listed, rest = do_now(folder, 4, "ASK, READ, TELL")
    assert listed == ["now Tell them", "now Read", "now Ask"]
    assert rest == ""


def test_what_is_overdue_is_so_in_every_time_zone_also_while_the_clocks_go_back(
    folder: Path,
) -> None:
    """On 1 November 2026 New York's clocks go from 2:00 back to 1:00 at 06:00 in UTC."""
    rules = (
        "rules: [{id: ask, when: always, then: {actions: [TELL, COUNT_0]}, because: {en: asked}}]"
    )
    packs = serving(plain_pack(folder / "pack", rules, actions=ACTIONS))
    start = datetime(2026, 11, 1, 4, 45, tzinfo=UTC)
    for seen, as_of in product((start - HOUR, start), (start + n * HOUR / 4 for n in range(12))):
        body = {
            "facts": {"a": {"seen": format_datetime(seen)}},
            "as_of": format_datetime(as_of),
        }
        told = [
            listed_now(report(packs, Posted({**body, "timezone": zone}, NOW)))
            for zone in ("UTC", "America/New_York")
        ]
        assert told[0] == told[1], (seen, as_of)
