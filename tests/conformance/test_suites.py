"""The short form of `make conformance`: rows of our own in the forms of the four suites, and the page that it reads and writes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from schemas.types import BOOLEAN, INTEGER
from tests.conformance import cel, decision_tables, json_texts, yaml_documents
from tests.conformance.cel import ERROR, CelTest, Foreign
from tests.conformance.outcome import Outcome, cannot, fails, passes
from tests.conformance.page import PAGE, deviations, unexplained, with_figures
from tests.conformance.suites import SUITES

CEL = [
    (CelTest("t", "1 + 1", 2), "passes"),
    (CelTest("t", "1 + 1", 2.0), "fails"),
    (CelTest("t", "x + 1", 3, facts={"x": 2}), "passes"),
    (CelTest("t", "x + 1 > 2", True, facts={"x": 1}), "fails"),
    (CelTest("t", "x / 0.0 > 1.0", ERROR, facts={"x": 2.0}), "passes"),
    (CelTest("t", "1 / 0 > 1", ERROR), "passes"),
    (CelTest("t", "1 + 0.5", ERROR), "fails"),
    (CelTest("t", '"危" + x', "危机", facts={"x": "机"}), "passes"),
    (CelTest("t", "duration('1h')", timedelta(hours=1)), "passes"),
    (CelTest("t", "x + y", INTEGER, types={"x": INTEGER, "y": INTEGER}), "passes"),
    (CelTest("t", "x > y", INTEGER, types={"x": INTEGER, "y": INTEGER}), "fails"),
    (CelTest("t", "x < y", BOOLEAN, types={"x": BOOLEAN, "y": BOOLEAN}), "passes"),
    (CelTest("t", "{'a': 1}.a", 1), "cannot be said"),
    (CelTest("t", "'{1u}' == 'null[0]'", False), "passes"),
    (CelTest("t", "x == x", True, facts={"x": Foreign("maps")}), "cannot be said"),
]
JSON = [
    ("y_object", b'{"a": [1.5, null]}', passes("y_object")),
    ("y_twice", b'{"a": 1, "a": 2}', fails("y_twice", "refused as `duplicate-key`")),
    ("n_comma", b"[1,]", passes("n_comma")),
    ("n_number", b"[1]", fails("n_number", "accepted")),
    ("i_bytes", b'["\xff"]', cannot("i_bytes", "left open: refused as `invalid-utf8`")),
]
YAML: list[tuple[dict[str, Any], str]] = [
    ({"yaml": "a: [1, no]\n", "json": '{"a": [1, "no"]}', "tree": "+DOC"}, "passes"),
    ({"yaml": "a: 1\n", "json": '{"a": 2}', "tree": "+DOC"}, "fails"),
    ({"yaml": 'a:␣"—»b"↵\n∎\n', "json": '{"a": "\\tb"}', "tree": "+DOC"}, "passes"),
    ({"yaml": "a: *b\n", "tree": "+DOC"}, "cannot be said"),
    ({"yaml": "--- 1\n--- 2\n", "json": "1\n2", "tree": "+DOC\n-DOC\n+DOC"}, "cannot be said"),
    ({"yaml": "a: b: c\n", "tree": "", "fail": True}, "passes"),
    ({"yaml": "a: b\n", "tree": "", "fail": True}, "fails"),
]
MODEL = """
<definitions xmlns="m">
  <inputData name="Age"><variable typeRef="number"/></inputData>
  <decision name="{hit}">
    <decisionTable hitPolicy="{hit}" {aggregation}>
      <input><inputExpression><text>Age</text></inputExpression></input>
      <output><outputValues><text>{ranked}</text></outputValues></output>
      <rule><inputEntry><text>{cell}</text></inputEntry><outputEntry><text>{low}</text></outputEntry></rule>
      <rule><inputEntry><text>-</text></inputEntry><outputEntry><text>{high}</text></outputEntry></rule>
    </decisionTable>
  </decision>
</definitions>
"""
TESTS = """
<testCases xmlns="t" xmlns:i="http://www.w3.org/2001/XMLSchema-instance">
  <modelName>model.dmn</modelName>
  <testCase id="1">
    <inputNode name="Age"><value i:type="x:decimal">{age}</value></inputNode>
    <resultNode name="{hit}"><expected>{expected}</expected></resultNode>
  </testCase>
