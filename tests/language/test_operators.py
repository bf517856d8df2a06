"""The table of operators is complete: it has a meaning for exactly the operators of the grammar, for some types."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import get_args

import pytest

from schemas.types import BOOLEAN, DATETIME, DURATION, INTEGER, NUMBER, STRING, list_of
from service.language.conditions import parse
from service.language.conditions.operations import operation
from service.language.syntax import Binary, BinaryOperator

TYPES = (BOOLEAN, DATETIME, DURATION, INTEGER, NUMBER, STRING, list_of(INTEGER))


def test_the_grammar_has_exactly_these_operators() -> None:
    grammar = Path(parse.__file__).with_name("condition.lark").read_text("utf-8")
    rules = re.findall(r"^!\w+_operator: (.+)$", grammar, re.MULTILINE)
    assert sorted(re.findall(r'"(.+?)"', " ".join(rules))) == sorted(get_args(BinaryOperator))


@pytest.mark.parametrize("operator", get_args(BinaryOperator))
def test_an_operator_is_read_as_itself_and_works_on_some_types(operator: BinaryOperator) -> None:
    node = parse.parse_condition(f"a.b {operator} c.d")
    assert isinstance(node, Binary)
    assert node.operator == operator
    assert any(operation(operator, *pair) for pair in itertools.product(TYPES, repeat=2))
