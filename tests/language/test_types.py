"""Which types each operator and function takes, and the type of its result: a table of conditions and their problems."""

from __future__ import annotations

from functools import cache

import pytest

from service.language.collector import Collector
from service.language.conditions.check import check_condition, check_expression
from service.language.conditions.scope import Scope
from service.language.place import NOWHERE
from tests.packs import HARBOUR, loaded

N, W, S, E = "wind.speed", "ships.inside", "ships.flagship", "wind.from"
B, D, T, NAMES, FLAGS = "gate.closed", "watch.shift", "watch.started", "ships.names", "ships.flags"
WELL, MISMATCH, ARGUMENTS, NOT_BOOLEAN = "", "type-mismatch", "wrong-arguments", "not-boolean"

COMPARED = [
    *(
        (f"{fact} {operator} {fact}", WELL)
        for fact in (N, W, S, B, D, T)
        for operator in ("<", ">=")
    ),
    *((f"{fact} {operator} {fact}", MISMATCH) for fact in (E, NAMES) for operator in ("<", ">=")),
    *((f"{f} {o} {f}", WELL) for f in (N, W, S, E, B, D, T, NAMES, FLAGS) for o in ("==", "!=")),
    (f"{W} == {N}", WELL),
    (f"{W} >= 1.5", WELL),
    (f"{N} < 2", WELL),
    (f'{S} == "a"', WELL),
    (f'{S} < "a"', WELL),
    (f"{S} == {E}", WELL),
    (f'{E} == "sea"', WELL),
    (f'"sea" == {E}', WELL),
    (f'"lake" != {E}', "unknown-value"),
    (f'{E} == "Sea"', "unknown-value"),
    ('alert == "sea"', "unknown-value"),
    (f"{E} == alert", MISMATCH),
    (f"{E} < {S}", MISMATCH),
    (f"{S} < {E}", MISMATCH),
    (f'{W} == "1"', MISMATCH),
    (f"{S} == 1", MISMATCH),
    (f"{B} == 1", MISMATCH),
    (f"{B} == true", WELL),
    (f'{B} == "true"', MISMATCH),
    (f"{T} > {D}", MISMATCH),
    (f'{T} > "2026-01-01T00:00:00Z"', MISMATCH),
    (f'{T} > timestamp("2026-01-01T00:00:00Z")', WELL),
    (f"{T} < as_of", WELL),
    (f'{D} > "4h"', MISMATCH),
    (f'{D} > duration("4h")', WELL),
    (f"{D} > 4", MISMATCH),
    (f'{NAMES} == "a"', MISMATCH),
    (f'{NAMES} == ["a", "b"]', WELL),
    (f"{NAMES} == {FLAGS}", MISMATCH),
    *((f"{names} == []", WELL) for names in (NAMES, FLAGS, "actions", f"({NAMES} + [])")),
    (f"[] != {NAMES}", WELL),
    (f"[[], {NAMES}] != [[]]", WELL),
    (f"{NAMES} < []", MISMATCH),
    (f"{S} == []", MISMATCH),
    (f"{B} < 1", MISMATCH),
    ('load >= 3 && provisional && crew == "night"', WELL),
    ("load == crew", MISMATCH),
]
MEMBERS = [
    (f"{W} in [1, 2]", WELL),
    (f"{W} in [1, 2.5]", WELL),
    (f"{N} in [1, 2]", WELL),
    (f'{S} in ["a"]', WELL),
    (f'{E} in ["sea", "land"]', WELL),
    (f'{E} in ["sea", "lake"]', "unknown-value"),
    (f'"pa" in {FLAGS}', WELL),
    (f'"fr" in {FLAGS}', "unknown-value"),
    (f'"Endeavour" in {NAMES}', WELL),
    (f"{S} in {NAMES}", WELL),
    (f"{S} in {FLAGS}", WELL),
    ('"CALL_CREW" in actions', WELL),
    ('"CALL_CREWS" in actions', "unknown-value"),
    (f'{W} in ["1"]', MISMATCH),
    (f"{W} in {NAMES}", MISMATCH),
    (f"{B} in {NAMES}", MISMATCH),
    (f'"a" in {S}', MISMATCH),
    (f"{W} in {W}", MISMATCH),
    (f'{S} in ["a", 1]', MISMATCH),
    (f"{W} in [1, [2]]", MISMATCH),
    *((f"{thing} in []", "empty-list") for thing in (S, W, E, B, NAMES)),
    (f"[] in [{NAMES}]", WELL),
    (f"[] in {NAMES}", MISMATCH),
]
COMPUTED = [
    *((f"{W} {operator} 2 > 1", WELL) for operator in "+-*%"),
    *((f"{N} {operator} 2.5 > 1.0", WELL) for operator in "+-*/"),
    *((f"{N} {operator} {W} > 1", WELL) for operator in "+-*/"),
    (f"{W} / 2 > 1", "integer-division"),
    (f"{W} / 2.0 > 1", WELL),
    (f"{W} / 0 > 1", "division-by-zero"),
    *((f"{none} > 1", "division-by-zero") for none in (f"{W} % 0", f"{N} / 0", f"{N} / 0.0")),
    (f"0 / {W} > 1", "integer-division"),
    (f"{N} % 2.0 > 1.0", MISMATCH),
    (f"{W} % 2.0 > 1.0", MISMATCH),
    (f'{S} + "a" == "ba"', WELL),
    (f'{E} + "!" == "sea!"', WELL),
    (f"{S} + 1 == 2", MISMATCH),
    (f'{S} - "a" == "b"', MISMATCH),
    (f'{S} * 2 == "bb"', MISMATCH),
    (f"{B} + {B} > 1", MISMATCH),
    (f'"a" in {NAMES} + ["a"]', WELL),
    (f'"a" in {NAMES} + "a"', MISMATCH),
    (f'"a" in [] + {NAMES} + []', WELL),
    (f'"a" in [] + [] + {NAMES}', WELL),
    (f"{T} + {D} > as_of", WELL),
    (f"{D} + {T} > as_of", WELL),
    (f"{D} + {D} > {D}", WELL),
    (f"{T} + {T} > as_of", MISMATCH),
    (f"as_of - {T} > {D}", WELL),
    (f"as_of - {D} > {T}", WELL),
    (f"{D} - {D} < {D}", WELL),
    (f"{D} - {T} < {D}", MISMATCH),
    *((f"{D} {operator} 2 > {D}", MISMATCH) for operator in "+*/"),
    (f"-{W} < -1", WELL),
    (f"-{N} < -1.5", WELL),
    (f"-{S} == {S}", MISMATCH),
    (f"-{B}", MISMATCH),
    (f"-{D} < {D}", MISMATCH),
    (f"{W} >= 9223372036854775807", WELL),
    (f"{W} >= -9223372036854775808 + 1", WELL),
    (f"{W} >= 9223372036854775808", "number-range"),
]
JOINED = [
    (B, WELL),
    (f"!{B}", WELL),
    (f"{B} && {W} > 1 || !provisional", WELL),
    (f"!{W}", NOT_BOOLEAN),
    (f"{B} && {W}", NOT_BOOLEAN),
    (f"{S} || {B}", NOT_BOOLEAN),
    (W, NOT_BOOLEAN),
    *((text, NOT_BOOLEAN) for text in (f"{W} + 1", NAMES, "as_of", "alert")),
    (f"{B} ? {W} > 1 : {N} > 2", WELL),
    (f"({B} ? {W} : {N}) > 2", WELL),
    (f'({B} ? {S} : "none") == "a"', WELL),
    (f'({B} ? {E} : {S}) == "anything"', WELL),
    (f"({B} ? {W} : {S}) == 1", MISMATCH),
    (f"({B} ? {NAMES} : []) == ({B} ? [] : [])", WELL),
    (f"({B} ? {T} : {D}) == {T}", MISMATCH),
    (f"{W} ? {B} : {B}", NOT_BOOLEAN),
    (f"{B} ? {W} : {W}", NOT_BOOLEAN),
    ("true", "constant-condition"),
    ("1 < 2", "constant-condition"),
    (f"{B} && true", "constant-condition"),
    (f"!(1 > 2) || {B}", "constant-condition"),
    ('size("abc") == 3', "constant-condition"),
]
CALLED = [
    *((f"has({fact})", WELL) for fact in (N, W, S, E, B, D, T, NAMES, FLAGS)),
    ("has(wind.force)", WELL),
    *((f"has({name})", "unknown-fact") for name in ("wind.sped", "wind")),
    *((f"has({other})", MISMATCH) for other in ("alert", "as_of", f"{W} + 1", '"a"')),
    (f"has({W}, {N})", "unknown-function"),
    *((f"size({thing}) > 1", WELL) for thing in (S, E, NAMES, FLAGS, "actions")),
    *((f"{thing}.size() > 1", WELL) for thing in (S, NAMES)),
    *((f"size({thing}) > 1", ARGUMENTS) for thing in (W, N, B, D, T)),
    (f"size({S}, {S}) > 1", ARGUMENTS),
    ("size() > 1", ARGUMENTS),
    *((f'{S}.{method}("a")', WELL) for method in ("contains", "startsWith", "endsWith", "matches")),
    *((f'{E}.{method}("a")', WELL) for method in ("contains", "startsWith", "endsWith", "matches")),
    *((f'{thing}.contains("a")', ARGUMENTS) for thing in (W, B, T, NAMES)),
    (f"{S}.contains(1)", ARGUMENTS),
    (f"{S}.contains({S})", WELL),
    (f'{S}.contains("a", "b")', ARGUMENTS),
    (f"{S}.matches({S})", ARGUMENTS),
    (f'{S}.matches("[")', "bad-pattern"),
    (f'{S}.matches("(?=a)")', "bad-pattern"),
    (f'contains({S}, "a")', "unknown-function"),
    (f'{S}.lower() == "a"', "unknown-function"),
    (f"now() > {T}", "unknown-function"),
    (f"hours({D}) > 1", WELL),
    (f"days(as_of - {T}) > 1.5", WELL),
    (f"hours({T}) > 1", ARGUMENTS),
    (f"hours({W}) > 1", ARGUMENTS),
    (f"{D}.hours() > 1", "unknown-function"),
    (f"math.sqrt({W}) > 1.5", WELL),
    ("math.sqrt(ships.inside) > 1.5", WELL),
    (f"math.greatest({W}, 1, ships.inside) > 3", WELL),
    ("math.least(ships.inside, 4) == 4", WELL),
    (f"math.greatest({W}) > 3", WELL),
    (f"math.least({N}) > 3", WELL),
    ("math.greatest() > 3", ARGUMENTS),
    (f"math.greatest([{W}]) > 3", ARGUMENTS),
    (f"math.greatest({W}, {S}) > 3", ARGUMENTS),
    (f"math.sqrt({S}) > 1.0", ARGUMENTS),
    (f"math.sqrt({W}, {W}) > 1.0", ARGUMENTS),
    (f"math.round({W}) > 1.0", "unknown-function"),
    (f"sqrt({W}) > 1.0", "unknown-function"),
    ('at_least(alert, "gale")', WELL),
    (f'at_least({E}, "sea")', WELL),
    ('at_least(alert, "red")', "unknown-value"),
    (f'at_least({S}, "a")', ARGUMENTS),
    (f"at_least({W}, 3)", ARGUMENTS),
    (f"at_least(alert, {S})", ARGUMENTS),
    (f'{T} > timestamp("2026-01-01")', ARGUMENTS),
    (f'{T} > timestamp("2026-02-30T00:00:00Z")', ARGUMENTS),
    (f"{T} > timestamp({S})", ARGUMENTS),
    (f'{D} > duration("3d")', ARGUMENTS),
    (f"{D} > duration(4)", ARGUMENTS),
    (f'{D} > duration("0")', WELL),
    (f"size({NAMES}) > size([]) && {W} > [].size()", WELL),
]
QUANTIFIED = [
    (f'{NAMES}.exists(x, x == "a")', WELL),
    (f'{NAMES}.all(x, x.startsWith("a"))', WELL),
    (f'{FLAGS}.exists(x, x == "pa")', WELL),
    (f'{FLAGS}.exists(x, x == "fr")', "unknown-value"),
    (f"{NAMES}.exists(x, {FLAGS}.exists(y, x == y))", WELL),
    (f"{NAMES}.exists(x, size(x) > {W})", WELL),
    ('actions.exists(a, a == "CALL_CREW")', WELL),
    (f"[1, 2].exists(x, x == {W})", WELL),
    (f"[].exists(x, x == {W}) == {B}", WELL),
    (f'[].all(x, x.all(y, -y > "a")) == {B}', WELL),
    (f"[].all(x, x == {W})", "constant-condition"),
    (f"[].all(x, y) == {B}", "unknown-name"),
    (f"[].all(x, x + 1) == {B}", WELL),
    (f"[].all(x, size(x)) == {B}", WELL),
    (f"[].all(x, 1) == {B}", NOT_BOOLEAN),
    (f"{NAMES}.exists(x, x > 1)", MISMATCH),
    (f"{NAMES}.exists(x, x)", NOT_BOOLEAN),
    (f'{S}.exists(x, x == "a")', MISMATCH),
    (f"{W}.all(x, x == 1)", MISMATCH),
    (f"{NAMES}.exists(as_of, {B})", "variable-name"),
    (f"{NAMES}.exists(load, {B})", "variable-name"),
    (f"{NAMES}.exists(x, {NAMES}.exists(x, {B}))", "variable-name"),
    (f'{NAMES}.exists(x, y == "a")', "unknown-name"),
    (f'{NAMES}.exists(x, x == "a") && x == "a"', "unknown-name"),
]
TABLE = [*COMPARED, *MEMBERS, *COMPUTED, *JOINED, *CALLED, *QUANTIFIED]