</testCases>
"""


def number(value: float) -> str:
    return f'<value i:type="x:decimal">{value}</value>'


def listed(*values: float) -> str:
    return "<list>" + "".join(f"<item>{number(value)}</item>" for value in values) + "</list>"


TABLES = [
    ("FIRST", "", "[18..30)", 18, number(1), "passes"),
    ("FIRST", "", "[18..30)", 30, number(2), "passes"),
    ("FIRST", "", "(18..30]", 18, number(1), "fails"),
    ("UNIQUE", "", "not(&lt;18, 40)", 40, number(2), "passes"),
    ("UNIQUE", "", "&gt;=18", 18, '<value i:nil="true"/>', "passes"),
    ("COLLECT", 'aggregation="SUM"', "18, 19", 19, number(3), "passes"),
    ("COLLECT", 'aggregation="COUNT"', "18, 19", 20, number(1), "passes"),
    ("COLLECT", "", "18", 18, listed(2, 1), "passes"),
    ("RULE ORDER", "", "18", 18, listed(2, 1), "fails"),
    ("OUTPUT ORDER", "", "18", 18, listed(1, 2), "cannot be said"),
    ("FIRST", "", "Age + 1", 18, number(1), "cannot be said"),
]


@pytest.mark.parametrize(("test", "verdict"), CEL)
def test_an_expression_is_compared_with_what_the_specification_says(
    test: CelTest, verdict: str
) -> None:
    assert cel.judged(test).verdict == verdict


@pytest.mark.parametrize(("name", "raw", "outcome"), JSON)
def test_the_name_of_a_json_text_says_what_a_reader_must_do(
    name: str, raw: bytes, outcome: Outcome
) -> None:
    assert json_texts.judged(name, raw) == outcome


@pytest.mark.parametrize(("case", "verdict"), YAML)
def test_a_document_gives_the_same_data_or_is_refused_as_documented(
    case: dict[str, Any], verdict: str
) -> None:
    (outcome,) = yaml_documents.judged_file("t", [case])
    assert outcome.verdict == verdict, outcome.why


def test_a_later_case_of_a_file_takes_what_it_lacks_from_the_one_before() -> None:
    cases = [{"yaml": "a: 1\n", "json": '{"a": 1}', "tree": ""}, {"yaml": "a:   1\n"}]
    assert list(yaml_documents.judged_file("t", cases)) == [passes("t"), passes("t/01")]


@pytest.mark.parametrize(("hit", "aggregation", "cell", "age", "expected", "verdict"), TABLES)
def test_a_decision_table_becomes_a_pack(
    tmp_path: Path,
    hit: str,
    aggregation: str,
    cell: str,
    age: int,
    expected: str,
    verdict: str,
) -> None:
    folder = tmp_path / "TestCases" / "level" / "one"
    folder.mkdir(parents=True)
    model = MODEL.format(hit=hit, aggregation=aggregation, ranked="", cell=cell, low=1, high=2)
    (folder / "model.dmn").write_text(model, "utf-8")
    (folder / "one.xml").write_text(TESTS.format(hit=hit, age=age, expected=expected), "utf-8")

    (outcome,) = decision_tables.outcomes(tmp_path)

    assert (outcome.test, outcome.verdict) == (f"one/1/{hit}", verdict), outcome.why


def test_the_values_of_a_table_by_priority_are_in_the_order_of_the_table(tmp_path: Path) -> None:
    folder = tmp_path / "TestCases" / "level" / "one"
    folder.mkdir(parents=True)
    words = {"ranked": '"in reach", "far"', "low": '"far"', "high": '"in reach"'}
    model = MODEL.format(hit="PRIORITY", aggregation="", cell="&gt;1", **words)
    (folder / "model.dmn").write_text(model, "utf-8")
    expected = '<value i:type="x:string">in reach</value>'
    tests = TESTS.format(hit="PRIORITY", age=2, expected=expected)
    (folder / "one.xml").write_text(tests, "utf-8")

    assert list(decision_tables.outcomes(tmp_path)) == [passes("one/1/PRIORITY")]


def test_a_failing_test_without_a_row_and_a_row_without_a_failing_test_are_reported() -> None:
    outcomes = [passes("a/1"), fails("a/2", "no"), fails("b/3", "no"), cannot("c", "maps")]

    assert unexplained(outcomes, ["a/*", "b/3"]) == []
    assert unexplained(outcomes, ["a/*"]) == ["b/3 has no row: no"]
    assert unexplained(outcomes, ["a/*", "b/*", "a/1"]) == ["a/1 has a row, but no such test fails"]


def test_the_page_has_rows_for_the_suites_that_deviate_and_a_place_for_every_figure() -> None:
    page = PAGE.read_text("utf-8")
    counts = {suite.folder: len(deviations(page, suite)) for suite in SUITES}
    runs = {suite: [passes("a"), cannot("b", "maps")] for suite in SUITES}

    filled = with_figures(page, runs)

    assert counts.pop("tck") == 0
    assert all(counts.values())
    assert filled.count("| 2 | 1 | 1 | 0 |") == len(SUITES)
    assert filled.count("| maps | 1 |") == len(SUITES)
    assert [deviations(filled, s) for s in SUITES] == [deviations(page, s) for s in SUITES]


def test_the_figures_of_the_page_add_up() -> None:
    table = PAGE.read_text("utf-8").split("<!-- suites -->", 1)[1].split("<!-- end -->", 1)[0]
    for line in table.strip().splitlines()[2:]:
        *_, tests, cannot_be_said, passing, deviating = (
            int(cell.replace(",", "")) if cell.strip().replace(",", "").isdigit() else 0
            for cell in line.strip("| ").split(" | ")
        )
        assert tests == cannot_be_said + passing + deviating > 300
