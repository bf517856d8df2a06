"""Tocsin's evaluator and the two oracles with one signature: they take text and facts and give true, false or None.

None stands for an error and for unknown.
"""

from __future__ import annotations

import logging
import math
import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import cel
from celpy import Environment
from celpy.adapter import json_to_cel
from celpy.celparser import CELParseError
from celpy.celtypes import BoolType, DoubleType
from celpy.evaluation import CELEvalError

from schemas.vocabulary import Vocabulary
from service.engine.expressions.closures import compile_condition, compile_expression
from service.engine.expressions.layout import Layout
from service.language.collector import Collector
from service.language.conditions.check import check_condition, check_expression
from service.language.conditions.scope import Scope
from service.language.place import NOWHERE
from tests.oracles.texts import CEL_PYTHON, COMMON

_limit = sys.getrecursionlimit()
_PARSER = Environment()  # it raises the interpreter's recursion limit
sys.setrecursionlimit(_limit)
# Its own writes the whole expression, and fails where that has an empty list.
CELEvalError.__repr__ = Exception.__repr__  # type: ignore[method-assign]
logging.getLogger("cel").setLevel(logging.CRITICAL)
Judge = Callable[[dict[str, Any]], Any]
_ERRORS = (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError)


def tocsin(text: str, facts: Mapping[str, Any], as_of: datetime, known: Vocabulary) -> bool | None:
    """The reference evaluator's result for a condition, which must be valid."""
    collector = Collector()
    node = check_condition(text, Scope(known.facts), collector.at(NOWHERE))
    assert node is not None, f"{text}: {collector.problems}"
    layout = Layout.of(known.facts, ())
    evaluate = compile_condition(node, layout)
    result = evaluate(_environment(layout, facts, as_of))
    assert result is None or isinstance(result, bool)
    return result


def tocsin_expression(
    text: str, facts: Mapping[str, Any], as_of: datetime, known: Vocabulary
) -> Any:
    """The value of any expression, also of a constant one; "refused" if it has errors."""
    node = check_expression(text, Scope(known.facts), Collector().at(NOWHERE))
    if node is None:
        return "refused"
    layout = Layout.of(known.facts, ())
    evaluate = compile_expression(node, layout)
    return evaluate(_environment(layout, facts, as_of))


def _environment(layout: Layout, facts: Mapping[str, Any], as_of: datetime) -> list[Any]:
    environment = layout.new_environment(as_of)
    for name, value in facts.items():
        environment[layout.facts[name]] = value
    return environment


def nested(facts: Mapping[str, Any], as_of: datetime, groups: set[str]) -> dict[str, Any]:
    """The known facts as plain CEL reads them: a map for each group, also for an empty one."""
    variables: dict[str, Any] = {group: {} for group in groups}
    for name, value in facts.items():
        group, leaf = name.split(".")
        variables[group][leaf] = list(value) if isinstance(value, tuple) else value
    return {**variables, "as_of": as_of}


def judged(oracle: str, text: str, variables: dict[str, Any]) -> Any:
    """An oracle's result; None for any error."""
    return compiled(oracle, text)(variables)


def compiled(oracle: str, text: str) -> Judge:
    """An oracle that has read a text and can judge several incidents by it."""
    return {CEL_PYTHON: _cel_python, COMMON: _common}[oracle](text)


def _cel_python(text: str) -> Judge:
    try:
        program = _PARSER.program(_PARSER.compile(text), functions=_FUNCTIONS)
    except CELParseError:
        return _error

    def judge(variables: dict[str, Any]) -> Any:
        try:
            result = program.evaluate({n: json_to_cel(value) for n, value in variables.items()})
        except (CELEvalError, CELParseError):
            return None
        return bool(result) if isinstance(result, BoolType) else result

    return judge


def _error(variables: dict[str, Any]) -> None:
    return None


def _finite_or_error(value: Any) -> Any:
    return value if math.isfinite(value) else CELEvalError("not finite")


def _root_or_error(value: Any) -> Any:
    return DoubleType(math.sqrt(value)) if value >= 0 else CELEvalError("no root")


_FUNCTIONS = {"finite": _finite_or_error, "root": _root_or_error}


def _common(text: str) -> Judge:
    try:
        program = cel.compile(text)
    except _ERRORS:
        return _error

    def judge(variables: dict[str, Any]) -> Any:
        try:
            return program.execute({"finite": _finite, "root": math.sqrt, **variables})
        except _ERRORS:
            return None

    return judge


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError(value)
    return value
