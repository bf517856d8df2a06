"""docs/mission.md is true: every name on it exists in the default pack, and the case of each row shows its step."""

from __future__ import annotations

import re
from typing import NamedTuple

import pytest

from service.authoring.cases import CaseResult
from tests.packs import DEFAULT, default_pack
from tests.rules.test_pr_crisis import fired, results

PAGE = DEFAULT.parents[1] / "docs" / "mission.md"
WELL = "## When is a step done well?"


class Row(NamedTuple):
    """One step of the mission: a row of the page."""

    number: str
    facts: list[str]
    files: list[str]
    rules: list[str]
    actions: list[str]
    case: str


def rows() -> list[Row]:
    steps = PAGE.read_text("utf-8").partition(WELL)[0].splitlines()
    lines = [line for line in steps if re.match(r"\| \d+ \|", line)]
    found = []
    for line in lines:
        number, _, facts, rules, actions, case = line.strip("| ").split(" | ")
        files = re.findall(r"\b\d\d_[a-z_]+", rules)
        names = [re.findall(r"`([^`]+)`", cell) for cell in (facts, rules, actions)]
        found.append(Row(number, names[0], files, names[1], names[2], case.strip("“” ")))
    return found


def meant(name: str) -> set[str]:
    """The rules that a name on the page means."""
    start = name.removesuffix("*").removesuffix(".")
    return {
        rule.id
        for rule in default_pack().rules
        if rule.id == start or (name.endswith("*") and rule.id.startswith(f"{start}."))
    }


class DoneWell(NamedTuple):
    """What a step done well is, and the rules and the case that show it: a row of the second table."""

    sentence: str
    rules: list[str]
    case: str


def done_well() -> list[DoneWell]:
    text = PAGE.read_text("utf-8").partition(WELL)[2].partition("\n## ")[0]
    found = []
    for line in text.splitlines():
        cells = line.strip("| ").split(" | ")
        if len(cells) == 4 and cells[0][:1].isdigit():
            found.append(
                DoneWell(cells[0], re.findall(r"`([^`]+)`", cells[2]), cells[3].strip("“” "))
            )
    return found


def shown(row: Row | DoneWell) -> CaseResult:
    (result,) = [result for result in results() if result.case.name == row.case]
    return result


def test_the_page_has_all_thirteen_steps() -> None:
    assert [row.number for row in rows()] == [str(number) for number in range(1, 14)]


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.number)
def test_every_fact_rule_file_and_action_of_the_step_exists(row: Row) -> None:
    assert set(row.facts) <= set(default_pack().vocabulary.facts)
    assert [name for name in row.rules if not meant(name)] == []
    assert [name for name in row.files if not (DEFAULT / f"{name}.yaml").exists()] == []
    assert set(row.actions) <= set(default_pack().actions)


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.number)
def test_the_case_fires_rules_of_the_step_and_names_its_actions(row: Row) -> None:
    result = shown(row)
    assert result.answer is not None
    assert fired(result) & set().union(*map(meant, row.rules))
    named = {
        entry["code"] for key in ("actions", "held", "blocked") for entry in result.answer[key]
    }
    assert named & set(row.actions)


@pytest.mark.parametrize("row", done_well(), ids=lambda row: f"{row.sentence} {row.rules[0]}")
def test_what_is_done_well_is_shown_by_its_case(row: DoneWell) -> None:
    assert [name for name in row.rules if not meant(name)] == []
    assert fired(shown(row)) & set().union(*map(meant, row.rules))


def test_the_sentences_that_are_easily_done_badly_are_all_there() -> None:
    assert {row.sentence for row in done_well()} == {
        "4",
        "5",
        "7",
        "10, 12–14",
        "15–16",
        "20",
        "23",
        "24",
        "25",
    }


def test_every_action_of_the_catalogue_is_used() -> None:
    """A case asks for it, holds it, blocks it or offers it as an alternative, or the page names it."""
    seen = {action for row in rows() for action in row.actions}
    for result in results():
        assert result.answer is not None
        for key in ("actions", "held", "blocked"):
            for entry in result.answer[key]:
                seen |= {entry["code"], *entry.get("instead", [])}
    assert set(default_pack().actions) - seen == set()
