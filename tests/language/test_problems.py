"""Every problem the language can report: where it points, what it says, what it advises."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import service.language
from tests.language.problem_rows import Row, reported, rows

ROWS = rows()
CODE_POSITION = {
    "Problem": 3,
    "problem": 1,
    "problem_inside": 3,
    "Finding": 0,
    "Mistake": 1,
    "ConditionError": 0,
    "RefusedYaml": 0,
    "report": 1,
    "_report": 1,
}
"""Which argument is the code, in each call that makes a problem."""

PLACES_ONLY = {"case-failed", "case-facts"}
"""Places that a case keeps for whoever runs it; reading a pack never reports them."""


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.group}: {row.says}")
def test_a_mistake_is_reported_at_its_place_with_its_hint_and_nothing_else_is(
    row: Row, tmp_path: Path
) -> None:
    assert reported(row, tmp_path) == row.reports


def test_every_code_in_the_source_has_a_row_and_every_row_a_code() -> None:
    assert _codes_in_rows() == _codes_in_source() - PLACES_ONLY


def test_the_source_is_searched_well_enough_to_find_codes_of_every_kind() -> None:
    found = _codes_in_source()
    assert {"not-utf8", "yaml-tag", "quote-condition", "unknown-fact", "due-form"} <= found
    assert {"null-literal", "prefer-at-least", "output-circle", "case-failed"} <= found


def test_no_row_says_the_same_as_another() -> None:
    names = [(row.group, row.says) for row in ROWS]
    assert len(set(names)) == len(names)


def _codes_in_rows() -> set[str]:
    pattern = re.compile(r"^(?:[\w./]+:)?\d+:\d+: ([a-z0-9-]+)(?: \(warning\))?: ", re.MULTILINE)
    return {code for row in ROWS for code in pattern.findall(row.reports)}


def _codes_in_source() -> set[str]:
    folder = Path(service.language.__file__ or "").parent
    trees = (ast.parse(path.read_text("utf-8")) for path in folder.rglob("*.py"))
    return {code for tree in trees for call in _calls(tree) for code in _code(call)}


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _code(call: ast.Call) -> Iterator[str]:
    """The code that this call gives a problem, when it is written out there."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    position = CODE_POSITION.get(name)
    arguments = [same for one in call.args for same in ([one] * 2 if _is_span(one) else [one])]
    if position is None or len(arguments) <= position:
        return
    argument = arguments[position]
    if isinstance(argument, ast.Constant) and argument.value:
        yield str(argument.value)


def _is_span(argument: ast.expr) -> bool:
    """`*span` gives two arguments, the start and the end."""
    return isinstance(argument, ast.Starred)
