"""How texts and spaces are read in conditions: quotes, escapes, and what CEL counts as space."""

from __future__ import annotations

import pytest

from service.language.conditions.nodes import ConditionError
from service.language.conditions.parse import parse_condition
from service.language.syntax import Binary, Literal

TEXTS = [
    ('"""a"""', "a"),
    ("'''a'''", "a"),
    ('""""""', ""),
    ('"""one "word" here"""', 'one "word" here'),
    ("'''it's'''", "it's"),
    ('"""a\nb"""', "a\nb"),
    (r'"""a\"""b"""', 'a"""b'),
    (r'"""\x41\n"""', "A\n"),
    (r'r"""a\d"b"""', r'a\d"b'),
    (r"R'''a\'''", "a\\"),
    ('r"""a\nb"""', "a\nb"),
    (r'"\X41\x42"', "AB"),
    ('""', ""),
]
NO_TEXTS = [
    '"a\rb"',
    'r"a\rb"',
    '"""a',
    '"""a""',
    '"a\nb"',
    '"a"""',
    '"""\\\n"""',
    r'"""\d"""',
    r'"\X4"',
]


@pytest.mark.parametrize(("written", "value"), TEXTS)
def test_a_text_is_what_stands_between_its_quotes(written: str, value: str) -> None:
    node = parse_condition(written)
    assert isinstance(node, Literal)
    assert node.value == value
    assert (node.span.start, node.span.end) == (0, len(written))


@pytest.mark.parametrize("written", NO_TEXTS)
def test_a_text_without_its_end_and_an_unknown_escape_are_refused(written: str) -> None:
    with pytest.raises(ConditionError):
        parse_condition(written)


def test_two_texts_in_triple_quotes_are_two_texts() -> None:
    node = parse_condition('"""a""" + """b"""')
    assert isinstance(node, Binary)
    assert [part.value for part in (node.left, node.right) if isinstance(part, Literal)] == [
        "a",
        "b",
    ]


@pytest.mark.parametrize("space", list(" \t\f\r\n"))
def test_these_characters_are_space(space: str) -> None:
    assert parse_condition(f"a.b{space}=={space}1") == parse_condition("a.b == 1")


@pytest.mark.parametrize("other", ["\v", "\u00a0", "\u3000"])
def test_no_other_character_is_space(other: str) -> None:
    with pytest.raises(ConditionError):
        parse_condition(f"a.b{other}== 1")
