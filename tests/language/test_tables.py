"""A table of thresholds means the same as its rules written out: one for each cell, from its threshold to the next worse one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from service.engine.assess import Assessor
from tests.packs import plain_pack

NOW = datetime(2026, 1, 1, tzinfo=UTC)
RULES = """
tables:
  - id: by
    output: level
    rows:
      - id: count
        fact: a.count
        at_least: {middle: 10, high: 1000}
        because: {en: "{a.count} (at least {threshold})"}
        source: a book
      - id: share
        fact: a.share
        at_most: {high: 0.25}
        only_if: a.flag
        because: {en: "share {threshold} at most"}
      - id: kind
        fact: a.kind
        one_of: {middle: [x, y]}
        because: {en: "kind {threshold}"}
      - id: flags
        when: {high: "b.flag && a.flag", middle: "b.flag"}
        because: {en: flags}
rules:
  - {id: last, when: always, then: {score: 1}, because: {en: always}}
"""


@pytest.fixture(scope="module")
def assessor(tmp_path_factory: pytest.TempPathFactory) -> Assessor:
    folder: Path = tmp_path_factory.mktemp("tables")
    return Assessor(plain_pack(folder, RULES))


@pytest.mark.parametrize(
    ("facts", "level", "reasons"),
    [
        ({"a.count": 9}, "low", []),
        ({"a.count": 10}, "middle", ["by.middle.count: 10 (at least 10)"]),
        ({"a.count": 999}, "middle", ["by.middle.count: 999 (at least 10)"]),
        ({"a.count": 1000}, "high", ["by.high.count: 1,000 (at least 1,000)"]),
        ({"a.share": 0.25, "a.flag": True}, "high", ["by.high.share: share 0.25 at most"]),
        ({"a.share": 0.26, "a.flag": True}, "low", []),
        ({"a.share": 0.25, "a.flag": False}, "low", []),
        ({"a.kind": "y"}, "middle", ["by.middle.kind: kind x, y"]),
        ({"a.kind": "z"}, "low", []),
        ({"b.flag": True, "a.flag": False}, "middle", ["by.middle.flags: flags"]),
        (
            {"b.flag": True, "a.flag": True},
            "high",
            ["by.high.flags: flags", "by.middle.flags: flags"],
        ),
    ],
)
def test_each_cell_is_a_rule(
    assessor: Assessor, facts: dict[str, Any], level: str, reasons: list[str]
) -> None:
    answer = assessor.assess(facts, NOW, "en")
    assert answer["level"]["code"] == level
    fired = [f"{reason['rule']}: {reason['text']}" for reason in answer["reasons"]]
    assert fired == [*reasons, "last: always"]


def test_an_unknown_fact_can_still_reach_every_cell_of_its_row(assessor: Assessor) -> None:
    known = {"a.share": 1.0, "a.flag": False, "a.kind": "z", "b.flag": False}
    answer = assessor.assess(known, NOW, "en")
    assert answer["outputs"]["level"]["can_be"] == ["high", "middle", "low"]
    assert [unknown["fact"] for unknown in answer["unknowns"]] == ["a.count"]


def test_a_cells_rule_has_its_place_and_its_rows_source(assessor: Assessor) -> None:
    rule = next(rule for rule in assessor.pack.rules if rule.id == "by.high.count")
    assert (Path(rule.place.file).name, rule.place.line, rule.place.column) == (
        "10_rules.yaml",
        8,
        38,
    )
    assert rule.source == {"*": "a book"}
    assert rule.written == "a.count >= 1000"


def test_the_shared_condition_of_a_row_is_part_of_each_cells_rule(assessor: Assessor) -> None:
    rule = next(rule for rule in assessor.pack.rules if rule.id == "by.high.share")
    assert rule.written == {"all": ["a.flag", "a.share <= 0.25"]}
