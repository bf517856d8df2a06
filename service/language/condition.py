"""From the text of a condition to its syntax tree. Form only: names and types are `check`'s business."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

from lark import Lark, Token, Transformer, UnexpectedInput, UnexpectedToken, v_args
from lark.exceptions import VisitError
from lark.tree import Meta

from schemas.scalars import INT64_MAX
from schemas.types import BOOLEAN, INTEGER, NUMBER, STRING
from service.language.syntax import (
    And,
    Binary,
    Call,
    Conditional,
    Has,
    ListOf,
    Literal,
    Name,
    Negative,
    Node,
    Not,
    Or,
    Quantifier,
    Span,
    depth,
)

MAX_LENGTH = 4096
MAX_DEPTH = 32
# cel-spec langdef, "Syntax": identifiers that are reserved, and keywords.
RESERVED = frozenset(
    [
        "as",
        "break",
        "const",
        "continue",
        "else",
        "false",
        "for",
        "function",
        "if",
        "import",
        "in",
        "let",
        "loop",
        "namespace",
        "null",
        "package",
        "return",
        "true",
        "var",
        "void",
        "while",
    ]
)


@dataclass(frozen=True, slots=True)
class ConditionError(Exception):
    """What is wrong with a condition, and where in its text."""

    code: str
    message: str
    span: Span
    hint: str = ""


def parse_condition(text: str) -> Node:
    """Parse one condition. Raises ConditionError with the place of the first mistake."""
    if len(text) > MAX_LENGTH:
        raise ConditionError(
            "condition-too-long",
            f"a condition may have {MAX_LENGTH} characters",
            (0, 1),
            "split it with all / any, or put a part into a derived fact",
        )
    try:
        node = cast(Node, _Builder().transform(_parser().parse(text)))
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
        f"a condition may nest {MAX_DEPTH} levels deep",
        (0, len(text)),
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
        return ConditionError("condition-syntax", message, (max(0, end - 1), max(1, end)))
    word = re.match(r"\w+|.", text[start:], re.DOTALL)
    found = word.group() if word else text[start]
    before = re.search(r"(\w+)\s*$", text[:start])
    hint = _OPERATOR_HINTS.get(found, "")
    if not hint and before:
        hint = _OPERATOR_HINTS.get(before.group(1), "")
    if found in "\"'":
        hint = "a text ends with the quote it began with, on the same line"
    return ConditionError(
        "condition-syntax", f"'{found}' does not fit here", (start, start + len(found)), hint
    )


def _too_large(span: Span) -> ConditionError:
    return ConditionError("number-range", f"an integer may be at most {INT64_MAX}", span)


def _span(meta: Meta) -> Span:
    return (meta.start_pos, meta.end_pos) if not meta.empty else (0, 0)


@v_args(meta=True)
class _Builder(Transformer[Token, Any]):
    """One method per grammar alias; each makes one node."""

    def choose(self, meta: Meta, parts: list[Any]) -> Node:
        return Conditional(*parts, span=_span(meta))

    def any_of(self, meta: Meta, parts: list[Any]) -> Node:
        return Or(tuple(parts), span=_span(meta))

    def all_of(self, meta: Meta, parts: list[Any]) -> Node:
        return And(tuple(parts), span=_span(meta))

    def binary(self, meta: Meta, parts: list[Any]) -> Node:
        left, operator, right = parts
        return Binary(operator, left, right, span=_span(meta))

    def relation_operator(self, meta: Meta, parts: list[Token]) -> str:
        return str(parts[0])

    sum_operator = product_operator = relation_operator

    def not_(self, meta: Meta, parts: list[Any]) -> Node:
        return Not(parts[0], span=_span(meta))

    def negative(self, meta: Meta, parts: list[Any]) -> Node:
        match parts[0]:
            case Literal(value=int() | float() as value, type=kind) if kind.is_numeric:
                return Literal(value=-value, type=kind, span=_span(meta))
        return Negative(parts[0], span=_span(meta))

    def parenthesised(self, meta: Meta, parts: list[Any]) -> Node:
        match parts[0]:
            case Literal(value=int() as value, type=kind) if kind == INTEGER and value > INT64_MAX:
                raise _too_large(_span(meta))  # a sign before the bracket is no part of the literal
        return cast(Node, parts[0])

    def select(self, meta: Meta, parts: list[Any]) -> Node:
        target, part = parts
        if not isinstance(target, Name):
            raise ConditionError(
                "condition-syntax", f"'.{part}' can only follow a name", _span(meta)
            )
        return Name(f"{target.name}.{part}", span=_span(meta))

    def index(self, meta: Meta, parts: list[Any]) -> Node:
        raise ConditionError(
            "condition-syntax",
            "single elements of a list cannot be read",
            _span(meta),
            'ask about the whole list: "x" in xs, xs.exists(x, …), xs.all(x, …), size(xs)',
        )

    def name(self, meta: Meta, parts: list[Token]) -> Node:
        return Name(str(parts[0]), span=_span(meta))

    def arguments(self, meta: Meta, parts: list[Any]) -> list[Any]:
        return parts

    items = arguments

    def list_(self, meta: Meta, parts: list[Any]) -> Node:
        return ListOf(tuple(parts[0] or ()), span=_span(meta))

    def function(self, meta: Meta, parts: list[Any]) -> Node:
        name, arguments = str(parts[0]), tuple(parts[1] or ())
        if name == "has" and len(arguments) == 1:
            return Has(arguments[0], span=_span(meta))
        return Call(name, arguments, span=_span(meta))

    def method(self, meta: Meta, parts: list[Any]) -> Node:
        receiver, name, arguments = parts[0], str(parts[1]), tuple(parts[2] or ())
        if name not in ("exists", "all"):
            return Call(name, (receiver, *arguments), method=True, span=_span(meta))
        if len(arguments) != 2 or not isinstance(arguments[0], Name) or "." in arguments[0].name:
            raise ConditionError(
                "condition-syntax",
                f"{name} takes a variable and a condition on it",
                _span(meta),
                f'for example group.names.{name}(x, x == "value")',
            )
        if arguments[0].name in RESERVED:
            message = f"'{arguments[0].name}' is a word that CEL keeps for itself"
            raise ConditionError("variable-name", message, arguments[0].span, "take another name")
        return Quantifier(name, receiver, arguments[0].name, arguments[1], span=_span(meta))

    def integer(self, meta: Meta, parts: list[Token]) -> Node:
        digits = str(parts[0])
        value = int(digits, 16 if digits.startswith("0x") else 10) if len(digits) < 40 else 2**64
        if value > INT64_MAX + 1:  # one more than fits: it may yet be negated
            raise _too_large(_span(meta))
        return Literal(value=value, type=INTEGER, span=_span(meta))

    def float_(self, meta: Meta, parts: list[Token]) -> Node:
        value = float(parts[0])
        if value == float("inf"):
            raise ConditionError("number-range", "the number is too large", _span(meta))
        return Literal(value=value, type=NUMBER, span=_span(meta))

    def unsigned(self, meta: Meta, parts: list[Token]) -> Node:
        raise ConditionError(
            "condition-syntax",
            "unsigned integers are not part of the language",
            _span(meta),
            "leave out the 'u'",
        )

    def string(self, meta: Meta, parts: list[Token]) -> Node:
        span = _span(meta)
        return Literal(value=_unescape(str(parts[0])[1:-1], span), type=STRING, span=span)

    def raw_string(self, meta: Meta, parts: list[Token]) -> Node:
        return Literal(value=str(parts[0])[2:-1], type=STRING, span=_span(meta))

    def true_(self, meta: Meta, parts: list[Token]) -> Node:
        return Literal(value=True, type=BOOLEAN, span=_span(meta))

    def false_(self, meta: Meta, parts: list[Token]) -> Node:
        return Literal(value=False, type=BOOLEAN, span=_span(meta))

    def null_(self, meta: Meta, parts: list[Token]) -> Node:
        raise ConditionError(
            "null-literal",
            "null cannot be compared: a null fact is unknown",
            _span(meta),
            "ask whether a fact is known with has(group.fact)",
        )


_ESCAPES = {
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    "\\": "\\",
    "?": "?",
    '"': '"',
    "'": "'",
    "`": "`",
}
_ESCAPE = re.compile(
    r"\\(?:([abfnrtv\\?\"'`])|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|(.))"
)


def _unescape(body: str, span: Span) -> str:
    """Resolve CEL's escapes (cel-spec langdef, "String and Bytes Values")."""

    def one(match: re.Match[str]) -> str:
        simple, hex2, hex4, hex8, octal, _ = match.groups()
        if simple:
            return _ESCAPES[simple]
        digits, base = (octal, 8) if octal else (hex2 or hex4 or hex8 or "", 16)
        number = int(digits, base) if digits else 0xD800
        if number > 0x10FFFF or 0xD800 <= number < 0xE000:
            raise ConditionError(
                "condition-syntax",
                f"'{match.group()}' is no escape sequence",
                span,
                r"write \\ for a backslash, or a raw text: r\"\d+\"",
            )
        return chr(number)

    return _ESCAPE.sub(one, body) if "\\" in body else body