@cache
def scope() -> Scope:
    pack = loaded(HARBOUR)
    derived = {item.fact.name: item.fact for item in pack.derived}
    return Scope({**pack.vocabulary.facts, **derived}, pack.outputs)


def codes(collector: Collector) -> str:
    return " ".join(problem.code for problem in collector.problems)


@pytest.mark.parametrize(("text", "problem"), TABLE, ids=[text for text, _ in TABLE])
def test_a_condition_has_this_problem_and_no_other(text: str, problem: str) -> None:
    collector = Collector()
    node = check_condition(text, scope(), collector.at(NOWHERE))
    assert codes(collector) == problem
    assert (node is None) == collector.has_errors()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (f"{W} + 1", "integer"),
        (f"{W} + 1.0", "number"),
        (f"{W} / 2", "integer"),
        (f"{W} / 2.0", "number"),
        (f"as_of - {T}", "duration"),
        (f"{T} + {D}", "datetime"),
        (f"hours({D})", "number"),
        (f"size({S})", "integer"),
        (f"{E} + {S}", "string"),
        (f"{B} ? {W} : {N}", "number"),
        (f'{B} ? {E} : "x"', "string"),
        (f"{B} ? {E} : {E}", "enum"),
        ("[1, 2.5]", "list of number"),
        (f"[{E}]", "list of string"),
        (f"has({W})", "boolean"),
        ("actions", "list of enum"),
    ],
)
def test_an_expression_has_this_type(text: str, kind: str) -> None:
    node = check_expression(text, scope(), Collector().at(NOWHERE))
    assert node is not None
    assert str(node.type) == kind


def test_a_wrong_part_is_reported_once_even_if_other_parts_contain_it() -> None:
    text = f"!(-({S} * 2) + 1 > 3 && size({S} * 2) in [1])"
    collector = Collector()
    check_condition(text, scope(), collector.at(NOWHERE))
    assert codes(collector) == "type-mismatch type-mismatch"
