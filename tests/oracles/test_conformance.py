"""Every row of docs/conformance.md has the results that the two oracles and our evaluator really give."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from schemas.vocabulary import Vocabulary
from service.language.files.values import read_value
from tests.oracles.judges import judged, nested, tocsin_expression
from tests.oracles.texts import CEL_PYTHON, COMMON
from tests.oracles.vocabulary import vocabulary

PAGE = Path(__file__).parents[2] / "docs" / "conformance.md"
AS_OF = datetime(2026, 1, 31, tzinfo=UTC)
ON_PURPOSE, NOT_EXACT, OTHERS = (
    "Where Tocsin deviates on purpose",
    "Where Tocsin is not exact",
    "Where the other two deviate",
)
WORDS = {True: "true", False: "false"}


def _tables() -> dict[str, list[list[str]]]:
    """The rows of each section's table, without its two header lines."""
    sections = re.split(r"^## ", PAGE.read_text("utf-8"), flags=re.MULTILINE)[1:]
    return {section.splitlines()[0]: _rows(section) for section in sections}


def _rows(section: str) -> list[list[str]]:
    lines = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


TABLES = _tables()
ROWS = [
    pytest.param(section, row, id=row[0].strip("`"))
    for section in (ON_PURPOSE, NOT_EXACT, OTHERS)
    for row in TABLES[section]
]


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Vocabulary:
    return vocabulary(tmp_path_factory.mktemp("conformance") / "pack")


@pytest.fixture(scope="module")
def facts(known: Vocabulary) -> dict[str, Any]:
    """The facts that the page lists for its rows; null becomes None."""
    given = {
        name.strip("`"): json.loads(value.strip("`"))
        for name, value in TABLES["How this is checked"]
    }
    return {
        name: None if raw is None else read_value(raw, known.facts[name].type)
        for name, raw in given.items()
    }


@pytest.mark.parametrize(("section", "row"), ROWS)
def test_every_row_has_the_results_of_all_three(
    section: str, row: list[str], known: Vocabulary, facts: dict[str, Any]
) -> None:
    text, _, *said = row[0].strip("`"), *row[1:5]
    variables = nested(facts, AS_OF, {name.split(".")[0] for name in known.facts})
    ours = tocsin_expression(text, facts, AS_OF, known)

    assert said == [
        WORDS.get(judged(CEL_PYTHON, text, variables), "error"),
        WORDS.get(judged(COMMON, text, variables), "error"),
        ours if ours == "refused" else WORDS.get(ours, "unknown"),
    ]


@pytest.mark.parametrize(("section", "row"), ROWS)
def test_every_row_shows_a_deviation_of_its_section(section: str, row: list[str]) -> None:
    _, specification, cel_python, common, ours, why = row
    deviates = ours.replace("unknown", "error") != specification

    assert why
    if section == OTHERS:
        assert (cel_python, common) != (specification, specification)
        assert not deviates or ours == "refused"
    else:
        assert deviates
