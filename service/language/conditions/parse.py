"""Parses the text of a condition into a syntax tree. `check` checks names and types."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import cast

from lark import Lark, UnexpectedInput, UnexpectedToken
from lark.exceptions import VisitError

from service.language.conditions.nodes import ConditionError, NodeBuilder
from service.language.place import NOWHERE, Place
from service.language.syntax import Node, Span, depth

MAX_LENGTH = 4096
MAX_DEPTH = 32


def parse_condition(text: str, place: Place = NOWHERE) -> Node:
    """Parse one condition, whose text is at `place`. Raises ConditionError with the span of the first mistake."""
    if len(text) > MAX_LENGTH:
        raise ConditionError(
            "condition-too-long",
            f"a condition may have at most {MAX_LENGTH} characters",
            Span(0, 1),
            "split it with all / any, or put a part into a derived fact",
        )
    try:
        node = cast(Node, NodeBuilder(place).transform(_parser().parse(text)))
    except UnexpectedInput as error:
        raise _unexpected(error, text) from None
    except RecursionError:
        raise _too_deep(text) from None
    except VisitError as error:
        if isinstance(error.orig_exc, ConditionError):
            raise error.orig_exc from None
        raise
    if depth(node) > MAX_DEPTH:
        raise _too_deep(text)
    return node


def _too_deep(text: str) -> ConditionError:
    return ConditionError(
        "condition-too-deep",
        f"a condition may have at most {MAX_DEPTH} levels",
        Span(0, len(text)),
        "split it with all / any, or put a part into a derived fact",
    )


@cache
def _parser() -> Lark:
    grammar = Path(__file__).with_name("condition.lark").read_text("utf-8")
    return Lark(grammar, parser="lalr", propagate_positions=True, maybe_placeholders=True)


_OPERATOR_HINTS = {
    "=": "equality is written ==",
    "&": "'and' is written &&",
    "|": "'or' is written ||",
    "and": "'and' is written &&",
    "or": "'or' is written ||",
    "not": "'not' is written !",
    "AND": "'and' is written &&",
    "OR": "'or' is written ||",
    "NOT": "'not' is written !",
    "{": 'maps are not part of the language; use a list: ["a", "b"]',
    "“": 'use straight quotes: "…"',
    "”": 'use straight quotes: "…"',
    "，": "use the plain comma ,",
    "（": "use plain parentheses ( )",
    "）": "use plain parentheses ( )",
    "≥": "write >=",
    "≤": "write <=",
    "≠": "write !=",
    "#": "# starts a comment in YAML: put the whole condition in quotes",
}


def _unexpected(error: UnexpectedInput, text: str) -> ConditionError:
    start = error.pos_in_stream
    ended = isinstance(error, UnexpectedToken) and error.token.type == "$END"
    if ended or start is None or start < 0 or start >= len(text.rstrip()):
        end = len(text.rstrip())
        message = "the condition is empty" if end == 0 else "the condition ends too early"
        return ConditionError("condition-syntax", message, Span(max(0, end - 1), max(1, end)))
    word = re.match(r"\w+|.", text[start:], re.DOTALL)
    found = word.group() if word else text[start]
    before = re.search(r"(\w+)\s*$", text[:start])
    hint = _OPERATOR_HINTS.get(found, "")
    if not hint and before:
        hint = _OPERATOR_HINTS.get(before.group(1), "")
    if found in "\"'":
        hint = "a text ends with the quote it began with, on the same line"
    return ConditionError(
        "condition-syntax", f"'{found}' does not fit here", Span(start, start + len(found)), hint
    )
