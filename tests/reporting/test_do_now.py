"""Do now: what is overdue and what falls due within the hour, the foremost of the catalogue first, the others counted."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from schemas.scalars import format_datetime
from service.answering import report
from service.reporting.opening import MOST_NOW
from tests.packs import plain_pack
from tests.reporting.golden import ID, NOW
from tests.reporting.test_report import serving

COUNTS = 12
"""So many counting tasks, far down in the catalogue, but due before all else."""
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
    """What is listed, each action with OVERDUE or without, and what is said below, so long after it was seen."""
    rules = (
        f"rules: [{{id: ask, when: always, then: {{actions: [{asked}]}}, because: {{en: asked}}}}]"
    )
    packs = serving(plain_pack(folder / "pack", rules, actions=ACTIONS))
    seen = format_datetime(NOW - timedelta(hours=hours))
    text = report(packs, {"facts": {"a": {"seen": seen}}}, NOW, ID)
    part = text.split("## Do now")[1].split("## ")[0]
    listed = re.findall(r"^\d+\. \S+ (?:\*\*(OVERDUE)\*\* )?· \*\*(.*?)\*\*", part, re.MULTILINE)
    rest = [line for line in part.splitlines()[1:] if line and not line[0].isdigit()]
    return [" ".join(filter(None, one)) for one in listed], " ".join(rest)


COUNTING = ", ".join(f"COUNT_{n}" for n in range(COUNTS))


def test_what_is_overdue_longest_does_not_hide_what_the_catalogue_puts_first(folder: Path) -> None:
    listed, _ = do_now(folder, 2.5, f"{COUNTING}, TELL")
    assert listed[:2] == ["OVERDUE Tell them", "OVERDUE Count 0"]
    assert len(listed) == MOST_NOW == 10


def test_what_is_left_to_the_plan_is_told_apart_as_overdue_or_within_the_hour(folder: Path) -> None:
    assert do_now(folder, 2.5, f"{COUNTING}, TELL")[1] == "Also overdue: 3, see the plan."
    assert do_now(folder, 0.5, f"{COUNTING}, TELL")[1] == (
        "Also due within the hour: 2, see the plan."
    )


def test_what_is_still_in_time_but_foremost_keeps_its_place_on_the_list(folder: Path) -> None:
    """It stands below what is overdue; what is left out is overdue, and said to be."""
    listed, rest = do_now(folder, 1.5, f"{COUNTING}, TELL")
    assert listed == [*(f"OVERDUE Count {n}" for n in range(9)), "Tell them"]
    assert rest == "Also overdue: 3, see the plan."


def test_both_are_told_where_both_are_left_out(folder: Path) -> None:
    listed, rest = do_now(folder, 1.5, f"{COUNTING}, LATE")
    assert listed == [f"OVERDUE Count {n}" for n in range(10)]
    assert rest == "Also overdue: 2, see the plan. Also due within the hour: 1, see the plan."


def test_the_order_between_actions_is_kept(folder: Path) -> None:
    listed, rest = do_now(folder, 4, "ASK, READ, TELL")
    assert listed == ["OVERDUE Tell them", "OVERDUE Read", "OVERDUE Ask"]
    assert rest == ""
