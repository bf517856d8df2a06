"""The tests of the CEL specification: which of them conditions can say, and what our evaluator makes of those.

An error of CEL is unknown here, or a problem when a pack loads.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from schemas.types import (
    BOOLEAN,
    DATETIME,
    DURATION,
    INTEGER,
    NUMBER,
    STRING,
    Type,
    list_of,
)
from schemas.vocabulary import Fact
from service.engine.expressions.closures import compile_expression
from service.engine.expressions.layout import Layout
from service.language.collector import Collector
from service.language.conditions.check import check_expression
from service.language.conditions.scope import Scope
from service.language.place import NOWHERE
from tests.conformance.outcome import Outcome, cannot, fails, passes

AS_OF = datetime(2026, 1, 1, tzinfo=UTC)
ERROR = "an error"
REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Foreign:
    """A value of a type that conditions do not have."""

    reason: str


@dataclass(frozen=True, slots=True)
class CelTest:
    """`facts` are the values that the test binds; `types` those that it only declares. `expected` can be ERROR or a Type."""

    name: str
    expression: str
    expected: Any
    facts: Mapping[str, Any] = field(default_factory=dict)
    types: Mapping[str, Any] = field(default_factory=dict)
    container: str = ""


_TEXT = re.compile(
    r'[rR]?("""([^\\]|\\.)*?"""|\'\'\'([^\\]|\\.)*?\'\'\'|"([^"\\\n]|\\.)*"|\'([^\'\\\n]|\\.)*\')',
    re.DOTALL,
)
_RAW = re.compile(r"""\b[rR]('''.*?'''|\"{3}.*?\"{3}|"[^"\n]*"|'[^'\n]*')""", re.DOTALL)
_REASONS = (
    ("bytes", r"\b([bB][rR]?|[rR][bB])\""),
    ("optional values", r"\boptional\.|\.\?|\[\?|\.(orValue|optMap|optFlatMap|or)\("),
    ("protobuf messages and enums", r"TestAllTypes|google\.protobuf|NestedEnum|GlobalEnum|\bproto\."),
    ("`cel.block`, `cel.bind`, `cel.iterVar`", r"\bcel\."),
    ("encoders", r"\bbase64\."),
    ("addresses of networks", r"\b(ip|cidr|isIP|isCIDR)\b|\bip\."),
    ("maps", r"\{"),
    ("unsigned integers", r"\b(0x[0-9a-fA-F]+|[0-9]+)[uU]\b|\buint\b"),
    ("`null`", r"\bnull\b"),
    ("`map`, `filter`, `exists_one` and macros of two variables", r"\.(map|filter|exists_one|existsOne|transform\w+)\(|\.(exists|all)\(\s*\w+\s*,\s*\w+\s*,"),
    ("conversions, `dyn` and types as values", r"\b(int|double|string|bytes|bool|type|dyn|list|map|null_type)\b"),
    ("a computed `timestamp` or `duration`", r"\b(timestamp|duration)\((?!\"\"\))"),
    ("parts of moments and durations", r"\.get[A-Z]\w+\("),
    ("other functions of the math extension", r"\bmath\.(?!greatest\(|least\(|sqrt\()"),
    ("functions of the string extension", r"\.(charAt|indexOf|lastIndexOf|join|lowerAscii|upperAscii|replace|split|substring|trim|format|reverse)\(|\bstrings\."),
    ("elements of a list by index", r"[\w\])\"]\["),
    ("names that begin with a dot, and names in backticks", r"(^|[^\w\])\"])\.[A-Za-z_]|`"),
)  # fmt: skip


def judged(test: CelTest) -> Outcome:
    reason = _cannot_be_said(test)
    if reason:
        return cannot(test.name, reason)
    return _compared(test, _evaluated(test))


def _cannot_be_said(test: CelTest) -> str:
    bare = _TEXT.sub('""', _RAW.sub('""', test.expression))
    for reason, pattern in _REASONS:
        if re.search(pattern, bare):
            return reason
    if test.container and any("." in name for name in test.types):
        return "containers of names"
    given = [test.expected, *test.facts.values(), *test.types.values()]
    return next((one.reason for one in _parts(given) if isinstance(one, Foreign)), "")


def _parts(values: Any) -> Any:
    for value in values:
        if isinstance(value, list | tuple):
            yield from _parts(value)
        yield value


def _evaluated(test: CelTest) -> Any:
    """The value, ERROR for unknown, REFUSED with the problem, or the type if that is what the test wants."""
    facts = {
        name: Fact(name, test.types.get(name) or _type_of(value), {})
        for name, value in {**dict.fromkeys(test.types), **test.facts}.items()
    }
    collector = Collector()
    node = check_expression(test.expression, Scope(facts), collector.at(NOWHERE))
    if node is None:
        return (REFUSED, collector.problems[0].message)
    if isinstance(test.expected, Type):
        return node.type
    layout = Layout.of(facts, ())
    evaluate = compile_expression(node, layout)
    environment = layout.new_environment(AS_OF)
    for name, value in test.facts.items():
        environment[layout.facts[name]] = value
    value = evaluate(environment)
    return ERROR if value is None else value


def _type_of(value: Any) -> Type:
    match value:
        case bool():
            return BOOLEAN
        case int():
            return INTEGER
        case float():
            return NUMBER
        case str():
            return STRING
        case tuple():
            return list_of(_type_of(value[0]) if value else STRING)
        case datetime():
            return DATETIME
    return DURATION


def _compared(test: CelTest, found: Any) -> Outcome:
    refused = isinstance(found, tuple) and found[:1] == (REFUSED,)
    if test.expected == ERROR and (found == ERROR or refused):
        return passes(test.name)
    if refused:
        return fails(test.name, f"refused: {found[1]}")
    if _same(test.expected, found):
        return passes(test.name)
    return fails(test.name, f"{_worded(found)}, not {_worded(test.expected)}")


def _same(wanted: Any, found: Any) -> bool:
    if isinstance(wanted, tuple) and isinstance(found, tuple):
        return len(wanted) == len(found) and all(map(_same, wanted, found))
    if isinstance(wanted, float) and isinstance(found, float) and math.isnan(wanted):
        return math.isnan(found)
    return type(wanted) is type(found) and bool(wanted == found)


def _worded(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str() if value == ERROR:
            return "unknown"
    return str(value)
