"""Makes the nodes of a condition. The builder has one method for each alias in condition.lark."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, cast

from lark import Token, Transformer, v_args
from lark.tree import Meta

from schemas.scalars import INT64_MAX, becomes_zero
from schemas.types import BOOLEAN, INTEGER, NUMBER, STRING
from service.language.collector import BoundPlace
from service.language.place import Place
from service.language.problem_codes import ProblemCode
from service.language.syntax import (
    QUANTIFIERS,
    And,
    Binary,
    Call,
    Conditional,
    Has,
    ListOf,
    Literal,
    Negative,
    Node,
    Not,
    Or,
    Quantifier,
    Span,
    UnresolvedName,
)

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
    """A mistake in a condition, and its place in the text."""

    code: ProblemCode
    message: str
    span: Span
    hint: str = ""

    def add_to(self, here: BoundPlace) -> None:
        """Adds this error. `here` is bound to the text of the condition."""
        at = here.inside(self.span.start, self.span.end)
        at.error(self.code, self.message, self.hint)


def _too_large(span: Span) -> ConditionError:
    return ConditionError("number-range", f"an integer may be at most {INT64_MAX}", span)


LIBRARY = "math"
"""CEL's math extension: its functions are written math.name(…)."""


@v_args(meta=True)
class NodeBuilder(Transformer[Token, Any]):
    """One method per grammar alias; each makes one node. `text` is the place of the text."""

    def __init__(self, text: Place) -> None:
        super().__init__()
        self._text = text

    def _span(self, meta: Meta) -> Span:
        return (
            Span(0, 0, self._text) if meta.empty else Span(meta.start_pos, meta.end_pos, self._text)
        )

    def choose(self, meta: Meta, parts: list[Any]) -> Node:
        return Conditional(*parts, span=self._span(meta))

    def any_of(self, meta: Meta, parts: list[Any]) -> Node:
        return Or(tuple(parts), span=self._span(meta))

    def all_of(self, meta: Meta, parts: list[Any]) -> Node:
        return And(tuple(parts), span=self._span(meta))

    def binary(self, meta: Meta, parts: list[Any]) -> Node:
        left, operator, right = parts
        return Binary(operator, left, right, span=self._span(meta))

    def relation_operator(self, meta: Meta, parts: list[Token]) -> str:
        return str(parts[0])

    sum_operator = product_operator = relation_operator

    def not_(self, meta: Meta, parts: list[Any]) -> Node:
        return Not(parts[0], span=self._span(meta))

    def negative(self, meta: Meta, parts: list[Any]) -> Node:
        match parts[0]:
            case Literal(value=int() | float() as value, type=type_) if type_.is_numeric:
                return Literal(value=-value, type=type_, span=self._span(meta))
        return Negative(parts[0], span=self._span(meta))

    def parenthesised(self, meta: Meta, parts: list[Any]) -> Node:
        match parts[0]:
            case Literal(value=int() as value, type=type_) if (
                type_ == INTEGER and value > INT64_MAX
            ):
                raise _too_large(
                    self._span(meta)
                )  # a sign before the bracket does not belong to the literal
        return cast(Node, parts[0])

    def select(self, meta: Meta, parts: list[Any]) -> Node:
        target, part = parts
        if not isinstance(target, UnresolvedName):
            raise ConditionError(
                "condition-syntax", f"'.{part}' can only follow a name", self._span(meta)
            )
        return UnresolvedName(f"{target.name}.{part}", span=self._span(meta))

    def index(self, meta: Meta, parts: list[Any]) -> Node:
        raise ConditionError(
            "condition-syntax",
            "single elements of a list cannot be read",
            self._span(meta),
            'test the whole list: "x" in xs, xs.exists(x, …), xs.all(x, …), size(xs)',
        )

    def name(self, meta: Meta, parts: list[Token]) -> Node:
        return UnresolvedName(str(parts[0]), span=self._span(meta))

    def arguments(self, meta: Meta, parts: list[Any]) -> list[Any]:
        return parts

    items = arguments

    def list_(self, meta: Meta, parts: list[Any]) -> Node:
        return ListOf(tuple(parts[0] or ()), span=self._span(meta))

    def function(self, meta: Meta, parts: list[Any]) -> Node:
        name, arguments = str(parts[0]), tuple(parts[1] or ())
        if name == "has" and len(arguments) == 1:
            return Has(arguments[0], span=self._span(meta))
        return Call(name, arguments, span=self._span(meta))

    def method(self, meta: Meta, parts: list[Any]) -> Node:
        receiver, name, arguments = parts[0], str(parts[1]), tuple(parts[2] or ())
        if isinstance(receiver, UnresolvedName) and receiver.name == LIBRARY:
            return Call(f"{LIBRARY}.{name}", arguments, span=self._span(meta))
        quantifier = next((one for one in QUANTIFIERS if one == name), None)
        if quantifier is None:
            return Call(name, (receiver, *arguments), method=True, span=self._span(meta))
        if (
            len(arguments) != 2
            or not isinstance(arguments[0], UnresolvedName)
            or "." in arguments[0].name
        ):
            raise ConditionError(
                "condition-syntax",
                f"{name} takes a variable and a condition on it",
                self._span(meta),
                f'for example group.names.{name}(x, x == "value")',
            )
        if arguments[0].name in RESERVED:
            message = f"'{arguments[0].name}' is a reserved word of CEL"
            raise ConditionError("variable-name", message, arguments[0].span, "choose another name")
        return Quantifier(
            quantifier, receiver, arguments[0].name, arguments[1], span=self._span(meta)
        )

    def integer(self, meta: Meta, parts: list[Token]) -> Node:
        digits = str(parts[0])
        value = int(digits, 16 if digits.startswith("0x") else 10) if len(digits) < 40 else 2**64
        if value > INT64_MAX + 1:  # one more than fits: a minus sign may come before it
            raise _too_large(self._span(meta))
        return Literal(value=value, type=INTEGER, span=self._span(meta))

    def float_(self, meta: Meta, parts: list[Token]) -> Node:
        value = float(parts[0])
        if value == float("inf"):
            raise ConditionError("number-range", "the number is too large", self._span(meta))
        if becomes_zero(str(parts[0]), value):
            message = "the number is too small: it would become 0"
            raise ConditionError("number-range", message, self._span(meta))
        return Literal(value=value, type=NUMBER, span=self._span(meta))

    def unsigned(self, meta: Meta, parts: list[Token]) -> Node:
        raise ConditionError(
            "condition-syntax",
            "unsigned integers are not part of the language",
            self._span(meta),
            "leave out the 'u'",
        )

    def string(self, meta: Meta, parts: list[Token]) -> Node:
        span = self._span(meta)
        return Literal(value=_unescape(_between_quotes(parts[0]), span), type=STRING, span=span)

    def raw_string(self, meta: Meta, parts: list[Token]) -> Node:
        return Literal(value=_between_quotes(parts[0][1:]), type=STRING, span=self._span(meta))

    def true_(self, meta: Meta, parts: list[Token]) -> Node:
        return Literal(value=True, type=BOOLEAN, span=self._span(meta))

    def false_(self, meta: Meta, parts: list[Token]) -> Node:
        return Literal(value=False, type=BOOLEAN, span=self._span(meta))

    def null_(self, meta: Meta, parts: list[Token]) -> Node:
        raise ConditionError(
            "null-literal",
            "null cannot be compared: a null fact is unknown",
            self._span(meta),
            "test with has(group.fact) whether a fact is known",
        )


def _between_quotes(written: str) -> str:
    quotes = 3 if written[:3] in ('"""', "'''") else 1
    return str(written[quotes:-quotes])


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
    r"\\(?:([abfnrtv\\?\"'`])|[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|(.))",
    re.DOTALL,
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
